//! What a node has taken from its bucket: it is held on to as long as anything of it is on this disk only, and no longer.

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use iasql::{
    gateway::BucketShelf,
    node::{Options, Tier},
    store,
};
use object_store::{ObjectStore, local::LocalFileSystem};
use tokio::sync::watch;

use super::{NEVER, Site, in_time, kept, options, said, until};
use crate::store::faulty::Faulty;

/// A node, and its bucket that is a folder.
struct Leased {
    site: Site,
    bucket: PathBuf,
}

impl Leased {
    async fn open(name: &str, kept: store::Options) -> Self {
        Self::by(name, kept, |objects| objects).await
    }

    /// Where the way to the bucket is this one.
    async fn by(name: &str, kept: store::Options, way: impl FnOnce(Arc<dyn ObjectStore>) -> Arc<dyn ObjectStore>) -> Self {
        let options = Options { templates: None, ..options(name) };
        let bucket = options.home.with_extension("bucket");
        fs::create_dir_all(&bucket).expect("a folder");
        let objects = LocalFileSystem::new_with_prefix(&bucket).expect("a folder of objects");
        let objects = store::Bucket::over(way(Arc::new(objects)), "").await.expect("a bucket");
        let shelf = BucketShelf::new(options.home.with_extension("notes"), objects, kept);
        let site = Site::of(Options { shelf: Some(Arc::new(shelf.clone())), ..options }).await;
        in_time(shelf.belongs_to(site.node.clone())).await.expect("a template");
        Self { site, bucket }
    }

    /// The number of the lease's newest state, and whether somebody has it.
    fn lease(&self) -> (u64, bool) {
        let states = fs::read_dir(self.bucket.join("shop/lease")).into_iter().flatten().flatten();
        let number = |path: &PathBuf| path.file_name()?.to_str()?.parse().ok();
        let newest = states.filter_map(|state| Some((number(&state.path())?, state.path()))).max();
        newest.map_or((0, false), |(number, state)| (number, fs::read_to_string(state).is_ok_and(|text| text.contains("\"held\":true"))))
    }

    async fn end(self) {
        let home = self.site.home.clone();
        self.site.end().await;
        fs::remove_dir_all(home.with_extension("notes")).expect("the notes");
        fs::remove_dir_all(self.bucket).expect("the bucket");
    }
}

fn lasting(seconds: u64) -> store::Options {
    store::Options { lease: Duration::from_secs(seconds), ..store::Options::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_wakes_up_behind_its_leases_has_ended_its_servers_before_anybody_asks() {
    let ahead = Arc::new(AtomicU64::new(0));
    let clock = {
        let ahead = Arc::clone(&ahead);
        Arc::new(move || Instant::now() + Duration::from_secs(ahead.load(Ordering::SeqCst)))
    };
    let leased = Leased::open("suspended", store::Options { clock, ..lasting(300) }).await;
    let session = leased.site.create("shop", NEVER).await;
    said(&session, "insert into public.kept values (1)").await;
    // it would be renewed after 75 seconds
    ahead.store(400, Ordering::SeqCst);
    until("its server is ended", || !leased.site.node.status().iter().any(|status| status.tier == Tier::Awake)).await;
    drop(session);
    leased.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_can_not_be_brought_here_is_let_go_of_for_a_node_where_it_can() {
    let leased = Leased::open("unbrought", lasting(300)).await;
    drop(leased.site.create("shop", NEVER).await);
    in_time(leased.site.node.lay_down("shop")).await.expect("a stop");
    let (before, _) = leased.lease();
    // where its folder is to be there is something else
    let place = leased.site.home.join("d/shop");
    fs::write(&place, "").expect("a file");
    in_time(leased.site.node.wake("shop", NEVER)).await.expect_err("there is no room for it");
    until("it was taken, and given back", || leased.lease() >= (before + 2, false) && !leased.lease().1).await;
    fs::remove_file(&place).expect("the file");
    assert_eq!(kept(&leased.site.wake("shop", NEVER).await).await, 0);
    assert!(leased.lease().1);
    leased.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_right_to_make_a_database_is_not_kept_by_who_does_not_make_it() {
    let leased = Leased::open("unmade", lasting(300)).await;
    let error = in_time(leased.site.node.wake("shop", NEVER)).await.expect_err("there is none");
    assert_eq!(error.to_string(), "there is no database shop on this node");
    until("it was taken, and given back", || leased.lease().0 >= 2 && !leased.lease().1).await;
    leased.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_can_not_be_put_away_stays_with_the_node_that_has_its_commits() {
    let leased = Leased::open("unput", lasting(2)).await;
    let session = leased.site.create("shop", NEVER).await;
    said(&session, "insert into public.kept values (1)").await;
    drop(session);
    let (blobs, aside) = (leased.bucket.join("shop/blobs"), leased.bucket.join("aside"));
    drop(fs::rename(&blobs, &aside));
    fs::write(&blobs, "").expect("a file where a folder is to be");
    in_time(leased.site.node.lay_down("shop")).await.expect_err("nothing can be stored");
    let (failed, held) = leased.lease();
    assert!(held);
    // so many renewals are more than one lease lasts
    until("it is renewed on and on", || leased.lease().0 > failed + 6).await;
    in_time(leased.site.node.hand_over("shop")).await.expect_err("still nothing can be stored");
    assert!(leased.lease().1);
    fs::remove_file(&blobs).expect("the file");
    drop(fs::rename(&aside, &blobs));
    in_time(leased.site.node.lay_down("shop")).await.expect("a version");
    assert!(!leased.lease().1 && leased.site.tier("shop").is_none());
    assert_eq!(kept(&leased.site.wake("shop", NEVER).await).await, 1);
    leased.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_call_that_nobody_answers_does_not_end_a_lease() {
    let mut stopped = watch::channel(0).1;
    let way = |objects| {
        // the second state of it is its first renewal
        let (way, stalled) = Faulty::stalling(objects, "shop/lease/00000000000000000002");
        stopped = stalled;
        Arc::new(way) as Arc<dyn ObjectStore>
    };
    let leased = Leased::by("stalled", lasting(12), way).await;
    let session = leased.site.create("shop", NEVER).await;
    in_time(stopped.wait_for(|stopped| *stopped == 1)).await.expect("a call that stalls");
    until("it is renewed all the same", || leased.lease().0 > 3).await;
    said(&session, "insert into public.kept values (1)").await;
    drop(session);
    leased.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_that_could_not_be_renewed_is_held_again_where_nobody_else_took_it() {
    let leased = Leased::open("again", lasting(4)).await;
    let session = leased.site.create("shop", NEVER).await;
    said(&session, "insert into public.kept values (1)").await;
    let (states, aside) = (leased.bucket.join("shop/lease"), leased.bucket.join("aside"));
    fs::rename(&states, &aside).expect("the lease's states");
    fs::write(&states, "").expect("a file where a folder is to be");
    until("its server is ended", || !leased.site.node.status().iter().any(|status| status.tier == Tier::Awake)).await;
    fs::remove_file(&states).expect("the file");
    fs::rename(&aside, &states).expect("the lease's states");
    let (before, _) = leased.lease();
    until("it is renewed", || leased.lease().0 > before + 1).await;
    drop(session);
    assert_eq!(kept(&leased.site.wake("shop", NEVER).await).await, 1);
    leased.end().await;
}
