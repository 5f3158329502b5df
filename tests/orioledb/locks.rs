//! OrioleDB's lock in the bucket, with our lease around it. Without an OrioleDB.

use std::sync::Arc;

use iasql::{
    causes::in_one_line,
    gateway::BucketShelf,
    node::{Node, Options, Shelf},
    store::{self, lock_of},
};

use super::{Folder, recorded::Recorded};

const LOCK: &str = "data/orioledb_data/s3_lock";

/// One who would run databases of this bucket, with a folder of its own.
struct One {
    shelf: BucketShelf,
    node: Node,
    lock: u64,
}

impl One {
    async fn open(recorded: &Recorded, folder: &Folder, name: &str) -> Self {
        let home = folder.empty(name);
        let shelf = BucketShelf::of_orioledb(&home, recorded.bucket().await, store::Options::default());
        let templates = Some(std::env::temp_dir().join("iasql-node-templates"));
        let options = Options { templates, shelf: Some(Arc::new(shelf.clone())), ..Options::new(home.join("node")) };
        let node = Node::open(options).await.unwrap_or_else(|error| panic!("{error}"));
        shelf.belongs_to(node.clone()).await.expect("a bucket");
        let lock = shelf.lock().expect("a lock");
        Self { shelf, node, lock }
    }

    async fn take(&self) -> Result<bool, String> {
        self.shelf.take("shop").await.map_err(|error| in_one_line(&error))
    }
}

#[test]
fn a_lock_follows_from_the_name_of_whoever_made_it_and_is_never_zero() {
    let [one, other] = ["a2f0c1de-0000-4000-8000-000000000000", "b2f0c1de-0000-4000-8000-000000000000"].map(lock_of);
    assert!(one != other && one == lock_of("a2f0c1de-0000-4000-8000-000000000000"));
    assert_ne!(lock_of("00000000-0000-0000-0000-000000000000"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_with_the_lock_of_somebody_who_is_none_of_us_is_not_taken_and_it_is_said_whose_it_is() {
    let (recorded, folder) = (Recorded::new().await, Folder::new());
    recorded.put(LOCK, 77_u64.to_le_bytes().to_vec()).await;
    let one = One::open(&recorded, &folder, "a").await;
    let said = one.take().await.expect_err("a refusal");
    assert!(
        said.contains("the lock 77 of an OrioleDB that no iasql has started") && said.contains("shop/orioledb/data/orioledb_data/s3_lock"),
        "{said}"
    );
    assert!(recorded.get(LOCK).await.is_some());
    // and the lease is free for whoever comes when that one is gone
    recorded.remove(LOCK).await;
    let other = One::open(&recorded, &folder, "b").await;
    other.take().await.expect("it is free");
    for one in [one, other] {
        one.node.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_one_is_refused_while_the_first_has_it_and_told_who_and_where_that_stands() {
    let (recorded, folder) = (Recorded::new().await, Folder::new());
    let (one, other) = (One::open(&recorded, &folder, "a").await, One::open(&recorded, &folder, "b").await);
    one.take().await.expect("it is free");
    recorded.put(LOCK, one.lock.to_le_bytes().to_vec()).await;
    let said = other.take().await.expect_err("a refusal");
    let holder = std::fs::read_to_string(folder.0.join("a/holder")).expect("a name");
    assert!(said.contains(&format!("is held by {holder}")) && said.contains("shop/lease"), "{said}");
    assert!(recorded.get(LOCK).await.is_some(), "the lock is of one who runs");
    for one in [one, other] {
        one.node.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lock_that_one_of_us_left_behind_goes_when_the_lease_is_ours() {
    let (recorded, folder) = (Recorded::new().await, Folder::new());
    let one = One::open(&recorded, &folder, "a").await;
    one.take().await.expect("it is free");
    recorded.put(LOCK, one.lock.to_le_bytes().to_vec()).await;
    // it comes back itself
    one.take().await.expect("its own");
    assert_eq!(recorded.get(LOCK).await, None);
    // or another one does, on another disk, when its files have been given up and its lock was forgotten
    recorded.put(LOCK, one.lock.to_le_bytes().to_vec()).await;
    let data = folder.empty("data");
    one.shelf.put("shop", &data).await.expect("given up");
    let other = One::open(&recorded, &folder, "b").await;
    other.take().await.expect("it is free");
    assert_eq!(recorded.get(LOCK).await, None);
    for one in [one, other] {
        one.node.shutdown().await;
    }
}
