//! Where tests keep things: a folder that goes with its value, a clock that is set by hand, and a store over each kind of bucket.

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use iasql::{
    resource::Secret,
    store::{Access, Bucket, Id, Options, Store, Taken, Template, Writer},
};
use object_store::memory::InMemory;

use crate::support;

static FOLDERS: AtomicU32 = AtomicU32::new(0);

/// A folder of one's own, which all may look into.
pub(super) struct Place(PathBuf);

impl Place {
    pub(super) fn new() -> Self {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("iasql-store-{}-{number}", std::process::id()));
        fs::create_dir(&path).expect("a folder");
        Self(path)
    }

    pub(super) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// A clock that stands still until it is moved.
#[derive(Clone)]
pub(super) struct Clock {
    start: Instant,
    passed: Arc<AtomicU64>,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), passed: Arc::default() }
    }

    pub(super) fn pass(&self, time: Duration) {
        self.passed.fetch_add(u64::try_from(time.as_millis()).expect("a short time"), Ordering::SeqCst);
    }

    pub(super) fn now(&self) -> Instant {
        self.start + Duration::from_millis(self.passed.load(Ordering::SeqCst))
    }
}

/// How long a lease is in tests.
pub(super) const LEASE: Duration = Duration::from_secs(10);

/// With this clock, and nothing kept longer than it must be.
pub(super) fn options(clock: &Clock) -> Options {
    let clock = clock.clone();
    Options { lease: LEASE, keep: Duration::ZERO, grace: Duration::ZERO, quota: None, address: None, clock: Arc::new(move || clock.now()) }
}

/// A moment after which nothing is too young any more to be collected.
pub(super) fn later() -> DateTime<Utc> {
    Utc::now() + TimeDelta::minutes(1)
}

pub(super) fn id(name: &str) -> Id {
    Id::new(name).expect("a name")
}

/// A bucket in memory.
pub(super) async fn memory() -> Bucket {
    Bucket::over(Arc::new(InMemory::new()), "").await.expect("a bucket")
}

/// A bucket in a folder.
pub(super) async fn folder(place: &Place) -> Bucket {
    let url = format!("file://{}", place.join("bucket").display());
    Bucket::open(&url, &Access::default()).await.expect("a bucket in a folder")
}

/// A bucket of the local cloud, in an account of its own.
pub(super) async fn s3() -> Bucket {
    let (url, access, _) = in_the_cloud().await;
    Bucket::open(&url, &access).await.expect("a bucket in the cloud")
}

/// The same, not opened yet, and its client for whoever wants to take it away.
pub(super) async fn in_the_cloud() -> (String, Access, aws_sdk_s3::Client) {
    let account = support::account().await;
    let name = format!("store-{}", account.id);
    let client = account.outside().await.s3().clone();
    client.create_bucket().bucket(&name).send().await.expect("a bucket");
    let said = account.environment().await;
    let of = |name: &str| said.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone()).expect("it is said");
    let keys = (of("AWS_ACCESS_KEY_ID"), Secret::new(of("AWS_SECRET_ACCESS_KEY")), Some(Secret::new(of("AWS_SESSION_TOKEN"))));
    let access = Access { endpoint: Some(support::endpoint().await.to_owned()), region: Some("us-east-1".to_owned()), keys: Some(keys) };
    (format!("s3://{name}/some/where"), access, client)
}

/// A template that is no cluster: a few small files.
pub(super) async fn plain(place: &Place) -> Template {
    let path = place.join("template");
    fs::create_dir(&path).expect("a folder");
    fs::write(path.join("settings"), "as they come").expect("a file");
    fs::write(path.join("pages"), vec![7; 5 * 8192]).expect("a file");
    Template::open(path).await.expect("a template")
}

/// The right to write, which is free.
pub(super) async fn take(store: &Store, database: &str, holder: &str) -> Writer {
    match store.take(&id(database), holder).await.expect("an answer") {
        Taken::Ours(writer) => *writer,
        Taken::Held { by, .. } => panic!("{by} holds it"),
    }
}

/// A folder with one file that says so much.
pub(super) fn note(place: &Place, name: &str, text: &str) -> PathBuf {
    let path = place.join(name);
    fs::create_dir_all(&path).expect("a folder");
    fs::write(path.join("note"), text).expect("a file");
    path
}

/// What that file says in the newest version.
pub(super) async fn noted(store: &Store, place: &Place, database: &str) -> Option<String> {
    let path = place.join(&format!("fetched-{}", FOLDERS.fetch_add(1, Ordering::Relaxed)));
    store.fetch(&id(database), &path, None).await.unwrap_or_else(|error| panic!("{}", iasql::causes::in_one_line(&error)))?;
    Some(fs::read_to_string(path.join("note")).expect("the note"))
}
