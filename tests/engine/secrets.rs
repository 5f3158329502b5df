//! Secrets: from rows to the cloud and back, without ever being read back.

use iasql::engine::{Kind, State};
use sqlx::{AssertSqlSafe, Row, postgres::PgDatabaseError};

use super::World;

const PLANTED: &str = "hunter2-planted";

async fn shop() -> World {
    let mut world = World::with(&["secretsmanager"]).await;
    world.sql(&format!("insert into secretsmanager.secret (name, value) values ('shop/database', '{PLANTED}')")).await;
    assert_eq!(world.check().await, ["CreateSecret"]);
    world
}

/// What whoever asks for the secret gets: the current version, which the local cloud only finds when it is told so.
async fn value(world: &World, name: &str) -> String {
    let answer = world.outside().await.secretsmanager().get_secret_value().secret_id(name).version_stage("AWSCURRENT").send().await;
    answer.unwrap().secret_string.unwrap()
}

async fn version(world: &mut World) -> String {
    world.ask("select value_version::text from secretsmanager.secret").await.remove(0)
}

/// Every table of ours, and every view for people, that holds this text.
async fn places(world: &mut World, text: &str) -> Vec<String> {
    let tables = "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('iasql', 'observed') and (c.relkind = 'r' or c.relname in ('plan', 'step', 'difference'))";
    let mut found = Vec::new();
    for table in world.ask(tables).await {
        let rows = sqlx::query(AssertSqlSafe(format!("select count(*) from {table} t where t::text like '%{text}%'")));
        let rows: i64 = rows.fetch_one(&world.owner).await.unwrap().get(0);
        found.extend((rows > 0).then_some(table));
    }
    found
}

#[tokio::test]
async fn a_secret_is_made_changed_and_deleted_with_a_call_each() {
    let mut world = shop().await;
    assert_eq!(value(&world, "shop/database").await, PLANTED);
    let first = version(&mut world).await;
    world.sql("update secretsmanager.secret set value = 'hunter3'").await;
    let second = version(&mut world).await;
    assert_ne!(first, second);
    assert_eq!(world.diff().await, ["~ secretsmanager.secret shop/database (us-east-1)", "      value: *** -> ***", "Plan: 1 to update."]);
    assert_eq!(world.check().await, ["UpdateSecret"]);
    assert_eq!(value(&world, "shop/database").await, "hunter3");
    let changes = [
        ("description = 'For the shop'", &["UpdateSecret"][..]),
        ("tags = '{\"team\": \"shop\"}'", &["TagResource"]),
        ("tags = '{}'", &["UntagResource"]),
        ("recovery_window_in_days = 7", &["TagResource"]),
        ("value = null", &[]),
        ("value = 'hunter4', description = 'Theirs'", &["UpdateSecret"]),
    ];
    for (change, calls) in changes {
        world.sql(&format!("update secretsmanager.secret set {change}")).await;
        assert_eq!(world.check().await, calls, "{change}");
    }
    world.sql("delete from secretsmanager.secret").await;
    assert_eq!(world.diff().await, ["- secretsmanager.secret shop/database (us-east-1)", "Plan: 1 to delete."]);
    assert_eq!(world.check().await, ["DeleteSecret"]);
}

