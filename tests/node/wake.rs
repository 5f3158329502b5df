//! The way up: one process however many knock, and room for as many as may run.

use std::time::{Duration, Instant};

use futures::future::join_all;
use iasql::node::{Error, Idle, Options, Tier};

use super::{NEVER, Site, connect, in_time, kept, options, processes, said, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_many_knock_at_a_sleeping_database_one_server_starts_and_all_are_served() {
    let site = Site::open("many-knock").await;
    drop(site.create("a", NEVER).await);
    assert_eq!(in_time(site.node.lay_down("a")).await.expect("a stop"), Tier::Stopped);
    assert_eq!(processes(&site.data("a")), []);

    let sessions = join_all((0..8).map(|_| site.wake("a", NEVER))).await;
    let first = sessions[0].process().await;
    assert!(first.is_some());
    for session in &sessions {
        assert_eq!(session.process().await, first);
        assert_eq!(kept(session).await, 0);
    }
    assert_eq!(site.node.status()[0].sessions, 8);
    drop(sessions);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_knocks_while_it_stops_waits_for_that_and_is_served() {
    let site = Site::open("while-stopping").await;
    drop(site.create("a", NEVER).await);
    for round in 0..10 {
        let (slept, session) = in_time(async { tokio::join!(site.node.lay_down("a"), site.node.wake("a", NEVER)) }).await;
        slept.expect("a stop, or nothing");
        let session = session.expect("a session");
        assert_eq!(kept(&session).await, round);
        said(&session, "insert into public.kept values (1)").await;
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_for_a_start_that_fails_hears_the_same_and_nothing_is_left() {
    let site = Site::open("fails").await;
    let said = join_all((0..4).map(|_| site.node.wake("nowhere", NEVER))).await;
    assert!(said.iter().all(|said| matches!(said.as_ref().expect_err("there is none").own(), Error::Unknown(id) if id == "nowhere")));
    until("nothing is remembered of it", || site.node.status().is_empty()).await;
    assert!(!site.data("nowhere").exists());
    site.end().await;
}

#[tokio::test]
async fn an_id_that_is_none_reaches_no_folder() {
    let site = Site::open("ids").await;
    let long = "a".repeat(64);
    for id in ["", ".", "..", "../a", "a/b", "A", "a.b", "-a", "_a", "a b", "a\0", "é", long.as_str()] {
        let refused = site.node.wake(id, NEVER).await.expect_err("it is none");
        assert!(matches!(refused, Error::Id), "{id}: {refused}");
    }
    assert_eq!(site.node.status(), []);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_there_is_no_room_the_one_left_the_longest_ago_is_stopped_but_none_that_is_in_use() {
    let site = Site::of(Options { running: 2, ..options("room") }).await;
    drop(site.create("a", NEVER).await);
    drop(site.create("b", NEVER).await);
    let third = site.create("c", NEVER).await;
    assert_eq!([site.tier("a"), site.tier("b"), site.tier("c")], [Some(Tier::Stopped), Some(Tier::Awake), Some(Tier::Awake)]);
    let again = site.wake("a", NEVER).await;
    assert_eq!([site.tier("a"), site.tier("b"), site.tier("c")], [Some(Tier::Awake), Some(Tier::Stopped), Some(Tier::Awake)]);
    let refused = site.node.wake("b", NEVER).await.expect_err("both are in use");
    assert_eq!(refused.to_string(), "all 2 databases that this node may run at once are in use");
    drop(third);
    assert_eq!(kept(&site.wake("b", NEVER).await).await, 0);
    drop(again);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stops_ends_all_and_refuses_from_then_on() {
    let site = Site::open("stops").await;
    let (one, other) = (site.create("a", NEVER).await, site.create("b", NEVER).await);
    in_time(site.node.shutdown()).await;
    assert_eq!(processes(&site.data("a")).len() + processes(&site.data("b")).len(), 0);
    connect(one.folder()).await.expect_err("it is stopped");
    assert!(matches!(site.node.wake("a", NEVER).await.expect_err("it stops").own(), Error::Closing));
    drop((one, other));
    site.end().await;
}

/// Nothing is asserted: this machine may be busy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_long_it_takes_is_printed() {
    let site = Site::open("figures").await;
    let frozen = Idle { freeze: Some(Duration::ZERO), stop: None, evict: None };
    let mut figures: [Vec<Duration>; 4] = Default::default();
    for round in 0..12 {
        let id = format!("d{round}");
        until("there is a copy to begin with", || round == 0 || site.home.join("spare").exists()).await;
        let began = Instant::now();
        drop(in_time(site.node.create(&id, super::first(), NEVER)).await.expect("a database"));
        figures[0].push(began.elapsed());
        let began = Instant::now();
        in_time(site.node.lay_down(&id)).await.expect("a stop");
        figures[1].push(began.elapsed());
        for figure in [2, 3] {
            let began = Instant::now();
            let session = site.wake(&id, frozen).await;
            sqlx::query("select 1").execute(&mut connect(session.folder()).await.expect("a connection")).await.expect("an answer");
            figures[figure].push(began.elapsed());
            drop(session);
            until("it is frozen", || site.tier(&id) == Some(Tier::Frozen)).await;
        }
        in_time(site.node.lay_down(&id)).await.expect("a stop");
    }
    for (what, mut took) in ["create", "stop", "stopped to first query", "frozen to first query"].into_iter().zip(figures) {
        took.sort();
        println!("{what}: best {:?}, median {:?}, worst {:?}", took[0], took[took.len() / 2], took[took.len() - 1]);
    }
    site.end().await;
}
