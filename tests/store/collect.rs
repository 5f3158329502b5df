//! What is removed, and what never is.

use std::{collections::BTreeMap, fs, path::Path};

use chrono::Utc;
use iasql::store::{Error, Options, Store};
use proptest::prelude::*;

use super::{
    chance::Chance,
    place::{Clock, Place, id, later, memory, note, noted, options, plain, take},
};

/// What a model of the bucket knows: of each database, what its newest version says, and its pinned ones.
#[derive(Default)]
struct Model {
    newest: BTreeMap<String, String>,
    pinned: BTreeMap<(String, String), (u64, String)>,
}

/// Puts, branches, pins, restores, deletions and collections at random.
async fn walk(seed: u64) {
    const NAMES: [&str; 3] = ["a", "b", "c"];
    let (place, mut chance, mut model) = (Place::new(), Chance::new(seed), Model::default());
    let template = plain(&place).await;
    let store = Store::new(memory().await, vec![template.clone()], options(&Clock::new()));
    for step in 0..40 {
        let name = NAMES[chance.below(3) as usize];
        match chance.below(8) {
            0..=2 => {
                let text = format!("{step} {}", "x".repeat(chance.below(20_000) as usize));
                let mut writer = take(&store, name, "node").await;
                let folder = note(&place, "work", &text);
                large(&folder, &mut chance);
                writer.put_plain(&folder, &template).await.expect("it is stored");
                writer.give_back().await.expect("given back");
                model.newest.insert(name.to_owned(), text);
            }
            3 => branch(&store, &mut model, name, NAMES[chance.below(3) as usize]).await,
            4 => pin(&store, &mut model, name, &format!("p{}", chance.below(2))).await,
            5 => restore(&store, &mut model, name, &format!("p{}", chance.below(2))).await,
            6 if chance.once_in(3) => {
                store.delete(&id(name)).await.expect("deleted");
                store.collect(&id(name), later()).await.expect("collected");
                model.newest.remove(name);
                model.pinned.retain(|(of, _), _| of != name);
            }
            _ => drop(store.collect(&id(name), later()).await.expect("collected")),
        }
        all_is_there(&store, &place, &model, seed, step).await;
    }
}

/// A file that is a pack of its own, which versions and branches share; now and then another one, or none.
fn large(folder: &Path, chance: &mut Chance) {
    let file = folder.join("large");
    match chance.below(6) {
        sign @ 0..=1 => fs::write(file, vec![u8::try_from(sign).expect("a sign"); 1 << 20]).expect("a file"),
        2 if file.exists() => fs::remove_file(file).expect("a file"),
        _ => {}
    }
}

async fn branch(store: &Store, model: &mut Model, from: &str, to: &str) {
    let made = store.branch(&id(from), None, &id(to), "node").await;
    match (model.newest.get(from).cloned(), model.newest.contains_key(to)) {
        (Some(text), false) => {
            made.expect("a branch");
            model.newest.insert(to.to_owned(), text);
        }
        _ => assert!(matches!(made, Err(Error::Taken(_) | Error::Empty(_) | Error::Deleted(_))), "{made:?}"),
    }
}

async fn pin(store: &Store, model: &mut Model, name: &str, pin: &str) {
    let key = (name.to_owned(), pin.to_owned());
    if model.pinned.remove(&key).is_some() {
        return store.unpin(&id(name), &id(pin)).await.expect("unpinned");
    }
    let Some(text) = model.newest.get(name) else { return };
    let number = store.newest(&id(name)).await.expect("an answer").expect("a manifest").number;
    store.pin(&id(name), &id(pin), number).await.expect("pinned");
    model.pinned.insert(key, (number, text.clone()));
}

async fn restore(store: &Store, model: &mut Model, name: &str, pin: &str) {
    let Some((number, text)) = model.pinned.get(&(name.to_owned(), pin.to_owned())) else { return };
    let mut writer = take(store, name, "node").await;
    writer.restore(*number).await.expect("restored");
    writer.give_back().await.expect("given back");
    model.newest.insert(name.to_owned(), text.clone());
}

