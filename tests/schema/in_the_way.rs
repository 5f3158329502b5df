//! Upgrades that others are in the way of: another upgrade, a long reader.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use iasql::schema::{Error, How, Progress, installed, upgrade};
use sqlx::PgConnection;

use super::laid::{Told, connect, count, database, golden, laid, queue, quick, run};

#[tokio::test]
async fn of_two_upgraders_at_once_one_waits_and_finds_nothing_left() {
    let (url, golden) = (database().await, golden().await);
    let one = async || {
        let (mut connection, queue) = (connect(&url).await, queue());
        let how = How { golden: Some(golden), ..quick() };
        upgrade(&mut connection, &queue, 4, &how).await.unwrap_or_else(|error| panic!("{error}")).versions
    };
    let all = futures::future::join_all([one(), one(), one(), one()]).await;
    let mut made = all.concat();
    made.sort_unstable();
    assert_eq!(made, [1, 2, 3, 4], "each version is made once: {all:?}");
    assert_eq!(installed(&mut connect(&url).await, "queue").await.expect("a version"), 4);
}

#[tokio::test]
async fn an_upgrade_waits_its_turn_for_as_long_as_it_takes_and_a_reader_only_for_a_moment() {
    let (url, mut connection) = laid(1).await;
    let mut reader = connect(&url).await;
    run(&mut reader, "begin; select count(*) from queue.task").await;
    let (told, reader) = (Told::default(), Arc::new(Mutex::new(Some(reader))));
    let tell = |progress: Progress| {
        // the reader goes when the upgrade has tried twice
        if matches!(progress, Progress::Retry { tries: 2, .. }) {
            drop(reader.lock().expect("nobody panicked here").take());
        }
        told.hear(progress);
    };
    let how = How { golden: Some(golden().await), tell: &tell, ..quick() };
    let done = upgrade(&mut connection, &queue(), 2, &how).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(done.versions, [2]);
    let tries = told.all().iter().filter(|told| matches!(told, Progress::Retry { .. })).count();
    assert!(tries >= 2, "{:?}", told.all());
    assert_eq!(told.all().last(), Some(&Progress::Version { schema: "queue".into(), version: 2, to: 2 }));
}

#[tokio::test]
async fn whoever_is_in_the_way_for_too_long_is_named() {
    let (url, mut connection) = laid(1).await;
    let mut reader: PgConnection = connect(&url).await;
    run(&mut reader, "set application_name = 'a long report'; begin; select count(*) from queue.task").await;
    let how = How { patience: Duration::from_millis(300), ..quick() };
    let error = upgrade(&mut connection, &queue(), 2, &how).await.expect_err("somebody is in the way");
    assert!(matches!(error, Error::InTheWay { version: 2, .. }), "{error:?}");
    let said = error.to_string();
    assert!(said.contains("somebody is in the way: postgres (a long report, idle in transaction, process "), "{said}");
    assert_eq!(installed(&mut connection, "queue").await.expect("a version"), 1);
    assert_eq!(count(&mut reader, "select count(*) from queue.task").await, 0);
}
