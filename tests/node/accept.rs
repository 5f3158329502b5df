//! Clusters that were made beside, and become a database's next version.

use std::fs;

use iasql::node::{Error, Tier};
use sqlx::AssertSqlSafe;

use super::{NEVER, Site, connect, first, in_time, kept, options, said, until};

/// A stopped cluster with so many rows.
async fn beside(site: &Site, id: &str, rows: usize) -> iasql::node::Side {
    let mut side = site.node.side(id).expect("room");
    in_time(side.begin(&first())).await.expect("a cluster");
    let mut connection = connect(side.sockets()).await.expect("a connection");
    let made = format!("create table public.kept as select k from generate_series(1, {rows}) k");
    in_time(sqlx::raw_sql(AssertSqlSafe(made)).execute(&mut connection)).await.expect("a table");
    drop(connection);
    in_time(side.stop()).await.expect("a good end");
    side
}

fn left_beside(site: &Site) -> usize {
    fs::read_dir(site.home.join("u")).expect("a folder").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_beside_that_is_given_up_goes_also_where_somebody_still_puts_files_into_it() {
    let site = Site::open("given-up").await;
    let side = site.node.side("a").expect("room");
    let data = side.data();
    let (begun, has_begun) = std::sync::mpsc::channel();
    // as a copy goes on that nobody waits for any more
    let writer = std::thread::spawn(move || {
        // it makes what is in the folder, and never the folder anew
        fs::create_dir_all(&data).expect("a folder");
        let folders = (0..).map(|number| data.join(number.to_string()));
        let until = std::time::Instant::now() + std::time::Duration::from_millis(500);
        for folder in folders.take_while(|_| std::time::Instant::now() < until) {
            drop(fs::create_dir(folder));
            let _nobody_waits = begun.send(());
        }
    });
    has_begun.recv().expect("it has begun");
    drop(side);
    until("nothing is left beside", || writer.is_finished() && left_beside(&site) == 0).await;
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_version_waits_for_the_last_session_and_the_later_of_two_counts() {
    let site = Site::open("accept").await;
    let old = site.create("a", NEVER).await;
    for rows in [5, 7] {
        let side = beside(&site, "a", rows).await;
        in_time(site.node.accept("a", side)).await.expect("it is taken");
    }
    assert!(site.node.status()[0].next);
    said(&old, "insert into public.kept values (1)").await;
    let late = site.wake("a", NEVER).await;
    assert_eq!(kept(&late).await, 1, "whoever comes while somebody is there shares what he has");
    drop((old, late));
    until("nobody uses it", || site.node.status()[0].sessions == 0).await;
    assert_eq!(kept(&site.wake("a", NEVER).await).await, 7);
    assert!(!site.node.status()[0].next);
    assert!(site.home.join("d/a/before/PG_VERSION").exists(), "what was there is not lost");
    until("nothing is left beside", || left_beside(&site) == 0).await;
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_nobody_made_may_begin_with_one_and_one_that_sleeps_has_it_at_once() {
    let site = Site::open("begins-with").await;
    for rows in [3, 4] {
        let side = beside(&site, "a", rows).await;
        in_time(site.node.accept("a", side)).await.expect("it is taken");
        let session = site.wake("a", NEVER).await;
        assert_eq!(kept(&session).await, i64::try_from(rows).expect("a number"));
        let used = in_time(site.node.copy("a")).await.expect_err("somebody uses it");
        assert!(matches!(used.own(), Error::Used(_)), "{used}");
        drop(session);
        until("nobody uses it", || site.node.status()[0].sessions == 0).await;
        assert_eq!(in_time(site.node.lay_down("a")).await.expect("it sleeps"), Tier::Stopped);
    }
    let copy = in_time(site.node.copy("a")).await.expect("a copy");
    assert_eq!(fs::read(copy.data().join("global/pg_control")).expect("a control file")[16], 1, "not DB_SHUTDOWNED");
    drop(copy);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_was_killed_while_one_took_the_place_of_the_other_goes_on_with_the_new_one() {
    let site = Site::open("turned").await;
    let old = site.create("a", NEVER).await;
    let side = beside(&site, "a", 9).await;
    in_time(site.node.accept("a", side)).await.expect("it is taken");
    drop(old);
    until("nobody uses it", || site.node.status()[0].sessions == 0).await;
    let Site { node, home } = site;
    in_time(node.shutdown()).await;
    drop(node);
    let folder = home.join("d/a");
    fs::rename(folder.join("data"), folder.join("before")).expect("the first half of it");
    fs::create_dir_all(home.join("u/0000cafe/data")).expect("what a killed one leaves");
    let site = Site::of(options("turned")).await;
    assert_eq!(left_beside(&site), 0);
    assert_eq!(kept(&site.wake("a", NEVER).await).await, 9);
    site.end().await;
}
