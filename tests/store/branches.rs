//! Branches, and branches of those: each goes on whichever of the others is deleted, and nothing is left of what is deleted.

use std::{collections::BTreeMap, fs, path::PathBuf, sync::Arc, time::Duration};

use iasql::store::{Bucket, Error, Store, Template};
use object_store::memory::InMemory;

use super::{
    faulty::Faulty,
    place::{Clock, Place, id, later, note, noted, options, plain, take},
};

/// What a database has: files, and the sign that each is full of.
type Files = BTreeMap<&'static str, u8>;

/// As large as makes it a pack of its own, which later versions refer to.
const LARGE: usize = 1200 * 1024;
const NAMES: [&str; 3] = ["a", "b", "c"];
/// All orders of three.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

struct World {
    place: Place,
    template: Template,
    store: Store,
    has: BTreeMap<&'static str, Files>,
}

impl World {
    async fn new() -> Self {
        let place = Place::new();
        let template = plain(&place).await;
        let bucket = Bucket::over(Arc::new(InMemory::new()), "").await.expect("a bucket");
        let store = Store::new(bucket, vec![template.clone()], options(&Clock::new()));
        Self { place, template, store, has: BTreeMap::new() }
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.place.join(&format!("{name}-{}", uuid::Uuid::new_v4()))
    }

    async fn put(&mut self, name: &'static str, files: &[(&'static str, u8)]) {
        let folder = self.folder(name);
        fs::create_dir(&folder).expect("a folder");
        for (file, sign) in files {
            fs::write(folder.join(file), vec![*sign; LARGE]).expect("a file");
        }
        let mut writer = take(&self.store, name, "node").await;
        writer.put_plain(&folder, &self.template).await.expect("it is stored");
        writer.give_back().await.expect("given back");
        self.has.insert(name, files.iter().copied().collect());
    }

    async fn branch(&mut self, from: &'static str, to: &'static str) {
        self.store.branch(&id(from), None, &id(to), "node").await.expect("a branch");
        self.has.insert(to, self.has[from].clone());
    }

    async fn collect(&self) {
        for name in NAMES {
            self.store.collect(&id(name), later()).await.expect("collected");
        }
    }

    async fn delete(&mut self, name: &'static str) {
        self.store.delete(&id(name)).await.expect("deleted");
        self.has.remove(name);
    }

    async fn all_is_there(&self) {
        for (name, files) in &self.has {
            let folder = self.folder("fetched");
            let fetched = self.store.fetch(&id(name), &folder, None).await;
            let fetched = fetched.unwrap_or_else(|error| panic!("{name}: {}", iasql::causes::in_one_line(&error)));
            assert!(fetched.is_some(), "{name}");
            for (file, sign) in files {
                assert!(fs::read(folder.join(file)).is_ok_and(|bytes| bytes == vec![*sign; LARGE]), "{name}: {file}");
            }
            fs::remove_dir_all(folder).expect("a folder");
        }
    }

    /// But for what a deleted database's number and lease are known by.
    async fn nothing_is_left(&self) {
        for name in NAMES {
            let used = self.store.used(&id(name)).await.expect("a size");
            assert!(used < 600, "{name} takes {used} bytes");
        }
    }
}

/// Deletes them in this order, and looks at those that are left each time.
async fn are_deleted(mut world: World, order: [usize; 3]) {
    world.collect().await;
    world.all_is_there().await;
    for number in order {
        world.delete(NAMES[number]).await;
        for _ in 0..2 {
            world.collect().await;
            world.all_is_there().await;
        }
    }
    world.collect().await;
    world.nothing_is_left().await;
}

#[tokio::test]
async fn a_branch_of_a_branch_that_has_written_lives_on_whichever_is_deleted_first_and_nothing_is_left() {
    for order in ORDERS {
        let mut world = World::new().await;
        world.put("a", &[("first", 1)]).await;
        world.branch("a", "b").await;
        world.put("b", &[("first", 1), ("second", 2)]).await;
        world.branch("b", "c").await;
        // of the one that it came from it has nothing any more, and of that one's own it has
        world.put("c", &[("first", 1), ("third", 3)]).await;
        are_deleted(world, order).await;
    }
}

#[tokio::test]
async fn a_branch_of_a_branch_as_it_was_lives_on_whichever_is_deleted_first_and_nothing_is_left() {
    for order in ORDERS {
        let mut world = World::new().await;
        world.put("a", &[("first", 1)]).await;
        world.branch("a", "b").await;
        world.branch("b", "c").await;
        are_deleted(world, order).await;
    }
}

#[tokio::test]
async fn two_branches_of_one_database_are_each_others_no_matter() {
    for order in ORDERS {
        let mut world = World::new().await;
        world.put("a", &[("first", 1), ("second", 2)]).await;
        world.branch("a", "b").await;
        world.branch("a", "c").await;
        world.put("a", &[("third", 3)]).await;
        world.put("b", &[("second", 2)]).await;
        are_deleted(world, order).await;
    }
}

#[tokio::test]
async fn what_was_held_for_a_branch_that_was_never_made_is_let_go_of_when_that_is_deleted() {
    let (place, objects, clock) = (Place::new(), Arc::new(InMemory::new()), Clock::new());
    let template = plain(&place).await;
    let whole = Bucket::over(objects.clone(), "").await.expect("a bucket");
    let whole = Store::new(whole, vec![template.clone()], options(&clock));
    let mut writer = take(&whole, "a", "node").await;
    writer.put_plain(&note(&place, "work", "dear"), &template).await.expect("it is stored");
    writer.give_back().await.expect("given back");
    // killed when it holds on to it, and has no manifest yet
    let (way, mut stopped) = Faulty::stopping(objects, "b/manifests/00000000000000000002");
    let killed = Store::new(Bucket::over(Arc::new(way), "").await.expect("a bucket"), vec![template.clone()], options(&clock));
    let (from, to) = (id("a"), id("b"));
    tokio::select! {
        never = killed.branch(&from, None, &to, "node") => panic!("{never:?}"),
        came = tokio::time::timeout(Duration::from_secs(60), stopped.changed()) => came.expect("it came there").expect("it is there"),
    }
    for database in [&from, &to] {
        whole.delete(database).await.expect("deleted");
    }
    clock.pass(Duration::from_secs(60));
    for _ in 0..3 {
        for database in [&from, &to] {
            whole.collect(database, later()).await.expect("collected");
        }
        clock.pass(Duration::from_secs(60));
    }
    assert_eq!(noted(&whole, &place, "b").await, None);
    for database in [&from, &to] {
        let used = whole.used(database).await.expect("a size");
        assert!(used < 600, "{database} takes {used} bytes");
    }
}

#[tokio::test]
async fn what_was_deleted_or_has_nothing_is_not_branched_and_nothing_is_begun() {
    let mut world = World::new().await;
    drop(take(&world.store, "a", "node").await);
    let branch = async |store: &Store| store.branch(&id("a"), None, &id("b"), "node").await;
    assert!(matches!(branch(&world.store).await, Err(Error::Empty(_))));
    world.put("a", &[("first", 1)]).await;
    world.delete("a").await;
    assert!(matches!(branch(&world.store).await, Err(Error::Deleted(_))));
    world.collect().await;
    assert!(matches!(branch(&world.store).await, Err(Error::Deleted(_))));
    assert_eq!(world.store.used(&id("b")).await.expect("a size"), 0);
}
