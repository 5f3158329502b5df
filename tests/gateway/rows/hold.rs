//! Databases that sleep while their clients stay.

use super::{Talk, place};
use crate::{
    crash::until,
    gateway::whole::{Gateway, shop},
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
