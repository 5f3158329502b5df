//! All rows back as they were, or none.

use iasql::engine::{Kind, State};

use super::now;
use crate::engine::World;

/// A network with a machine in it.
const SHOP: &str = include_str!("shop.sql");
/// Renamed, deleted, and inserted again under the same names.
const CHANGED: &str = include_str!("changed.sql");

const ROWS: &str = "select x::text from (
    select to_jsonb(v.*) - 'vpc_id' as x from ec2.vpc v union all select to_jsonb(s.*) - 'subnet_id' from ec2.subnet s
    union all select to_jsonb(g.*) - 'group_id' from ec2.security_group g
    union all select to_jsonb(i.*) - '{instance_id,state,private_ip_address,public_ip_address}'::text[] from ec2.instance i
    union all select to_jsonb(l.*) from ec2.instance_security_group l) a order by 1";

#[tokio::test]
async fn a_revert_is_looked_at_before_it_is_committed_and_the_cloud_follows() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('shop', '10.0.0.0/16'), ('old', '10.3.0.0/16')").await;
    world.check().await;
    let (then, rows) = (now(&mut world).await, world.ask("select to_jsonb(v.*)::text from ec2.vpc v order by name").await);
    world.sql("update ec2.vpc set name = 'store' where name = 'shop'; delete from ec2.vpc where name = 'old'; insert into ec2.vpc (name, cidr_block) values ('new', '10.4.0.0/16')").await;
    world.check().await;
    let looked = world
        .ask(&format!("select concat_ws(' ', operation, resource, name, changed ->> 'name') from iasql.revert_diff('{then}') order by 1"))
        .await;
    assert_eq!(looked, ["delete ec2.vpc new", "insert ec2.vpc old", "update ec2.vpc shop [\"store\", \"shop\"]"]);
    world.sql(&format!("begin; call iasql.revert_to('{then}')")).await;
    let plan = [
        "- ec2.vpc new (us-east-1)",
        "+ ec2.vpc old (us-east-1)",
        "~ ec2.vpc shop (us-east-1)",
        "      name: store -> shop",
        "Plan: 1 to create, 1 to update, 1 to delete.",
    ];
    assert_eq!(world.diff().await, plan);
    world.sql("commit").await;
    let mut changes = world.check().await;
    changes.sort();
    assert_eq!(changes, ["CreateTags", "CreateVpc", "DeleteVpc"]);
    let is = world.ask("select to_jsonb(v.*)::text from ec2.vpc v order by name").await;
    // all but the id of the one that was made again
    assert_eq!((is.len(), &is[1]), (2, &rows[1]));
    assert_eq!(
        world.ask("select (v.row_id)::text from ec2.vpc v order by name").await,
        world.ask(&format!("select row_id::text from iasql.as_of(null::ec2.vpc, '{then}') order by name")).await
    );
    assert_eq!(world.ask("select distinct starts_with(message, 'reverted to ')::text from iasql.history where transaction = (select max(transaction) from iasql.history)").await, ["true"]);
}

#[tokio::test]
async fn renamed_deleted_and_inserted_again_under_a_name_that_is_taken_all_rows_come_back() {
    let mut world = World::with(&["ec2"]).await;
    world.sql(SHOP).await;
    let (then, rows) = (now(&mut world).await, world.ask(ROWS).await);
    world.sql(CHANGED).await;
    let changed = world.ask(ROWS).await;
    let end = now(&mut world).await;
    world.sql(&format!("call iasql.revert_to('{then}')")).await;
    assert_eq!(world.ask(ROWS).await, rows);
    world.sql(&format!("call iasql.revert_to('{end}')")).await;
    assert_eq!(world.ask(ROWS).await, changed);
}

#[tokio::test]
async fn what_is_lost_is_named_and_nothing_is_put_back_unless_it_may_be_left() {
    let mut world = World::with(&["secretsmanager"]).await;
    world
        .sql("insert into secretsmanager.secret (name, value) values ('kept', 'a'), ('written', 'b'), ('gone', 'c'), ('none', null)")
        .await;
    let then = now(&mut world).await;
    world.sql("update secretsmanager.secret set description = 'x' where name = 'kept'; update secretsmanager.secret set value = 'hunter2' where name in ('written', 'none'); delete from secretsmanager.secret where name = 'gone'").await;
    let rows =
        "select name || ' ' || coalesce(value, 'null') || ' ' || coalesce(description, 'null') from secretsmanager.secret order by name";
    let before = world.ask(rows).await;
    let said = world.refusal(&format!("call iasql.revert_to('{then}')")).await;
    assert!(said.contains("not all of it can be put back as it was at"), "{said}");
    assert_eq!(world.ask(rows).await, before);
    let lost = world
        .ask(&format!(
            "select concat_ws(' ', operation, name, changed::text) || ': ' || lost from iasql.revert_diff('{then}') where lost is not null"
        ))
        .await;
    assert_eq!(
        lost,
        [
            "insert gone: the value that value had then was kept nowhere",
            "update written {\"value\": [\"***\", \"***\"]}: the value that value had then was kept nowhere"
        ]
    );
    world.sql(&format!("call iasql.revert_to('{then}', leave_what_is_lost => true)")).await;
    let now = world.ask(rows).await;
    assert_eq!([&now[0], &now[2]], ["gone null null", "none null null"]);
    // what is sealed stays as it was
    let x_is_gone = before[0].strip_suffix(" x").expect("a description");
    assert_eq!(now[1], format!("{x_is_gone} null"));
    assert_eq!(now[3], before[2]);
}

#[tokio::test]
async fn a_row_that_a_rule_refuses_is_named_and_nothing_is_put_back() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('shop', '10.0.0.0/16')").await;
    let then = now(&mut world).await;
    world.sql("update ec2.vpc set cidr_block = '10.0.0.0/20', name = 'other'").await;
    let rule = "alter table ec2.vpc add constraint networks_are_small_by_now check (masklen(cidr_block) >= 20)";
    sqlx::raw_sql(rule).execute(&world.owner).await.unwrap();
    let said = world.refusal(&format!("call iasql.revert_to('{then}')")).await;
    assert!(said.contains("the tables can't be put back as they were at"), "{said}");
    assert_eq!(world.ask("select name from ec2.vpc").await, ["other"]);
    for never in ["2020-01-01", "2920-01-01"] {
        let said = world.refusal(&format!("call iasql.revert_to('{never}')")).await;
        assert!(said.contains("nothing is known of the tables at"), "{said}");
    }
}

#[tokio::test]
async fn a_revert_is_guarded_like_any_other_change_of_rows() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('first', '10.0.0.0/16')").await;
    let then = now(&mut world).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('a', '10.1.0.0/16'), ('b', '10.2.0.0/16')").await;
    world.check().await;
    world.sql("select iasql.set('max_deletes', '1')").await;
    world.sql(&format!("call iasql.revert_to('{then}')")).await;
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, world.account.calls.take_changes()), (State::Refused, vec![]));
}

#[tokio::test]
async fn what_is_only_referred_to_comes_back_with_its_id() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block, vpc_id, reference_only) values ('theirs', '10.0.0.0/16', 'vpc-0123', true)").await;
    let then = now(&mut world).await;
    world.sql("delete from ec2.vpc").await;
    world.sql(&format!("call iasql.revert_to('{then}')")).await;
    assert_eq!(world.ask("select vpc_id from ec2.vpc where reference_only").await, ["vpc-0123"]);
}
