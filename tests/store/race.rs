//! Many who want the same thing at once.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use iasql::store::{Bucket, Error, Store, Taken};
use object_store::memory::InMemory;

use super::{
    faulty::Faulty,
    place::{Clock, LEASE, Place, folder, id, later, memory, note, noted, options, plain, s3, take},
};

async fn one_of_sixteen_wins(bucket: Bucket, rounds: u32) {
    let clock = Clock::new();
    let stores: Vec<_> = (0..16).map(|_| Store::new(bucket.clone(), vec![], options(&clock))).collect();
    for round in 0..rounds {
        let database = id(&format!("race-{round}"));
        let names: Vec<_> = (0..16).map(|node| format!("node-{node}")).collect();
        let race = join_all(stores.iter().zip(&names).map(|(store, name)| store.take(&database, name))).await;
        let won = race.into_iter().filter(|taken| matches!(taken.as_ref().expect("an answer"), Taken::Ours(_))).count();
        assert_eq!(won, 1, "round {round}");
    }
}

#[tokio::test]
async fn of_sixteen_who_take_a_database_of_the_cloud_one_wins() {
    one_of_sixteen_wins(s3().await, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_who_take_a_database_in_a_folder_one_wins() {
    let place = Place::new();
    one_of_sixteen_wins(folder(&place).await, 10).await;
}

/// An old writer that was away, and comes back when another one has taken over.
async fn an_old_writer_finds_its_number_taken(bucket: Bucket) {
    let (place, clock) = (Place::new(), Clock::new());
    let template = plain(&place).await;
    let [one, other] = ["one", "other"].map(|_| Store::new(bucket.clone(), vec![template.clone()], options(&clock)));
    let mut old = take(&one, "shop", "one").await;
    old.put_plain(&note(&place, "a", "of the first"), &template).await.expect("it is stored");
    let first = other.take(&id("shop"), "other").await.expect("an answer");
    assert!(matches!(first, Taken::Held { ref by, left, .. } if by == "one" && left == LEASE), "{first:?}");
    clock.pass(LEASE);

    let mut new = take(&other, "shop", "other").await;
    assert_eq!(new.epoch(), old.epoch() + 1);
    let refused = old.put_plain(&note(&place, "b", "of one that was away"), &template).await.expect_err("its number is taken");
    assert!(matches!(refused, Error::Lost(_)), "{refused:?}");
    assert!(matches!(old.renew().await.expect_err("it is lost"), Error::Lost(_)));
    assert_eq!(noted(&one, &place, "shop").await.as_deref(), Some("of the first"));
    new.put_plain(&note(&place, "c", "of the second"), &template).await.expect("it is stored");
    assert_eq!(noted(&one, &place, "shop").await.as_deref(), Some("of the second"));
}

#[tokio::test]
async fn an_old_writer_finds_its_number_taken_in_the_cloud() {
    an_old_writer_finds_its_number_taken(s3().await).await;
}

#[tokio::test]
async fn an_old_writer_finds_its_number_taken_in_a_folder() {
    let place = Place::new();
    an_old_writer_finds_its_number_taken(folder(&place).await).await;
}

#[tokio::test]
async fn an_old_writers_number_that_was_collected_long_ago_is_still_no_way_in() {
    let (place, clock, bucket) = (Place::new(), Clock::new(), memory().await);
    let template = plain(&place).await;
    let store = Store::new(bucket, vec![template.clone()], options(&clock));
    let mut old = take(&store, "shop", "old").await;
    clock.pass(LEASE);
    // looked at once, and found to stand still
    drop(store.take(&id("shop"), "new").await);
    clock.pass(LEASE);
    let mut new = take(&store, "shop", "new").await;
    for text in ["a", "b", "c"] {
        new.put_plain(&note(&place, "new", text), &template).await.expect("it is stored");
    }
    store.collect(&id("shop"), later()).await.expect("collected");
    assert_eq!(store.versions(&id("shop")).await.expect("versions").len(), 1, "the number after the old one's last is free again");
    let refused = old.put_plain(&note(&place, "old", "lost"), &template).await.expect_err("too late");
    assert!(matches!(refused, Error::Lost(_)), "{refused:?}");
    assert_eq!(noted(&store, &place, "shop").await.as_deref(), Some("c"));
}

#[tokio::test]
async fn a_lease_is_kept_by_renewing_it_and_free_when_it_is_given_back() {
    let (clock, bucket) = (Clock::new(), memory().await);
    let store = Store::new(bucket, vec![], options(&clock));
    let mut writer = take(&store, "shop", "one").await;
    for _ in 0..5 {
        clock.pass(LEASE - Duration::from_secs(1));
        writer.renew().await.expect("it is ours");
        assert_eq!(writer.until(), clock.now() + LEASE);
        assert!(matches!(store.take(&id("shop"), "other").await.expect("an answer"), Taken::Held { .. }));
    }
    writer.give_back().await.expect("it is given back");
    take(&store, "shop", "other").await;
}

#[tokio::test]
async fn what_was_killed_in_the_middle_of_a_put_leaves_the_version_before_and_nothing_for_long() {
    let (place, clock, objects) = (Place::new(), Clock::new(), Arc::new(InMemory::new()));
    let template = plain(&place).await;
    let bucket = Bucket::over(objects.clone(), "").await.expect("a bucket");
    let whole = Store::new(bucket, vec![template.clone()], options(&clock));
    let mut writer = take(&whole, "shop", "one").await;
    writer.put_plain(&note(&place, "a", "whole"), &template).await.expect("it is stored");
    writer.give_back().await.expect("it is given back");

    // its stamp is number 3, and the version that it never gets through number 4
    let (way, mut stopped) = Faulty::stopping(objects, "manifests/00000000000000000004");
    let killed = Store::new(Bucket::over(Arc::new(way), "").await.expect("a bucket"), vec![template.clone()], options(&clock));
    let mut writer = take(&killed, "shop", "two").await;
    let folder = note(&place, "b", "half");
    tokio::select! {
        never = writer.put_plain(&folder, &template) => panic!("{never:?}"),
        came = tokio::time::timeout(Duration::from_secs(60), stopped.changed()) => came.expect("it came there").expect("it is there"),
    }
    drop(writer);
    assert_eq!(noted(&whole, &place, "shop").await.as_deref(), Some("whole"));
    assert_eq!(whole.collect(&id("shop"), later()).await.expect("collected").blobs.len(), 0, "its epoch is not over");
    take(&whole, "shop", "two").await;
    assert_eq!(whole.collect(&id("shop"), later()).await.expect("collected").blobs.len(), 1, "what was left over");
    assert_eq!(noted(&whole, &place, "shop").await.as_deref(), Some("whole"));
}
