//! Files that leave this disk, and come back.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use iasql::node::{FolderShelf, Idle, Options, Shelf, ShelfError, Tier};

use super::{NEVER, Site, in_time, kept, options, processes, said, until};

const AT_ONCE: Option<Duration> = Some(Duration::ZERO);
const DOWN: Idle = Idle { freeze: AT_ONCE, stop: AT_ONCE, evict: AT_ONCE };

/// A shelf that counts how often something is put on it, and takes for ever or refuses where it is told to.
struct Slow {
    shelf: FolderShelf,
    begun: AtomicUsize,
    refused: usize,
    hangs: bool,
    /// Whether another node had everything.
    lost: AtomicBool,
    /// How often it is still asked in vain whether all is there, and how often it was asked.
    lacks: AtomicUsize,
    asked: AtomicUsize,
}

impl Shelf for Slow {
    fn take<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<bool, ShelfError>> {
        Box::pin(async { Ok(!self.lost.load(Ordering::SeqCst)) })
    }

    fn fetch<'a>(&'a self, database: &'a str, folder: &'a Path, spare: Option<&'a Path>) -> BoxFuture<'a, Result<bool, ShelfError>> {
        self.shelf.fetch(database, folder, spare)
    }

    fn has_all<'a>(&'a self, _: &'a str, _: &'a Path) -> BoxFuture<'a, Result<bool, ShelfError>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let less = |lacks: usize| lacks.checked_sub(1);
        Box::pin(async move { Ok(self.lacks.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_err()) })
    }

    fn put<'a>(&'a self, database: &'a str, folder: &'a Path) -> BoxFuture<'a, Result<(), ShelfError>> {
        let begun = self.begun.fetch_add(1, Ordering::SeqCst);
        if self.hangs {
            return Box::pin(std::future::pending());
        }
        if begun < self.refused {
            return Box::pin(async { Err(ShelfError { doing: "reach the bucket".to_owned(), source: "no route".into() }) });
        }
        self.shelf.put(database, folder)
    }
}

async fn site(name: &str, refused: usize, hangs: bool) -> (Site, Arc<Slow>) {
    let options = options(name);
    let shelf = FolderShelf(options.home.join("shelf"));
    let shelf = Arc::new(Slow {
        shelf,
        begun: AtomicUsize::new(0),
        refused,
        hangs,
        lost: AtomicBool::new(false),
        lacks: AtomicUsize::new(0),
        asked: AtomicUsize::new(0),
    });
    (Site::of(Options { shelf: Some(shelf.clone()), ..options }).await, shelf)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_whose_files_left_this_disk_comes_back_as_it_was() {
    let (site, _) = site("back", 0, false).await;
    drop(site.create("a", NEVER).await);
    for round in 0..3 {
        let session = site.wake("a", DOWN).await;
        assert_eq!(kept(&session).await, round);
        said(&session, "insert into public.kept values (1)").await;
        drop(session);
        until("its files are gone", || !site.data("a").exists() && site.tier("a").is_none()).await;
    }
    assert_eq!(fs::read_dir(site.home.join("shelf")).expect("a shelf").count(), 1);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_knocks_while_files_are_put_away_does_not_wait_for_that() {
    let (site, shelf) = site("meanwhile", 0, true).await;
    drop(site.create("a", DOWN).await);
    until("it is being put away", || shelf.begun.load(Ordering::SeqCst) == 1).await;
    let session = site.wake("a", NEVER).await;
    assert_eq!(kept(&session).await, 0);
    assert_eq!(site.tier("a"), Some(Tier::Awake));
    drop(session);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shelf_that_refuses_leaves_the_files_here_and_the_database_serves() {
    let (site, shelf) = site("refuses", 1, false).await;
    drop(site.create("a", NEVER).await);
    let error = in_time(site.node.lay_down("a")).await.expect_err("the shelf refuses");
    assert_eq!(iasql::causes::in_one_line(&error), "could not move the files of the database a: could not reach the bucket: no route");
    assert_eq!(kept(&site.wake("a", NEVER).await).await, 0);
    until("nobody uses it", || site.node.status()[0].sessions == 0).await;
    assert_eq!(in_time(site.node.lay_down("a")).await.expect("it takes them now"), Tier::Away);
    assert_eq!(shelf.begun.load(Ordering::SeqCst), 2);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_killed_recovers_before_its_files_are_put_away() {
    let (site, _) = site("killed", 0, false).await;
    let session = site.create("a", NEVER).await;
    said(&session, "insert into public.kept values (1)").await;
    let process = session.process().await.expect("a process");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(process), nix::sys::signal::Signal::SIGKILL).expect("a kill");
    until("it is gone", || processes(&site.data("a")).is_empty()).await;
    drop(session);
    // the first attempt finds out that it was killed, and says so
    let tier = match in_time(site.node.lay_down("a")).await {
        Ok(tier) => tier,
        Err(_) => in_time(site.node.lay_down("a")).await.expect("a recovery"),
    };
    assert_eq!(tier, Tier::Away);
    let state = fs::read(site.home.join("shelf/a/global/pg_control")).expect("a control file");
    assert_eq!(state[16], 1, "not DB_SHUTDOWNED");
    assert_eq!(kept(&site.wake("a", NEVER).await).await, 1);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_another_node_had_it_meanwhile_the_files_of_this_disk_are_not_gone_on_with() {
    let (site, shelf) = site("taken", 0, false).await;
    drop(site.create("a", NEVER).await);
    assert_eq!(in_time(site.node.lay_down("a")).await.expect("it is put away"), Tier::Away);
    let session = site.wake("a", NEVER).await;
    said(&session, "insert into public.kept values (1)").await;
    // as if the lease had been lost: this row is on no shelf
    in_time(site.node.cut("a")).await.expect("a kill");
    drop(session);
    assert_eq!(kept(&site.wake("a", NEVER).await).await, 1, "it is still ours");
    in_time(site.node.cut("a")).await.expect("a kill");
    shelf.lost.store(true, Ordering::SeqCst);
    assert_eq!(kept(&site.wake("a", NEVER).await).await, 0);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_has_not_put_everything_there_starts_and_stops_once_more_before_its_disk_is_given_up() {
    let (site, shelf) = site("lacks", 0, false).await;
    drop(site.create("a", NEVER).await);
    let checkpoint = || fs::read(site.data("a").join("global/pg_control")).expect("a control file")[32..40].to_vec();
    in_time(site.node.end("a")).await.expect("an end");
    let before = checkpoint();
    shelf.lacks.store(1, Ordering::SeqCst);
    in_time(site.node.hand_over("a")).await.expect("it is handed over");
    assert_eq!((shelf.asked.load(Ordering::SeqCst), shelf.begun.load(Ordering::SeqCst)), (2, 1));
    assert_ne!(checkpoint(), before);
    // where that does not help it stays, and nothing is said to be there
    shelf.lacks.store(2, Ordering::SeqCst);
    let error = in_time(site.node.lay_down("a")).await.expect_err("a refusal").to_string();
    assert!(error.contains("its files stay on this disk"), "{error}");
    assert_eq!(shelf.begun.load(Ordering::SeqCst), 1);
    assert_eq!((site.tier("a"), processes(&site.data("a"))), (Some(Tier::Stopped), vec![]));
    drop(site.wake("a", NEVER).await);
    site.end().await;
}
