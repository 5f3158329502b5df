//! The blueprint through the whole loop: made, left alone, and taken down again.

use std::collections::BTreeMap;

use iasql::engine::{Kind, State};
use serde_json::Value;

use crate::engine::World;

/// Everything that was seen in the account, type by type, without what only we say about it.
async fn account(world: &mut World) -> BTreeMap<String, Vec<String>> {
    world.run(Kind::Refresh).await;
    let mut all = BTreeMap::new();
    for table in world.ask("select name from iasql.resource where part_of is null order by name").await {
        let seen = format!(
            "select (to_jsonb(o.*) - '{{id,row_id,managed,superseded,observed_at,made_at,owner}}'::text[])::text from observed.{} o order by 1",
            table.replace('.', "_")
        );
        all.insert(table, world.ask(&seen).await);
    }
    all
}

/// All rows of all types, those first that others do not refer to.
async fn delete_all(world: &mut World) {
    let tables = world.ask("select name from iasql.resource where part_of is null order by position desc").await;
    let deletes: Vec<_> = tables.iter().map(|table| format!("delete from {table};")).collect();
    world.sql(&format!("begin; select iasql.set('max_deletes_percent', '100'); {} commit;", deletes.concat())).await;
}

/// Checks until nothing is left: what waits for a certificate to be issued is tried again.
async fn carried_out(world: &mut World) {
    for _ in 0..10 {
        let outcome = world.run(Kind::Check).await;
        if outcome.state == State::Done {
            break;
        }
        assert_eq!(outcome.state, State::Waiting, "{:#?}", outcome.errors);
    }
    world.rests().await;
}

#[tokio::test]
async fn the_engines_own_infrastructure_is_made_in_order_and_taken_down_without_a_trace() {
    let mut world = World::whole(&["iasql_engine"]).await;
    let before = account(&mut world).await;
    world.sql(r#"select iasql_engine.blueprint('{"domain": "iasql.example.com"}')"#).await;
    carried_out(&mut world).await;
    let refused = world.account.calls.refused();
    assert!(refused.is_empty(), "while it was made: {refused:#?}");
    world.sql(r#"select iasql_engine.blueprint('{"domain": "iasql.example.com"}')"#).await;
    assert_eq!(world.diff().await, ["Nothing to do: the cloud is as the tables say."]);

    // the local cloud keeps the association of a subnet that is gone, where AWS removes it: so these go first
    world.sql("delete from ec2.route_table_association").await;
    carried_out(&mut world).await;
    delete_all(&mut world).await;
    carried_out(&mut world).await;
    let refused = world.account.calls.refused();
    assert!(refused.is_empty(), "while it was taken down: {refused:#?}");
    let after = account(&mut world).await;
    let gone: Vec<_> = before.iter().flat_map(|(table, seen)| seen.iter().filter(|it| !after[table].contains(it))).collect();
    assert!(gone.is_empty(), "what was there before is there no more, or is another: {gone:#?}");
    // the local cloud keeps what it made with a network that is gone, and RDS its own groups and the last snapshot: all of it the cloud's own
    let ours = |it: &&String| !it.contains(r#""implicit": true"#);
    let left: Vec<_> = after.iter().flat_map(|(table, seen)| seen.iter().filter(|it| !before[table].contains(it)).filter(ours)).collect();
    assert!(left.is_empty(), "{left:#?}");
}

#[tokio::test]
async fn a_blueprint_says_what_it_reads_and_refuses_the_rest() {
    let mut world = World::with(&["iasql_engine"]).await;
    let said = world.refusal(r#"select iasql_engine.blueprint('{"domian": "iasql.example.com"}')"#).await;
    assert!(said.contains("reads no domian"), "{said}");
    let said = world.refusal(r#"select iasql_engine.blueprint('{"name": "Iasql"}')"#).await;
    assert!(said.contains("the name Iasql can't be"), "{said}");
    assert_eq!(world.diff().await, ["Nothing to do: the cloud is as the tables say."]);
    let known: Value = serde_json::from_str(&world.ask("select iasql_engine.blueprint_parameters()::text").await[0]).expect("an object");
    assert!(known.get("domain").is_some());
}
