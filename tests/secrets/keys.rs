//! Keys that are others, that are new, and that come late.

use std::path::PathBuf;

use iasql::{
    control::{Control, KeySource, Rollout, Setup},
    database::modules::Library,
    engine::{Kind, State},
    seal::Keyring,
};

use crate::{
    control::{admin, own},
    engine::World,
    rollout::{ask, sql},
    support::{database_name, key_text, keys, new_key},
};

/// A function, with the role that its row must have.
const FUNCTION: &str = include_str!("function.sql");
/// Which writes there were, and how much of a history.
const STATE: &str = include_str!("state.sql");
const STATE_OF_SECRETS: &str = include_str!("state_of_secrets.sql");
/// How much stands somewhere in plain.
const PLAIN: &str = include_str!("plain.sql");

fn id(keys: &Keyring) -> String {
    keys.newest().unwrap().id.clone()
}

#[tokio::test]
async fn an_engine_with_another_key_says_so_and_does_everything_else() {
    let mut world = World::with(&["secretsmanager", "ec2"]).await;
    world.sql("insert into secretsmanager.secret (name, value) values ('a', 'one'), ('none', null)").await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    let other = Keyring::parse(&new_key(5)).unwrap();
    world.database = world.database.clone().with_keys(other.clone());
    let laid = world.database.lay_key(other.newest().unwrap(), &[id(&other)]).await.unwrap();
    assert_eq!(laid, Some(id(&keys())), "what it seals to stays");
    let outcome = world.run(Kind::Check).await;
    let said = format!(
        "secretsmanager.secret a: value can't be opened: it is sealed to the key {}, and this engine has another one ({})",
        id(&keys()),
        id(&other)
    );
    assert!(outcome.state == State::Failed && outcome.errors.len() == 1 && outcome.errors[0].starts_with(&said), "{outcome:#?}");
    let mut made = world.account.calls.take_changes();
    made.sort();
    assert_eq!(made, ["CreateSecret", "CreateVpc"]);
    // and one with none
    world.database = world.database.clone().with_keys(Keyring::default());
    let outcome = world.run(Kind::Check).await;
    assert!(outcome.errors[0].contains("and this engine has none: start it with --key-file or --key-secret"), "{outcome:#?}");
    world.database = world.database.clone().with_keys(keys());
    assert_eq!(world.check().await, ["CreateSecret"]);
}

#[tokio::test]
async fn a_new_key_seals_the_old_one_opens_and_sealing_anew_changes_nothing_else() {
    let mut world = World::with(&["secretsmanager", "lambda"]).await;
    world.sql("insert into secretsmanager.secret (name, value) values ('a', 'one'), ('none', null)").await;
    world.sql(FUNCTION).await;
    let new = new_key(30);
    let turned = Keyring::parse(&format!("{}{new}", key_text())).unwrap();
    let known: Vec<String> = turned.public().map(|key| key.id.clone()).collect();
    world.database = world.database.clone().with_keys(turned.clone());
    assert_eq!(world.database.lay_key(turned.newest().unwrap(), &known).await.unwrap(), Some(id(&turned)));
    world.sql("insert into secretsmanager.secret (name, value) values ('b', 'two')").await;
    let sealed_to = "select split_part(value, ':', 3) from secretsmanager.secret where value is not null order by name";
    assert_eq!(world.ask(sealed_to).await, [id(&keys()), id(&turned)]);

    let before = world.ask(STATE).await;
    let (sealed, closed) = world.database.reseal(&id(&turned)).await.unwrap();
    assert_eq!((sealed, closed), (3, vec![]));
    assert_eq!(world.ask(STATE).await, before);
    assert_eq!(world.ask(sealed_to).await, [id(&turned), id(&turned)]);
    assert_eq!(world.database.reseal(&id(&turned)).await.unwrap(), (0, vec![]));

    // the old one is needed no more
    world.database = world.database.clone().with_keys(Keyring::parse(&new).unwrap());
    for (resource, column, value) in
        [("lambda.function", "environment", serde_json::json!({"A": "b"})), ("secretsmanager.secret", "value", "one".into())]
    {
        let row = world.ask(&format!("select row_id::text from {resource} order by name limit 1")).await;
        let found = world.database.desired(resource, row[0].parse().unwrap()).await.unwrap().unwrap();
        assert_eq!((found.closed, &found.desired[column]), (None, &value));
    }
}

