//! Drift: what was changed in the cloud past the tables, since when, and how it ended.

use aws_sdk_ec2::types::{Tag, builders::TagBuilder};
use iasql::engine::{Kind, State};
use sqlx::postgres::PgListener;

use crate::{control::url_of, engine::World};

/// All drift there was, as text.
const DRIFT: &str = "select concat_ws(' ', resource, name, what, changed::text, coalesce(regexp_replace(ended_how, 'run .*', 'run'), 'open')) from iasql.drift order by first_seen_at, name";

async fn shop() -> World {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block, tags) values ('shop', '10.0.0.0/16', '{\"team\": \"shop\"}'), ('spare', '10.1.0.0/16', '{}')").await;
    world.check().await;
    world
}

async fn id(world: &mut World, name: &str) -> String {
    world.ask(&format!("select vpc_id from ec2.vpc where name = '{name}'")).await.remove(0)
}

fn tag(key: &str, value: &str) -> Tag {
    TagBuilder::default().key(key).value(value).build()
}

async fn retag(world: &mut World, name: &str, value: &str) {
    let id = id(world, name).await;
    world.outside().await.ec2().create_tags().resources(id).tags(tag("team", value)).send().await.unwrap();
}

#[tokio::test]
async fn what_was_changed_removed_or_made_outside_is_drift_from_when_it_was_first_seen_until_it_ends() {
    let mut world = shop().await;
    assert_eq!(world.ask(DRIFT).await, Vec::<String>::new(), "what users and the engine do is none");
    retag(&mut world, "shop", "theirs").await;
    let spare = id(&mut world, "spare").await;
    world.outside().await.ec2().delete_vpc().vpc_id(spare).send().await.unwrap();
    let made = world.outside().await.ec2().create_vpc().cidr_block("10.9.0.0/16").send().await.unwrap().vpc.unwrap().vpc_id.unwrap();
    world.run(Kind::Refresh).await;
    let changed = r#"ec2.vpc shop changed {"tags": [{"team": "theirs"}, {"team": "shop"}]} open"#.to_owned();
    let (gone, appeared) = ("ec2.vpc spare gone open".to_owned(), format!("ec2.vpc {made} appeared open"));
    let mut expected = vec![changed, gone, appeared];
    expected.sort();
    let mut found = world.ask(DRIFT).await;
    found.sort();
    assert_eq!(found, expected);
    // once each, and seen again
    let since = world.ask("select max(first_seen_at)::text from iasql.drift").await;
    world.run(Kind::Refresh).await;
    assert_eq!(world.ask("select count(*)::text from iasql.drift where last_seen_at > first_seen_at").await, ["3"]);
    assert_eq!(world.ask("select max(first_seen_at)::text from iasql.drift").await, since);
    world.outside().await.ec2().delete_vpc().vpc_id(&made).send().await.unwrap();
    assert_eq!(world.run(Kind::Check).await.state, State::Done);
    let ended = "select concat_ws(' ', what, regexp_replace(ended_how, 'run .*', 'run'), (last_seen_at <= ended_at)::text) from iasql.drift order by what";
    assert_eq!(
        world.ask(ended).await,
        ["appeared it is gone, or a row asks for it true", "changed put back by run true", "gone put back by run true"]
    );
    assert_eq!(world.run(Kind::Check).await.applied, 0);
    assert_eq!(world.ask("select count(*)::text from iasql.drift").await, ["3"]);
}