#[tokio::test]
async fn the_version_of_each_write_travels_as_the_client_token() {
    let mut world = World::with(&["secretsmanager"]).await;
    world.sql("insert into secretsmanager.secret (name, value) values ('a', 'one')").await;
    for value in ["one", "two"] {
        world.sql(&format!("update secretsmanager.secret set value = '{value}'")).await;
        let version = version(&mut world).await;
        world.run(Kind::Check).await;
        let call = world.account.calls.take().into_iter().find(|call| call.is_change()).unwrap();
        assert!(call.body.contains(&format!(r#""ClientRequestToken":"{version}""#)), "{call:?}");
    }
    let before = version(&mut world).await;
    world.sql("update secretsmanager.secret set value = value, description = null").await;
    assert_eq!(version(&mut world).await, before, "what is left as it stands is no other value");
    world.rests().await;
}

#[tokio::test]
async fn a_value_written_by_somebody_else_is_seen_by_its_version_and_the_own_one_brought_back() {
    let mut world = shop().await;
    let aws = world.outside().await;
    aws.secretsmanager().put_secret_value().secret_id("shop/database").secret_string("theirs").send().await.unwrap();
    world.run(Kind::Refresh).await;
    assert_eq!(world.diff().await, ["~ secretsmanager.secret shop/database (us-east-1)", "      value: *** -> ***", "Plan: 1 to update."]);
    // AWS ignores a second write of a version that it still has
    assert_eq!(world.check().await, ["UpdateSecretVersionStage"]);
    assert_eq!(value(&world, "shop/database").await, PLANTED);
}

#[tokio::test]
async fn what_else_somebody_did_to_a_secret_is_seen_and_exactly_that_is_repaired() {
    let mut world = World::with(&["secretsmanager"]).await;
    world.sql("insert into secretsmanager.secret (name, description, value, tags) values ('a', 'ours', 'x', '{\"team\": \"shop\"}')").await;
    world.check().await;
    let aws = world.outside().await;
    aws.secretsmanager().update_secret().secret_id("a").description("theirs").send().await.unwrap();
    aws.secretsmanager().untag_resource().secret_id("a").tag_keys("team").send().await.unwrap();
    world.run(Kind::Refresh).await;
    assert_eq!(
        world.diff().await,
        [
            "~ secretsmanager.secret a (us-east-1)",
            "      description: theirs -> ours",
            r#"      tags: {} -> {"team": "shop"}"#,
            "Plan: 1 to update."
        ]
    );
    assert_eq!(world.check().await, ["UpdateSecret", "TagResource"]);
}

#[tokio::test]
async fn a_renamed_secret_is_a_replacement_that_the_plan_shows() {
    let mut world = shop().await;
    world.sql("update secretsmanager.secret set name = 'store/database'").await;
    assert!(world.diff().await[0].contains("BLOCKED: name cannot change in place; its data would be lost"));
    world.sql("select iasql.allow_replace('secretsmanager.secret', 'store/database')").await;
    let diff = world.diff().await;
    assert_eq!(
        diff[..2],
        [
            "-/+ secretsmanager.secret store/database (us-east-1)  # name cannot change in place",
            "      name: shop/database -> store/database"
        ]
    );
    let mut calls = world.check().await;
    calls.sort();
    assert_eq!(calls, ["CreateSecret", "DeleteSecret"]);
    assert_eq!(value(&world, "store/database").await, PLANTED);
}

#[tokio::test]
async fn a_secret_deleted_by_somebody_else_is_made_again_or_restored_while_that_can_be_done() {
    let mut world = shop().await;
    let aws = world.outside().await;
    aws.secretsmanager().delete_secret().secret_id("shop/database").force_delete_without_recovery(true).send().await.unwrap();
    world.run(Kind::Refresh).await;
    assert_eq!(world.diff().await, ["+ secretsmanager.secret shop/database (us-east-1)", "Plan: 1 to create."]);
    assert_eq!(world.check().await, ["CreateSecret"]);
    aws.secretsmanager().delete_secret().secret_id("shop/database").recovery_window_in_days(7).send().await.unwrap();
    assert_eq!(world.check().await, ["CreateSecret", "RestoreSecret"]);
    assert_eq!(value(&world, "shop/database").await, PLANTED);
}

#[tokio::test]
async fn a_secret_that_exists_is_taken_over_with_one_call_and_its_value_is_left_alone_where_none_is_asked_for() {
    let mut world = World::with(&["secretsmanager"]).await;
    let aws = world.outside().await;
    aws.secretsmanager().create_secret().name("found").secret_string("theirs").send().await.unwrap();
    world.run(Kind::Refresh).await;
    assert_eq!(world.diff().await[0], "? secretsmanager.secret found (us-east-1)  # no row asks for it");
    world.sql("insert into secretsmanager.secret (name) values ('found')").await;
    assert_eq!(world.diff().await[0], "= secretsmanager.secret found (us-east-1)");
    assert_eq!(world.check().await, ["TagResource"]);
    assert_eq!(value(&world, "found").await, "theirs");
    world.sql("update secretsmanager.secret set value = 'ours'").await;
    assert_eq!(world.check().await, ["UpdateSecret"]);
}

#[tokio::test]
async fn a_name_may_be_used_once_in_each_region() {
    let mut world = World::with(&["secretsmanager"]).await;
    world.sql("insert into secretsmanager.secret (region, name, value) values ('us-east-1', 'a', 'x'), ('eu-central-1', 'a', 'y')").await;
    assert_eq!(
        world.diff().await,
        ["+ secretsmanager.secret a (eu-central-1)", "+ secretsmanager.secret a (us-east-1)", "Plan: 2 to create."]
    );
    assert_eq!(world.check().await, ["CreateSecret", "CreateSecret"]);
    world.sql("delete from secretsmanager.secret where region = 'eu-central-1'").await;
    assert_eq!(world.run(Kind::Check).await.state, State::Done);
    let deleted = world.account.calls.take().into_iter().find(|call| call.is_change()).unwrap();
    assert_eq!((deleted.action.as_str(), deleted.region.as_str()), ("DeleteSecret", "eu-central-1"));
}

#[tokio::test]
async fn a_value_is_never_asked_for_and_shows_nowhere() {
    let mut world = World::with(&["secretsmanager"]).await;
    let mut said = Vec::new();
    let mut steps = vec![format!("insert into secretsmanager.secret (name, value) values ('a', '{PLANTED}')")];
    steps.push(format!("update secretsmanager.secret set value = '{PLANTED}2', description = 'x'"));
    steps.push("update secretsmanager.secret set name = 'b'; select iasql.allow_replace('secretsmanager.secret', 'b')".to_owned());
    steps.push("delete from secretsmanager.secret".to_owned());
    for step in steps {
        world.sql(&step).await;
        said.extend(world.diff().await);
        assert_eq!(places(&mut world, PLANTED).await, Vec::<String>::new(), "planned: {step}");
        for refused in [&["CreateSecret", "UpdateSecret", "DeleteSecret"][..], &[]] {
            world.account.calls.refuse(refused);
            said.push(format!("{:?}", world.run(Kind::Check).await));
            assert!(world.account.calls.take().iter().all(|call| call.action != "GetSecretValue"));
            assert_eq!(places(&mut world, PLANTED).await, Vec::<String>::new(), "done: {step}");
        }
        world.rests().await;
    }
    assert!(said.iter().all(|said| !said.contains(PLANTED)), "{said:#?}");
    assert!(
        said.iter().any(|said| said.contains("secretsmanager.secret a (us-east-1): CreateSecret: not for you (AccessDeniedException)")),
        "{said:#?}"
    );
}

#[tokio::test]
async fn what_is_refused_is_named_and_its_value_is_not_quoted() {
    let mut world = World::with(&["secretsmanager"]).await;
    let insert = "insert into secretsmanager.secret (name, value, recovery_window_in_days, tags) values";
    let refusals = [
        (format!("{insert} ('a b', '{PLANTED}', 7, '{{}}')"), "a_secret_name_has_1_to_512_letters_digits_and_some_signs"),
        (format!("{insert} ('a', '{PLANTED}', 3, '{{}}')"), "a_recovery_window_is_0_or_7_to_30_days"),
        (format!("{insert} ('a', '{PLANTED}', 7, '[]')"), "tags_are_texts_by_key"),
        (format!("{insert} (null, '{PLANTED}', 7, '{{}}')"), "null value in column \"name\""),
        (format!("{insert} ('a', '{PLANTED}', 7, '{{}}'), ('a', '{PLANTED}', 7, '{{}}')"), "secret_pkey"),
    ];
    for (sql, sentence) in refusals {
        let error = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut world.user).await.unwrap_err();
        assert!(error.to_string().contains(sentence), "{error}");
        let said = error.as_database_error().unwrap().downcast_ref::<PgDatabaseError>();
        assert!([said.detail(), said.hint(), said.r#where()].iter().flatten().all(|text| !text.contains(PLANTED)), "{said:?}");
    }
    let copied = world.refusal("copy secretsmanager.secret (name, value) from stdin").await;
    assert!(copied.contains("COPY FROM not supported with row-level security"), "{copied}");
}