async fn all_is_there(store: &Store, place: &Place, model: &Model, seed: u64, step: u32) {
    for name in ["a", "b", "c"] {
        assert!(noted(store, place, name).await.as_ref() == model.newest.get(name), "seed {seed}, step {step}: {name}");
    }
    for ((name, pin), (number, text)) in &model.pinned {
        let fetched = place.join(&format!("pinned-{step}-{name}-{pin}"));
        store.fetch_version(&id(name), *number, &fetched, None).await.expect("the pinned version");
        assert!(fs::read_to_string(fetched.join("note")).expect("the note") == *text, "seed {seed}, step {step}: {name} {pin}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_something_reaches_is_never_collected(seed in any::<u64>()) {
        tokio::runtime::Runtime::new().expect("a runtime").block_on(walk(seed));
    }
}

#[tokio::test]
async fn old_versions_go_and_their_blobs_with_them_but_not_before_their_time() {
    let (place, day) = (Place::new(), std::time::Duration::from_secs(86_400));
    let template = plain(&place).await;
    let kept = Options { keep: 7 * day, grace: day, ..options(&Clock::new()) };
    let store = Store::new(memory().await, vec![template.clone()], kept);
    for text in ["one", "two", "three"] {
        take(&store, "shop", "node").await.put_plain(&note(&place, "work", text), &template).await.expect("it is stored");
    }
    let after = async |days: i64| store.collect(&id("shop"), Utc::now() + chrono::TimeDelta::days(days)).await.expect("collected");
    assert!(after(6).await.manifests.is_empty());
    assert_eq!(after(8).await.manifests.len(), 5, "the marks are older than a day by this clock");
    assert_eq!(store.versions(&id("shop")).await.expect("versions").len(), 1);
    assert_eq!(noted(&store, &place, "shop").await.as_deref(), Some("three"));
    assert_eq!(after(8).await, iasql::store::Collected::default());
}

#[tokio::test]
async fn a_deleted_database_waits_for_its_grace_and_leaves_next_to_nothing() {
    let (place, day) = (Place::new(), std::time::Duration::from_secs(86_400));
    let template = plain(&place).await;
    let store = Store::new(memory().await, vec![template.clone()], Options { grace: day, ..options(&Clock::new()) });
    let shop = id("shop");
    let mut writer = take(&store, "shop", "node").await;
    writer.put_plain(&note(&place, "work", "dear"), &template).await.expect("it is stored");
    store.delete(&shop).await.expect("deleted");
    assert!(matches!(store.take(&shop, "node").await, Err(Error::Deleted(_))));
    assert!(matches!(store.fetch(&shop, &place.join("x"), None).await, Err(Error::Deleted(_))));
    assert!(!store.collect(&shop, Utc::now()).await.expect("collected").database);
    store.undelete(&shop).await.expect("it is back");
    assert_eq!(noted(&store, &place, "shop").await.as_deref(), Some("dear"));

    store.delete(&shop).await.expect("deleted");
    let later = Utc::now() + chrono::TimeDelta::days(2);
    assert!(!store.collect(&shop, later).await.expect("collected").database, "somebody still holds it");
    assert!(!store.is_gone(&shop).await.expect("an answer"));
    writer.give_back().await.expect("given back");
    assert!(store.collect(&shop, later).await.expect("collected").database);
    assert!(store.is_gone(&shop).await.expect("an answer"));
    // as where somebody was killed on the way: what is newest is its end, but not all of it is removed
    store.delete(&shop).await.expect("deleted");
    assert!(!store.is_gone(&shop).await.expect("an answer"));
    assert!(store.collect(&shop, later).await.expect("collected").database);
    assert!(store.is_gone(&shop).await.expect("an answer"));
    let left = store.used(&shop).await.expect("a size");
    assert!(left < 600, "{left} bytes");
    assert_eq!(store.fetch(&shop, &place.join("x"), None).await.expect("an answer"), None);
    take(&store, "shop", "node").await.put_plain(&note(&place, "work", "new"), &template).await.expect("a new one of that name");
    assert_eq!(noted(&store, &place, "shop").await.as_deref(), Some("new"));
}