#[tokio::test]
async fn what_a_user_wants_is_no_drift_even_where_somebody_else_changed_the_same_thing() {
    let mut world = shop().await;
    // a column each
    world
        .sql("update ec2.vpc set name = 'store' where name = 'shop'; insert into ec2.vpc (name, cidr_block) values ('new', '10.2.0.0/16')")
        .await;
    retag(&mut world, "store", "theirs").await;
    world.run(Kind::Refresh).await;
    assert_eq!(world.ask(DRIFT).await, [r#"ec2.vpc store changed {"tags": [{"team": "theirs"}, {"team": "shop"}]} open"#]);
    // the tables follow
    world.sql("update ec2.vpc set tags = '{\"team\": \"theirs\"}' where name = 'store'").await;
    world.run(Kind::Refresh).await;
    assert_eq!(world.ask("select ended_how from iasql.drift").await, ["its row was changed"]);
    // a transaction that was open during a refresh is its user's own doing afterwards
    world.check().await;
    world.sql("begin; update ec2.vpc set tags = '{\"team\": \"late\"}' where name = 'store'").await;
    world.run(Kind::Refresh).await;
    world.sql("commit").await;
    world.run(Kind::Refresh).await;
    assert_eq!(world.ask("select count(*)::text from iasql.drift").await, ["1"]);
}

#[tokio::test]
async fn an_engine_that_dies_between_reading_and_noting_loses_no_drift() {
    let mut world = shop().await;
    retag(&mut world, "shop", "theirs").await;
    let noted = "select to_jsonb(n.*)::text from iasql.noted n";
    let before = world.ask(noted).await;
    // it reads the cloud, and can't note what that means
    let deny = "alter function iasql.note(bigint, uuid, jsonb, text, jsonb) rename to out_of_reach";
    sqlx::query(deny).execute(&world.owner).await.unwrap();
    world.broken(Kind::Refresh).await;
    assert_eq!(world.ask(noted).await, before);
    world.sql("update ec2.vpc set name = 'else' where name = 'spare'").await;
    let back = "alter function iasql.out_of_reach(bigint, uuid, jsonb, text, jsonb) rename to note";
    sqlx::query(back).execute(&world.owner).await.unwrap();
    world.run(Kind::Refresh).await;
    assert_eq!(world.ask(DRIFT).await, [r#"ec2.vpc shop changed {"tags": [{"team": "theirs"}, {"team": "shop"}]} open"#]);
}

#[tokio::test]
async fn the_engines_own_unfinished_work_is_no_drift() {
    let mut world = shop().await;
    let outside = world.outside().await;
    let subnet = "insert into ec2.subnet (name, vpc, cidr_block) values ('front', 'shop', '10.0.1.0/24')";
    world.sql(subnet).await;
    world.account.calls.refuse(&["CreateSubnet"]);
    assert_eq!(world.run(Kind::Check).await.state, State::Failed);
    world.account.calls.refuse(&[]);
    // somebody else looked in between
    world.run(Kind::Refresh).await;
    assert_eq!(world.ask(DRIFT).await, Vec::<String>::new());
    world.check().await;
    // what can't be seen is not gone
    world.account.calls.refuse(&["DescribeVpcs"]);
    world.run(Kind::Refresh).await;
    assert_eq!(world.ask(DRIFT).await, Vec::<String>::new());
    retag(&mut world, "shop", "theirs").await;
    world.account.calls.refuse(&[]);
    world.run(Kind::Refresh).await;
    world.account.calls.refuse(&["DescribeVpcs"]);
    world.run(Kind::Refresh).await;
    assert_eq!(world.ask("select what, ended_at from iasql.drift where ended_at is null").await, ["changed"]);
    drop(outside);
}

#[tokio::test]
async fn whoever_listens_in_the_database_is_told() {
    let mut world = shop().await;
    let mut listener = PgListener::connect(&url_of(world.database.name()).await).await.unwrap();
    listener.listen("iasql_drift").await.unwrap();
    retag(&mut world, "shop", "theirs").await;
    world.run(Kind::Refresh).await;
    let told: serde_json::Value = serde_json::from_str(&heard(&mut listener).await).unwrap();
    assert_eq!(told, serde_json::json!({ "resource": "ec2.vpc", "region": "us-east-1", "name": "shop", "what": "changed" }));
    // of many, a hundred and how many more
    sqlx::raw_sql("begin; insert into iasql.drifted (resource, name, what, run) select 'a.a', i::text, 'gone', gen_random_uuid() from generate_series(1, 150) i; select iasql.tell_drift(1); commit").execute(&world.owner).await.unwrap();
    let mut last = String::new();
    for _ in 0..101 {
        last = heard(&mut listener).await;
    }
    assert_eq!(last, r#"{"more": 50}"#);
}

/// What is said next; silence is told, and not waited for.
async fn heard(listener: &mut PgListener) -> String {
    let heard = tokio::time::timeout(std::time::Duration::from_secs(60), listener.recv()).await.expect("nothing was said");
    heard.expect("a connection").payload().to_owned()
}
