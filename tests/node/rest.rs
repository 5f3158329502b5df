//! The way down: frozen, stopped, put away, each in its time; and what keeps a database awake.

use std::time::Duration;

use iasql::node::{Idle, Tier};
use sqlx::Connection;

use super::{NEVER, Site, connect, in_time, kept, processes, said, until};

const AT_ONCE: Option<Duration> = Some(Duration::ZERO);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_processes_of_a_frozen_database_are_stopped_and_the_next_session_goes_on_with_them() {
    let site = Site::open("frozen").await;
    let idle = Idle { freeze: AT_ONCE, ..NEVER };
    let session = site.create("a", idle).await;
    let before = session.process().await;
    drop(session);
    until("it is frozen", || site.tier("a") == Some(Tier::Frozen)).await;
    let frozen = processes(&site.data("a"));
    assert!(frozen.len() > 4 && frozen.iter().all(|(_, state)| *state == 'T'), "{frozen:?}");

    let session = site.wake("a", idle).await;
    assert_eq!(session.process().await, before);
    assert_eq!(kept(&session).await, 0);
    assert!(processes(&site.data("a")).iter().all(|(_, state)| *state != 'T'));
    drop(session);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_nobody_uses_is_frozen_and_then_stopped() {
    let site = Site::open("down").await;
    let idle = Idle { freeze: AT_ONCE, stop: Some(Duration::from_millis(300)), evict: None };
    drop(site.create("a", idle).await);
    until("it is frozen", || site.tier("a") == Some(Tier::Frozen)).await;
    until("it is stopped", || site.tier("a") == Some(Tier::Stopped)).await;
    until("all is gone", || processes(&site.data("a")).is_empty()).await;
    assert_eq!(kept(&site.wake("a", NEVER).await).await, 0);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_time_begins_with_the_last_session_and_not_with_the_first() {
    let site = Site::open("last").await;
    let idle = Idle { freeze: AT_ONCE, stop: AT_ONCE, evict: None };
    let first = site.create("a", idle).await;
    let (second, third) = (site.wake("a", idle).await, site.wake("a", idle).await);
    drop(first);
    drop(second);
    assert_eq!(in_time(site.node.lay_down("a")).await.expect("an answer"), Tier::Awake);
    assert_eq!(kept(&third).await, 0);
    drop(third);
    until("it is stopped", || site.tier("a") == Some(Tier::Stopped)).await;
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prepared_transaction_keeps_its_database_awake_until_somebody_ends_it() {
    let site = Site::open("prepared").await;
    let session = site.create("a", NEVER).await;
    said(&session, "begin; insert into public.kept values (1); prepare transaction 'later'").await;
    drop(session);
    assert_eq!(in_time(site.node.lay_down("a")).await.expect("an answer"), Tier::Awake);
    // nor does its idle time end it
    site.node.rest("a", Idle { freeze: AT_ONCE, stop: AT_ONCE, evict: None }).expect("a database");
    assert_eq!(in_time(site.node.lay_down("a")).await.expect("an answer"), Tier::Awake);
    let session = site.wake("a", NEVER).await;
    said(&session, "commit prepared 'later'").await;
    assert_eq!(kept(&session).await, 1);
    drop(session);
    assert_eq!(in_time(site.node.lay_down("a")).await.expect("an answer"), Tier::Stopped);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_somebody_asks_again_and_again_past_the_node_keeps_no_database_awake() {
    let site = Site::open("watched").await;
    let idle = Idle { freeze: None, stop: Some(Duration::from_millis(500)), evict: None };
    let session = site.create("a", idle).await;
    let folder = session.folder().to_owned();
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = asked.clone();
    let watching = tokio::spawn(async move {
        // in sessions of its own, and in one that stays
        let mut stays = connect(&folder).await.expect("a connection");
        while let (Ok(mut comes), Ok(_)) = (connect(&folder).await, sqlx::query("select 1").execute(&mut stays).await) {
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            if sqlx::query("select pg_catalog.count(*) from pg_catalog.pg_stat_activity").execute(&mut comes).await.is_err() {
                return;
            }
        }
    });
    let seen = || asked.load(std::sync::atomic::Ordering::SeqCst);
    until("somebody asks", || seen() > 3).await;
    assert_eq!(site.tier("a"), Some(Tier::Awake));
    let before = seen();
    drop(session);
    until("it is stopped", || site.tier("a") == Some(Tier::Stopped)).await;
    in_time(watching).await.expect("they are told by its end");
    assert!(seen() > before, "nobody asked any more");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_is_open_when_its_database_is_frozen_goes_on_afterwards() {
    let site = Site::open("open").await;
    let idle = Idle { freeze: AT_ONCE, ..NEVER };
    let session = site.create("a", idle).await;
    let mut connection = connect(session.folder()).await.expect("a connection");
    let mut transaction = connection.begin().await.expect("a transaction");
    sqlx::query("insert into public.kept values (1)").execute(&mut *transaction).await.expect("a row");
    drop(session);
    until("it is frozen", || site.tier("a") == Some(Tier::Frozen)).await;
    let session = site.wake("a", idle).await;
    in_time(transaction.commit()).await.expect("a commit");
    assert_eq!(kept(&session).await, 1);
    drop(session);
    site.end().await;
}
