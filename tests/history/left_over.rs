//! A run that fails in part: a clear record of it, the rest applied, and what is left in the next plan.

use iasql::engine::{Kind, State};

use crate::engine::World;

const ROWS: &str = "insert into ec2.vpc (name, cidr_block) values ('shop', '10.0.0.0/16');
    insert into ec2.subnet (name, vpc, cidr_block) values ('front', 'shop', '10.0.1.0/24');
    insert into ec2.route_table (name, vpc) values ('ways', 'shop');
    insert into ec2.route_table_association (subnet, route_table) values ('front', 'ways')";

#[tokio::test]
async fn a_run_that_fails_in_part_leaves_a_clear_record_and_the_next_plan_shows_what_is_left() {
    let mut world = World::with(&["ec2"]).await;
    world.sql(ROWS).await;
    world.account.calls.refuse(&["CreateSubnet"]);
    let outcome = world.run(Kind::Check).await;
    world.account.calls.refuse(&[]);
    assert_eq!((outcome.state, outcome.applied, outcome.failed), (State::Failed, 2, 1), "{outcome:#?}");
    let run =
        "select concat_ws(' ', kind, state, applied, failed, (ended_at is not null)::text) from iasql.run order by started_at desc limit 1";
    assert_eq!(world.ask(run).await, ["check failed 2 1 true"]);
    let said = world.ask("select said from iasql.run order by started_at desc limit 1").await.remove(0);
    assert!(said.starts_with("2 changes made, 2 steps left; ec2.subnet front (us-east-1): CreateSubnet: "), "{said}");
    // what failed with its reason, what was done, and nothing of what could not be begun
    let changes = "select distinct concat_ws(' ', c.action, c.resource, c.name, c.state, case when c.error like '%not for you%' then 'said' end) from iasql.change c order by 1";
    assert_eq!(
        world.ask(changes).await,
        ["create ec2.route_table ways done", "create ec2.subnet front failed said", "create ec2.vpc shop done"]
    );
    let plan = ["+ ec2.route_table_association front (us-east-1)", "+ ec2.subnet front (us-east-1)", "Plan: 2 to create."];
    assert_eq!(world.diff().await, plan);
    world.run(Kind::Refresh).await;
    assert_eq!(world.diff().await, plan);
    assert_eq!(world.check().await, ["CreateSubnet", "AssociateRouteTable"]);
    assert_eq!(
        world.ask("select distinct concat_ws(' ', kind, state, applied) from iasql.run where applied > 0 and state = 'done'").await,
        ["check done 2"]
    );
}

#[tokio::test]
async fn a_run_that_was_refused_says_so_and_changes_nothing() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('a', '10.0.0.0/16'), ('b', '10.1.0.0/16')").await;
    world.check().await;
    world.sql("select iasql.set('max_deletes', '1'); delete from ec2.vpc").await;
    let plan = world.diff().await;
    assert_eq!(world.run(Kind::Check).await.state, State::Refused);
    let run = "select concat_ws(' ', state, applied, said) from iasql.run order by started_at desc limit 1";
    let said = world.ask(run).await.remove(0);
    assert!(said.starts_with("refused 0 refused; ") && said.contains("max_deletes"), "{said}");
    assert_eq!(
        world.ask("select count(*)::text from iasql.change where run = (select id from iasql.run order by started_at desc limit 1)").await,
        ["0"]
    );
    assert_eq!(world.diff().await, plan);
}
