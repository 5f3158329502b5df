//! What the history says: who, when, why, and how the tables were.

use iasql::engine::Kind;
use sqlx::{Connection, PgConnection};

use super::{now, tree};
use crate::{control::url_of, engine::World};

const VPC: &str = "insert into ec2.vpc (name, cidr_block) values ('shop', '10.0.0.0/16')";

async fn network() -> World {
    World::with(&["ec2"]).await
}

#[tokio::test]
async fn every_change_of_a_transaction_has_its_reason_who_made_it_and_whose_row_it_was() {
    let mut world = network().await;
    world.sql(VPC).await;
    world.sql("begin; insert into ec2.security_group (name, vpc) values ('web', 'shop'); select iasql.because('moving to the new network'); insert into ec2.subnet (name, vpc, cidr_block) values ('front', 'shop', '10.0.1.0/24'); insert into ec2.instance (name, subnet, image_id, instance_type) values ('server', 'front', 'ami-1', 't3.micro'); insert into ec2.instance_security_group (instance, security_group) values ('server', 'web'); commit").await;
    world.sql("update ec2.instance set name = 'till'").await;
    world.sql("delete from ec2.instance").await;
    let told = "select concat_ws(' ', h.resource, h.operation, coalesce(h.message, '-'), case when h.who = session_user then 'me' end,
            (select i.became ->> 'name' from iasql.history i where i.row_id = h.row_id and i.operation = 'insert' and i.resource not like '%\\_security\\_group'))
        from iasql.history h join iasql.transaction t on t.id = h.transaction where t.committed_at >= h.at order by h.id";
    let expected = [
        "ec2.vpc insert - me shop",
        "ec2.security_group insert moving to the new network me",
        "ec2.subnet insert moving to the new network me front",
        "ec2.instance insert moving to the new network me server",
        "ec2.instance_security_group insert moving to the new network me server",
        "ec2.instance update - me server",
        // a list's rows go along with their owner, and stay its own
        "ec2.instance_security_group delete - me server",
        "ec2.instance_security_group insert - me server",
        "ec2.instance delete - me server",
        "ec2.instance_security_group delete - me server",
    ];
    let told = world.ask(told).await;
    let without_name: Vec<String> = told.iter().map(|line| line.replace("network me web", "network me")).collect();
    assert_eq!(without_name, expected);
}

#[tokio::test]
async fn what_the_engine_makes_rows_of_says_which_run_it_was() {
    let mut world = network().await;
    world.outside().await.ec2().create_vpc().cidr_block("10.9.0.0/16").send().await.unwrap();
    let outcome = world.run(Kind::Import).await;
    let said = world.ask("select distinct message from iasql.history").await;
    assert_eq!(said, [format!("imported by run {}", outcome.run)]);
    world.sql("update ec2.vpc set tags = '{\"team\": \"shop\"}'").await;
    assert_eq!(world.ask("select message from iasql.history order by id desc limit 1").await, [""]);
}

#[tokio::test]
async fn tables_are_shown_as_they_were_typed_and_as_objects_without_what_is_secret() {
    let mut world = World::with(&["secretsmanager"]).await;
    world.sql("insert into secretsmanager.secret (name, value) values ('one', 'hunter2'), ('none', null)").await;
    let then = now(&mut world).await;
    world.sql("update secretsmanager.secret set name = 'two', description = 'Changed' where name = 'one'").await;
    world.sql("delete from secretsmanager.secret where name = 'none'").await;
    let typed = format!(
        "select name || ' ' || coalesce(value, 'null') || ' ' || coalesce(description, 'null') from iasql.as_of(null::secretsmanager.secret, '{then}') order by 1"
    );
    assert_eq!(world.ask(&typed).await, ["none null null", "one *** null"]);
    assert_eq!(
        world.ask(&format!("select r ->> 'name' from iasql.as_of('secretsmanager.secret', '{then}') r order by 1")).await,
        ["none", "one"]
    );
    assert_eq!(world.ask("select name from iasql.as_of(null::secretsmanager.secret, now())").await, ["two"]);
    for nothing in ["'iasql.history'", "null::iasql.history", "null::int", "'nothing'"] {
        let said = world.refusal(&format!("select iasql.as_of({nothing}, now())")).await;
        assert!(said.contains("is no desired table"), "{said}");
    }
}

#[tokio::test]
async fn what_was_not_committed_at_a_time_is_not_shown_for_it() {
    let mut world = network().await;
    let mut other = PgConnection::connect(&url_of(world.database.name()).await).await.unwrap();
    sqlx::raw_sql("begin; insert into ec2.vpc (name, cidr_block) values ('slow', '10.7.0.0/16')").execute(&mut other).await.unwrap();
    world.sql(VPC).await;
    let then = now(&mut world).await;
    sqlx::raw_sql("insert into ec2.vpc (name, cidr_block) values ('slower', '10.8.0.0/16'); commit").execute(&mut other).await.unwrap();
    let names = |time: &str| format!("select name from iasql.as_of(null::ec2.vpc, {time}) order by 1");
    assert_eq!(world.ask(&names(&format!("'{then}'"))).await, ["shop"]);
    assert_eq!(world.ask(&names("clock_timestamp()")).await, ["shop", "slow", "slower"]);
    // neither are one's own
    world.sql("begin; update ec2.vpc set name = 'mine' where name = 'shop'; set constraints all immediate; update ec2.vpc set name = 'quick' where name = 'slow'").await;
    let before = now(&mut world).await;
    world.sql("delete from ec2.vpc where name = 'slower'; commit").await;
    assert_eq!(world.ask(&names("clock_timestamp()")).await, ["mine", "quick"]);
    assert_eq!(world.ask(&names(&format!("'{before}'"))).await, ["shop", "slow", "slower"]);
}

#[tokio::test]
async fn columns_that_came_later_have_their_defaults_in_the_past() {
    let mut world = World::with(&["secretsmanager"]).await;
    tree(&world).await;
    world.sql("insert into tree.node (name, note) values ('a', 'x'); insert into tree.leaf values ('l', 'a'); insert into tree.mark values ('a', 'l', 1)").await;
    let then = now(&mut world).await;
    sqlx::raw_sql(include_str!("later.sql")).execute(&world.owner).await.unwrap();
    let past = format!("select name || ' ' || size || ' ' || coalesce(shape, 'null') from iasql.as_of(null::tree.node, '{then}')");
    assert_eq!(world.ask(&past).await, ["a 7 null"]);
    assert_eq!(world.ask(&format!("select name from iasql.revert_diff('{then}')")).await, Vec::<String>::new());
    world.sql("update tree.node set size = 8, shape = 'round', name = 'b'; delete from tree.mark").await;
    let said = world.refusal(&format!("call iasql.revert_to('{then}')")).await;
    assert!(said.contains("not all of it can be put back"), "{said}");
    assert_eq!(
        world.ask(&format!("select lost from iasql.revert_diff('{then}') where lost is not null")).await,
        ["there is no column note any more"]
    );
    world.sql(&format!("call iasql.revert_to('{then}', leave_what_is_lost => true)")).await;
    assert_eq!(world.ask("select concat_ws(' ', name, size, shape, (select count(*) from tree.mark m where m.node = n.name and m.color = 'red')) from tree.node n").await, ["a 7 1"]);
}
