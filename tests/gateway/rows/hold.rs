//! Databases that sleep while their clients stay.

use super::{Talk, elsewhere::Two, place};
use crate::{
    crash::until,
    gateway::{
        replication::{clock, longer_than_idle},
        whole::{Gateway, shop},
    },
};

#[tokio::test]
async fn where_it_is_said_so_a_database_sleeps_while_clients_stay_and_wakes_when_one_says_something() {
    let (mut site, folder) = shop().await;
    site.sql("update gateway.database set hold = true").await;
    site.check().await;
    let gateway = Gateway::start(&site, &folder.0).await;
    let mut talk = Talk::begin(&place(&gateway, "shop.db.localhost", gateway.authority()));
    assert_eq!(talk.ask("create table t (n int); set work_mem = '3MB'; show work_mem;").await.as_deref(), Some("3MB"));
    let at_rest = async || until("sleep", || async { (gateway.servers() == 0).then_some(()) }).await;
    at_rest().await;
    // the same client, and a session that knows nothing of the one before
    assert_eq!(talk.ask("show work_mem;").await.as_deref(), Some("2MB"));
    assert_eq!(talk.ask("insert into t values (1) returning n;").await.as_deref(), Some("1"));
    at_rest().await;
    // who is in a transaction keeps it awake
    assert_eq!(talk.ask("begin; insert into t values (2) returning n;").await.as_deref(), Some("2"));
    let mut other = Talk::begin(&place(&gateway, "shop.db.localhost", gateway.authority()));
    assert_eq!(other.ask("select pg_sleep(5), count(*) from t;").await.as_deref(), Some("|1"));
    assert_eq!(talk.ask("commit; select count(*) from t;").await.as_deref(), Some("2"));
    at_rest().await;
    // going wakes nothing
    drop(other.complaints().await);
    drop(talk.complaints().await);
    assert_eq!(gateway.servers(), 0);
    gateway.stop().await;
}

#[tokio::test]
async fn a_copy_that_is_not_over_keeps_its_database_awake_however_long_nobody_says_anything() {
    let (mut site, folder) = shop().await;
    site.sql("update gateway.database set hold = true").await;
    clock(&mut site).await;
    let gateway = Gateway::start(&site, &folder.0).await;
    let asked = async |sql: &str| gateway.psql("shop", "shop", "correct horse", sql).await.expect("an answer");
    let mut talk = Talk::begin(&place(&gateway, "shop.db.localhost", gateway.authority()));
    assert_eq!(talk.ask("create table t (n int); select 1;").await.as_deref(), Some("1"));
    talk.say("copy t from stdin;\n1").await;
    let copies = "select count(*) from pg_stat_activity where query like 'copy t%' and state = 'active'";
    until("the copy", || async { (asked(copies).await == "1").then_some(()) }).await;
    let since = asked("select pg_postmaster_start_time()").await;
    longer_than_idle(&gateway).await;
    assert_eq!(asked("select pg_postmaster_start_time()").await, since, "it has slept");
    assert_eq!(talk.ask("2\n\\.\nselect sum(n) from t;").await.as_deref(), Some("3"));
    until("sleep", || async { (gateway.servers() == 0).then_some(()) }).await;
    drop(talk);
    gateway.stop().await;
}

#[tokio::test]
async fn sessions_that_are_led_on_let_a_database_sleep_too_and_follow_it_when_another_gateway_has_it() {
    let two = Two::with("update gateway.database set hold = true, idle_seconds = 1").await;
    let mut here = two.talk(&two.one);
    assert_eq!(here.ask("create table t (n int); insert into t values (1) returning n;").await.as_deref(), Some("1"));
    let mut led = two.talk(&two.other);
    assert_eq!(led.ask("set work_mem = '3MB'; insert into t values (2) returning n;").await.as_deref(), Some("2"));
    assert_eq!((two.one.servers(), two.other.servers()), (1, 0));
    // both stay, and it sleeps; then it is put into the bucket, and nobody has it
    until("sleep", || async { (two.one.servers() == 0).then_some(()) }).await;
    until("its lease given back", || async { two.is_free().then_some(()) }).await;
    // whoever speaks first has it where they are, and the other one is led there
    assert_eq!(led.ask("show work_mem;").await.as_deref(), Some("2MB"), "a session that knows nothing of the one before");
    assert_eq!((two.one.servers(), two.other.servers()), (0, 1));
    assert_eq!(here.ask("insert into t values (3) returning n;").await.as_deref(), Some("3"));
    assert_eq!(led.ask("select string_agg(n::text, ',' order by n) from t;").await.as_deref(), Some("1,2,3"));
    assert_eq!((two.one.servers(), two.other.servers()), (0, 1));
    until("sleep", || async { (two.other.servers() == 0).then_some(()) }).await;
    // going wakes nothing
    drop((here.complaints().await, led.complaints().await));
    assert_eq!((two.one.servers(), two.other.servers()), (0, 0));
    two.close().await;
}
