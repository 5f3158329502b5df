//! Databases made in advance, and the pace at which databases are made.

use std::time::Instant;

use iasql::{
    control::{Control, Setup},
    database::relocate::Look,
};

use super::{connect, made, sql};
use crate::{
    control::{Own, admin, own, url_of},
    support,
};

/// The databases in advance that this registry has, with whether anybody may connect.
async fn ready(own: &Own) -> Vec<(String, bool)> {
    let installation: String = own.ask("select control.installation()").await;
    let query = sqlx::query_as("select datname::text, datallowconn from pg_database where datname like 'iasql_ready%' and datname like $1");
    query.bind(format!("%{installation}%")).fetch_all(&mut admin("postgres").await).await.unwrap()
}

async fn make_all(control: &Control) {
    while control.make_ready("home").await.unwrap() {}
}

#[tokio::test]
async fn a_ready_database_is_sealed_and_becomes_the_next_one_by_a_change_of_its_name() {
    let Own { control, url } = own().await;
    // a small set, so that it is quick; the set of all modules is then the same
    let small = iasql::database::modules::Library::carried().unwrap();
    let logs = small.chosen(Some(&["logs".to_owned()])).unwrap().iter().map(|module| module.as_ref().clone()).collect::<Vec<_>>();
    let control = control.with_library(iasql::database::modules::Library::of(small.base().as_ref().clone(), logs));
    let own = Own { control, url };
    let began = Instant::now();
    let fresh = made(&own.control, &["logs"]).await;
    let without = began.elapsed();
    make_all(&own.control).await;
    let sealed = ready(&own).await;
    assert!(matches!(&sealed[..], [(_, false)]), "{sealed:?}");

    let began = Instant::now();
    let taken = made(&own.control, &["logs"]).await;
    eprintln!("a setup with its template to make took {without:?}, one with a ready database {:?}", began.elapsed());
    assert_eq!(ready(&own).await, []);
    let name = &taken.database.name;
    let mut tenant = connect(taken.url().expose()).await;
    sql(&mut tenant, "insert into logs.log_group (name) values ('a'); table iasql.plan").await;
    let settings: Vec<String> = sqlx::query_scalar("select value from iasql.setting where name in ('database', 'tenant') order by name")
        .fetch_all(&mut tenant)
        .await
        .unwrap();
    assert_eq!(settings, [name.clone(), name.clone()]);
    let server = url_of("postgres").await;
    let fresh = Look::at(&server, &fresh.database.name, own.control.library()).await.unwrap();
    let taken = Look::at(&server, name, own.control.library()).await.unwrap();
    assert_eq!(fresh.schemas(), taken.schemas(), "both are the same, object by object and grant by grant");
}

#[tokio::test]
async fn what_is_left_of_making_one_is_removed_and_so_is_what_nobody_wants_any_more() {
    let own = own().await;
    let installation: String = own.ask("select control.installation()").await;
    let left = format!("iasql_readying_{installation}_0011223344556677");
    let old = format!("iasql_ready_{installation}_0011223344556677_686f70e0beef");
    for name in [&left, &old] {
        sql(&mut admin("postgres").await, &format!("create database {name}")).await;
        sql(&mut admin("postgres").await, &format!("create role {name} nologin; create role {name}_owner nologin")).await;
    }
    own.run("insert into control.setting (name, value) values ('ready_databases', '0')").await;
    assert!(!own.control.make_ready("home").await.unwrap());
    assert_eq!(ready(&own).await, []);
    let query = sqlx::query_scalar("select count(*) from pg_roles where rolname like 'iasql_ready%' and rolname like $1");
    let roles: i64 = query.bind(format!("%{installation}%")).fetch_one(&mut admin("postgres").await).await.unwrap();
    assert_eq!(roles, 0);
}

#[tokio::test]
async fn setups_of_all_engines_together_are_paced() {
    let own = own().await;
    own.run("insert into control.setting (name, value) values ('setups_at_once', '1')").await;
    // another engine makes one at the moment
    let mut other = own.control.pool().begin().await.unwrap();
    let has: bool = sqlx::query_scalar("select control.setup_turn('home', 1)").fetch_one(&mut *other).await.unwrap();
    assert!(has);
    let name = support::database_name();
    let (control, asked) = (own.control.clone(), name.clone());
    let setup = tokio::spawn(async move { control.setup(&asked, Setup { modules: Some(vec![]), ..Setup::default() }).await });
    super::until("the setup that waits", || async { own.control.database(&name).await.ok() }).await;
    assert!(!own.control.database(&name).await.unwrap().ready && !setup.is_finished());
    other.commit().await.unwrap();
    assert!(setup.await.unwrap().unwrap().created);
}
