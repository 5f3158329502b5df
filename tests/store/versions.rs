//! Versions as a person handles them: listed, pinned, restored, branched off, and held within a quota.

use std::time::Duration;

use iasql::store::{Bucket, Error, Kind, Options, Shelf, Store};

use super::place::{Clock, Place, folder, id, later, memory, note, noted, options, plain, s3, take};

async fn versions_are_handled(bucket: Bucket) {
    let place = Place::new();
    let template = plain(&place).await;
    let store = Store::new(bucket, vec![template.clone()], options(&Clock::new()));
    let (shop, copy) = (id("shop"), id("copy"));
    let mut writer = take(&store, "shop", "node").await;
    for text in ["one", "two"] {
        writer.put_plain(&note(&place, "work", text), &template).await.expect("it is stored");
    }
    store.pin(&shop, &id("before"), 2).await.expect("pinned");
    store.pin(&shop, &id("before"), 2).await.expect("twice is once");
    assert!(matches!(store.pin(&shop, &id("before"), 3).await, Err(Error::Taken(_))));
    assert!(matches!(store.pin(&shop, &id("never"), 9).await, Err(Error::NoVersion { number: 9, .. })));
    let listed = store.versions(&shop).await.expect("versions");
    let shown: Vec<_> = listed.iter().map(|version| (version.number, version.kind, version.pins.clone())).collect();
    assert_eq!(shown, [(2, Kind::Version, vec![id("before")]), (3, Kind::Version, vec![])]);

    store.branch(&shop, Some(2), &copy, "node").await.expect("a branch");
    assert!(matches!(store.branch(&shop, None, &copy, "node").await, Err(Error::Taken(_))));
    assert!(matches!(store.branch(&id("nobody"), None, &id("other"), "node").await, Err(Error::Empty(_))));
    assert_eq!(noted(&store, &place, "copy").await.as_deref(), Some("one"));
    assert!(store.used(&copy).await.expect("a size") < 1500, "no file was copied");

    writer.restore(2).await.expect("restored");
    assert_eq!(noted(&store, &place, "shop").await.as_deref(), Some("one"));
    assert!(matches!(writer.restore(9).await, Err(Error::NoVersion { .. })));
    store.unpin(&shop, &id("before")).await.expect("unpinned");
    assert!(matches!(store.unpin(&shop, &id("before")).await, Err(Error::NoPin { .. })));
    assert_eq!(store.databases().await.expect("names"), [copy, shop]);
}

#[tokio::test]
async fn versions_are_listed_pinned_branched_and_restored_in_the_cloud() {
    versions_are_handled(s3().await).await;
}

#[tokio::test]
async fn versions_are_listed_pinned_branched_and_restored_in_a_folder() {
    let place = Place::new();
    versions_are_handled(folder(&place).await).await;
}

#[tokio::test]
async fn a_branch_lives_on_when_the_database_it_came_from_is_gone() {
    let place = Place::new();
    let template = plain(&place).await;
    let store = Store::new(memory().await, vec![template.clone()], options(&Clock::new()));
    let mut writer = take(&store, "shop", "node").await;
    writer.put_plain(&note(&place, "work", "shared"), &template).await.expect("it is stored");
    writer.give_back().await.expect("given back");
    store.branch(&id("shop"), None, &id("copy"), "node").await.expect("a branch");
    store.delete(&id("shop")).await.expect("deleted");
    let now = later();
    assert!(store.collect(&id("shop"), now).await.expect("collected").database);
    assert_eq!(noted(&store, &place, "shop").await, None);
    assert_eq!(noted(&store, &place, "copy").await.as_deref(), Some("shared"));

    store.delete(&id("copy")).await.expect("deleted");
    store.collect(&id("copy"), now).await.expect("collected");
    let collected = store.collect(&id("shop"), now).await.expect("collected");
    assert_eq!(collected.blobs.len(), 1, "nobody stands on it any more: {collected:?}");
}

#[tokio::test]
async fn more_than_the_quota_is_refused_before_anything_is_stored() {
    let place = Place::new();
    let template = plain(&place).await;
    let store = Store::new(memory().await, vec![template.clone()], Options { quota: Some(10), ..options(&Clock::new()) });
    let mut writer = take(&store, "shop", "node").await;
    writer.put_plain(&note(&place, "work", "ten bytes."), &template).await.expect("it is stored");
    let before = store.used(&id("shop")).await.expect("a size");
    let refused = writer.put_plain(&note(&place, "work", "ten bytes and more"), &template).await.expect_err("refused");
    assert_eq!(refused.to_string(), "database shop has 18 bytes and may have 10: nothing was stored");
    assert_eq!(store.used(&id("shop")).await.expect("a size"), before);
    assert_eq!(noted(&store, &place, "shop").await.as_deref(), Some("ten bytes."));
}

#[tokio::test]
async fn a_shelf_keeps_the_right_to_write_between_a_fetch_and_a_put() {
    let place = Place::new();
    let template = plain(&place).await;
    let store = Store::new(memory().await, vec![template], options(&Clock::new()));
    let [one, other] = ["one", "other"].map(|node| Shelf::new(store.clone(), node));
    let shop = id("shop");
    assert!(!one.fetch(&shop, &place.join("files"), None).await.expect("an answer"), "there is no version yet");
    assert!(matches!(other.fetch(&shop, &place.join("files"), None).await, Err(Error::Held { by, .. }) if by == "one"));
    assert!(matches!(other.put(&shop, &place.join("files"), vec![]).await, Err(Error::Lost(_))), "who has not taken it does not store it");
    one.renew(&shop).await.expect("it is ours");
    let number = one.number(&shop).await.expect("it is ours");
    one.give_back(&shop).await.expect("given back");
    assert!(one.take(&shop, number).await.expect("taken"), "nobody had it in between");
    let number = one.number(&shop).await.expect("it is ours");
    one.give_back(&shop).await.expect("given back");
    assert!(!other.fetch(&shop, &place.join("files"), None).await.expect("an answer"));
    other.give_back(&shop).await.expect("given back");
    assert!(!one.take(&shop, number).await.expect("taken"), "somebody had it in between");
}

#[tokio::test]
async fn what_was_taken_ahead_is_whoevers_asks_for_it_and_goes_back_where_nobody_does() {
    let place = Place::new();
    let template = plain(&place).await;
    let store = Store::new(memory().await, vec![template], Options { lease: Duration::from_millis(200), ..options(&Clock::new()) });
    let [one, other] = ["one", "other"].map(|node| Shelf::new(store.clone(), node));
    let shop = id("shop");
    let ahead = async || {
        let (store, shop) = (store.clone(), shop.clone());
        one.take_ahead(id("shop"), tokio::spawn(async move { store.take(&shop, "one").await })).await;
    };
    ahead().await;
    assert!(!one.take(&shop, 0).await.expect("taken"), "there is no version yet");
    assert_eq!(one.number(&shop).await, Some(1), "it was taken once");
    one.renew(&shop).await.expect("it is ours");
    one.give_back(&shop).await.expect("given back");

    ahead().await;
    assert_eq!(one.number(&shop).await, Some(2));
    while let Err(error) = other.take(&shop, 0).await {
        assert!(matches!(error, Error::Held { by, .. } if by == "one"));
        tokio::task::yield_now().await;
    }
}
