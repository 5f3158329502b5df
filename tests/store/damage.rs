//! Blobs that are not what they were.

use std::{
    fs,
    path::{Path, PathBuf},
};

use iasql::store::{Error, Store};

use super::place::{Clock, Place, folder, id, note, options, plain, take};

/// The one blob of a store that is a folder.
fn blob(below: &Path) -> PathBuf {
    let mut at = below.join("shop/blobs");
    while at.is_dir() {
        at = fs::read_dir(&at).expect("a folder").next().expect("an entry").expect("an entry").path();
    }
    at
}

#[tokio::test]
async fn a_broken_blob_is_refused_and_leaves_no_folder() {
    let place = Place::new();
    let template = plain(&place).await;
    let store = Store::new(folder(&place).await, vec![template.clone()], options(&Clock::new()));
    let mut writer = take(&store, "shop", "one").await;
    writer.put_plain(&note(&place, "a", &"precious ".repeat(100)), &template).await.expect("it is stored");
    let blob = blob(&place.join("bucket"));
    let whole = fs::read(&blob).expect("the blob");
    let fetched = place.join("to/fetched");
    fs::create_dir(place.join("to")).expect("a folder");
    for at in 0..whole.len() {
        let mut broken = whole.clone();
        broken[at] ^= 0x10;
        for bytes in [&broken[..], &whole[..at]] {
            fs::write(&blob, bytes).expect("it is broken");
            let refused = store.fetch(&id("shop"), &fetched, None).await;
            // some bits of a frame's header say nothing that matters to what is in it
            if let Ok(done) = refused {
                assert!(done.is_some() && bytes.len() == whole.len());
                assert_eq!(fs::read_to_string(fetched.join("note")).expect("the note"), "precious ".repeat(100));
                fs::remove_dir_all(&fetched).expect("removed");
            }
            assert_eq!(fs::read_dir(place.join("to")).expect("a folder").count(), 0, "nothing is left half made");
        }
    }
    fs::remove_file(&blob).expect("it is gone");
    assert!(matches!(store.fetch(&id("shop"), &fetched, None).await, Err(Error::Bucket { .. })));
    assert_eq!(fs::read_dir(place.join("to")).expect("a folder").count(), 0);
    fs::write(&blob, whole).expect("it is back");
    assert!(store.fetch(&id("shop"), &fetched, None).await.expect("an answer").is_some());
}

#[tokio::test]
async fn a_folder_that_is_there_is_not_fetched_into() {
    let place = Place::new();
    let template = plain(&place).await;
    let store = Store::new(folder(&place).await, vec![template.clone()], options(&Clock::new()));
    let mut writer = take(&store, "shop", "one").await;
    let there = note(&place, "a", "mine");
    writer.put_plain(&there, &template).await.expect("it is stored");
    assert!(matches!(store.fetch(&id("shop"), &there, None).await, Err(Error::Exists(_))));
    assert_eq!(fs::read_to_string(there.join("note")).expect("the note"), "mine");
}

#[tokio::test]
async fn another_template_is_never_laid_under_a_version() {
    let (place, other) = (Place::new(), Place::new());
    let template = plain(&place).await;
    let bucket = folder(&place).await;
    let store = Store::new(bucket.clone(), vec![template.clone()], options(&Clock::new()));
    let mut writer = take(&store, "shop", "one").await;
    writer.put_plain(&note(&place, "a", "mine"), &template).await.expect("it is stored");
    fs::create_dir(other.join("template")).expect("a folder");
    let wrong = iasql::store::Template::open(other.join("template")).await.expect("a template");
    let elsewhere = Store::new(bucket, vec![wrong], options(&Clock::new()));
    let refused = elsewhere.fetch(&id("shop"), &place.join("fetched"), None).await.expect_err("refused");
    assert!(matches!(refused, Error::OtherTemplate { wanted } if wanted == template.fingerprint()));
    assert!(!place.join("fetched").exists());
}
