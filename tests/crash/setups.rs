//! Setups and upgrades that are killed in the middle.

use std::{process::Stdio, str::FromStr, time::Duration};

use iasql::{
    control::{Control, Setup},
    database::modules::Library,
    schema,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};

use super::{Site, site::until};
use crate::{
    control::{admin, url_of},
    support,
};

/// What somebody asks in the server's own database.
async fn told(sql: &str) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut admin("postgres").await).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// Ends when a session stands at a lock with a query that looks like this, in this database or about it.
async fn stands(database: &str, query: &str) {
    let waits = format!(
        "select pid::text from pg_stat_activity where wait_event_type = 'Lock' and query ~ '{query}' and (datname = '{database}' or query ~ '{database}')"
    );
    until("a session that stands at the lock", || async { told(&waits).await.pop() }).await;
}

#[tokio::test]
async fn a_setup_killed_at_its_first_step_or_before_its_last_is_finished_by_the_next_one() {
    let site = Site::with(&[]).await;
    let name = support::database_name();
    let setup = || {
        let mut command = site.iasql(&["setup", &name, "--modules", "sqs"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };

    // somebody else is about to make a role of this name: the setup stands at its own
    let mut server = admin("postgres").await;
    let mut turn = server.begin().await.expect("a transaction");
    sqlx::raw_sql(AssertSqlSafe(format!("create role {name}_owner"))).execute(&mut *turn).await.expect("a role");
    let mut first = setup().spawn().expect("the binary runs");
    stands(&name, "create role").await;
    first.kill().await.expect("it runs");
    turn.rollback().await.expect("an end");

    // all is made, and can't be written down
    let mut registry = PgConnection::connect(&site.own.url).await.expect("the registry");
    let mut turn = registry.begin().await.expect("a transaction");
    sqlx::raw_sql("lock table control.database in share mode").execute(&mut *turn).await.expect("a lock");
    let mut second = setup().spawn().expect("the binary runs");
    let metadata = site.own.url.rsplit_once('/').expect("a name").1;
    stands(metadata, "database_ready").await;
    second.kill().await.expect("it runs");
    turn.rollback().await.expect("an end");
    assert_eq!(site.registry(&format!("select ready::text from control.database where name = '{name}'")).await, ["false"]);

    let third = setup().stdout(Stdio::piped()).output().await.expect("the binary runs");
    assert!(third.status.success(), "{third:?}");
    let checked = site.iasql(&["check", &name]).output().await.expect("the binary runs");
    assert!(checked.status.success(), "{checked:?}");
}

#[tokio::test]
async fn what_a_killed_engine_had_made_for_a_while_is_removed_by_the_next_setup_and_what_a_living_one_makes_is_not() {
    let site = Site::with(&[]).await;
    let (dead, alive) = ("iasql_making_00000000000000000000000000000dea", "iasql_golden_00000000000a11fe");
    let options = PgConnectOptions::from_str(&url_of("postgres").await).expect("an address").application_name(alive);
    let mut maker = options.connect().await.expect("the test server");
    for name in [dead, alive] {
        sqlx::raw_sql(AssertSqlSafe(format!("create database {name}"))).execute(&mut maker).await.expect("a database");
    }
    let is_there = "select datname::text from pg_database where datname ~ '(dea|a11fe)$' order by 1";
    site.own.control.setup(&support::database_name(), Setup { modules: Some(vec![]), ..Setup::default() }).await.expect("a database");
    assert_eq!(told(is_there).await, [alive]);
    maker.close().await.expect("an end");
    site.own.control.setup(&support::database_name(), Setup { modules: Some(vec![]), ..Setup::default() }).await.expect("a database");
    assert_eq!(told(is_there).await, Vec::<String>::new());
}

/// A database as release 0.1 left it, and an upgrade of it that stands in the middle of its transaction.
#[tokio::test]
async fn an_upgrade_killed_in_the_middle_of_its_transaction_leaves_the_old_version_and_the_next_one_makes_the_new() {
    let site = Site::with(&[]).await;
    let carried = Library::carried().expect("what is carried");
    let old: Control = site.own.control.clone().with_library(Library::of(carried.base().up_to(1), []));
    let name = support::database_name();
    old.setup(&name, Setup { modules: Some(vec![]), ..Setup::default() }).await.expect("a database");

    let mut user = PgConnection::connect(&url_of(&name).await).await.expect("the database");
    let mut turn = user.begin().await.expect("a transaction");
    sqlx::raw_sql("lock table iasql.request in row exclusive mode").execute(&mut *turn).await.expect("a lock");
    let upgrade = || site.iasql(&["schema", "upgrade", "--all", "--at-once", "1", "--patience", "60"]);
    let mut first = upgrade().stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary runs");
    let waits = format!("select pid::text from pg_stat_activity where wait_event_type = 'Lock' and datname = '{name}'");
    until("an upgrade that waits for a lock", || async { told(&waits).await.pop() }).await;
    first.kill().await.expect("it runs");
    until("the end of its session", || async { told(&waits).await.is_empty().then_some(()) }).await;
    turn.rollback().await.expect("an end");
    assert_eq!(schema::installed(&mut admin(&name).await, "iasql").await.expect("a version"), 1);

    let second = tokio::time::timeout(Duration::from_secs(60), upgrade().output()).await.expect("an end").expect("the binary runs");
    assert!(second.status.success(), "{second:?}");
    assert_eq!(schema::installed(&mut admin(&name).await, "iasql").await.expect("a version"), carried.base().newest());
}