#[tokio::test]
async fn where_the_key_is_lost_another_one_takes_its_place_and_what_stays_closed_is_named() {
    let (own, name) = (own().await, database_name());
    let setup = Setup { modules: Some(vec!["secretsmanager".into()]), ..Setup::default() };
    own.control.setup(&name, setup).await.unwrap();
    let mut inside = admin(&name).await;
    sql(&mut inside, "insert into secretsmanager.secret (name, value) values ('a', 'one')").await;
    let other = Keyring::parse(&new_key(40)).unwrap();
    let engine = Control::connect(&own.url).await.unwrap().with_keys(KeySource::Given(other.clone())).await.unwrap();
    let refused = engine.reseal(&name, false).await.unwrap_err().to_string();
    assert!(refused.contains(&format!("it seals to the key {}, which is not here", id(&keys()))), "{refused}");
    let resealed = engine.reseal(&name, true).await.unwrap();
    assert_eq!((resealed.key, resealed.sealed, resealed.closed.len()), (id(&other), 0, 1));
    assert_eq!(resealed.closed[0].0, "secretsmanager.secret.value of a");
    sql(&mut inside, "update secretsmanager.secret set value = 'two'").await;
    assert_eq!(engine.reseal(&name, false).await.unwrap().closed, []);
}

#[tokio::test]
async fn an_upgrade_seals_what_stood_in_plain_as_the_same_versions() {
    let (own, name, carried) = (own().await, database_name(), Library::carried().unwrap());
    let old = Library::of(carried.base().up_to(2), [carried.module("secretsmanager").unwrap().up_to(1)]);
    own.control.clone().with_library(old).setup(&name, Setup::default()).await.unwrap_or_else(|error| panic!("{error:?}"));
    let mut inside = admin(&name).await;
    sql(
        &mut inside,
        "insert into secretsmanager.secret (name, value) select 's' || n, 'hunter2-planted' from generate_series(1, 50) n; analyze",
    )
    .await;
    let before = ask(&mut inside, STATE_OF_SECRETS).await;
    assert_eq!(ask(&mut inside, PLAIN).await, ["51"], "all rows, and what the planner kept of them");

    let report = own.control.roll_out(&Rollout::default(), &|_| {}).await.unwrap();
    assert!(report.failed.is_empty() && report.upgraded.len() == 1, "{report:#?}");
    assert_eq!(ask(&mut inside, PLAIN).await, ["0"]);
    assert_eq!(ask(&mut inside, STATE_OF_SECRETS).await, before);
    let row = ask(&mut inside, "select row_id::text from secretsmanager.secret where name = 's7'").await;
    let database = own.control.open(&name).await.unwrap();
    let found = database.desired("secretsmanager.secret", row[0].parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(found.desired["value"], "hunter2-planted");
}

#[tokio::test]
async fn a_key_file_that_changed_is_read_again_and_one_that_is_gone_is_missed_and_not_forgotten() {
    let own = own().await;
    let file: PathBuf = std::env::temp_dir().join(format!("{}.asc", database_name()));
    let (one, two) = (new_key(0), new_key(1));
    std::fs::write(&file, &one).unwrap();
    let control = Control::connect(&own.url).await.unwrap().with_keys(KeySource::File(file.clone())).await.unwrap();
    let first = id(&control.keys().await);
    std::fs::write(&file, format!("{one}{two}")).unwrap();
    let second = id(&control.keys().await);
    assert_ne!(first, second);
    assert_eq!(control.keys().await.public().count(), 2);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(id(&control.keys().await), second);
    let missing = Control::connect(&own.url).await.unwrap().with_keys(KeySource::File(file)).await.unwrap_err();
    assert!(missing.to_string().starts_with("reading the engine's keys from "), "{missing}");
}
