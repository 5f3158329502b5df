//! A thousand databases that sleep and ten that are awake: what that takes.

use std::{env, fs, path::Path, process::Command, sync::Arc, time::Duration};

use futures::future::{BoxFuture, join_all};
use iasql::node::{Idle, Options, Shelf, ShelfError, Tier};

use super::{NEVER, Site, connect, options, processes, until};

const DATABASES: usize = 1000;
const AWAKE: usize = 10;
/// Says to this binary that it is the one.
const ALONE: &str = "IASQL_NODE_ALONE";
const HOUR: Duration = Duration::from_secs(3600);

/// Has every database, each as the template is: so the files of one come to this disk when it is woken, and not a thousand times before.
struct Lazy(std::path::PathBuf);

impl Shelf for Lazy {
    fn fetch<'a>(&'a self, _: &'a str, folder: &'a Path, spare: Option<&'a Path>) -> BoxFuture<'a, Result<bool, ShelfError>> {
        let folders = fs::read_dir(&self.0).into_iter().flatten().flatten().filter(|entry| entry.path().is_dir());
        let version = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).next();
        let shelf = iasql::node::FolderShelf(self.0.clone());
        Box::pin(async move { shelf.fetch(&version.unwrap_or_default(), folder, spare).await })
    }

    fn put<'a>(&'a self, _: &'a str, _: &'a Path) -> BoxFuture<'a, Result<(), ShelfError>> {
        Box::pin(async { Ok(()) })
    }
}

/// In a process of its own, for other tests open and close things too.
#[test]
fn a_thousand_that_sleep_take_next_to_nothing_and_ten_that_are_awake_a_few_megabytes_each() {
    let mut command = Command::new(env::current_exe().expect("this binary"));
    command.args(["--exact", "node::many::a_process_of_which_all_is_counted", "--nocapture", "--test-threads=1"]).env(ALONE, "");
    let said = command.output().expect("this binary");
    println!("{}", String::from_utf8_lossy(&said.stdout));
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}

/// No test by itself: what the one above runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_of_which_all_is_counted() {
    if env::var_os(ALONE).is_none() {
        return;
    }
    let options = options("many");
    let templates = options.templates.clone().expect("a folder");
    let site = Site::of(Options { shelf: Some(Arc::new(Lazy(templates))), ..options }).await;
    let (memory, descriptors) = (own_memory(), own_descriptors());
    // each of them has a folder here, as if it had been stopped, and idle time that goes by
    let idle = Idle { freeze: None, stop: None, evict: Some(HOUR) };
    for k in 0..DATABASES {
        let folder = site.home.join(format!("d/d{k}"));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("whole"), "").expect("a file");
        site.node.rest(&format!("d{k}"), idle).expect("a database");
    }
    assert_eq!(site.node.status().len(), DATABASES);
    let asleep = own_memory().saturating_sub(memory);
    println!("{DATABASES} asleep: {asleep} kB and {} descriptors more", own_descriptors() - descriptors);
    // some 7 kB each
    assert!(asleep < 24 * DATABASES as u64, "{asleep} kB");
    assert_eq!(own_descriptors(), descriptors);

    // for those that are woken there is nothing here yet
    let ids: Vec<String> = (0..AWAKE).map(|k| format!("awake{k}")).collect();
    let sessions = join_all(ids.iter().map(|id| site.wake(id, NEVER))).await;
    let mut awake = vec![];
    for (id, session) in ids.iter().zip(&sessions) {
        connect(session.folder()).await.expect_err("the template has no such role");
        assert_eq!(site.tier(id), Some(Tier::Awake));
        awake.push(processes(&site.data(id)).iter().map(|(pid, _)| proportional_memory(*pid)).sum::<u64>());
    }
    println!("{AWAKE} awake: {awake:?} kB each, {} descriptors more", own_descriptors().saturating_sub(descriptors));
    assert!(own_descriptors() < descriptors + 4 * AWAKE, "the node holds more and more open");
    assert!(awake.iter().all(|kilobytes| *kilobytes < 20_000), "{awake:?}");
    drop(sessions);
    for id in &ids {
        site.node.lay_down(id).await.expect("a stop");
    }
    until("nothing is held of those that sleep", || own_descriptors() <= descriptors).await;
    site.end().await;
}

/// Kilobytes of this process.
fn own_memory() -> u64 {
    proportional_memory(i32::try_from(std::process::id()).expect("a number"))
}

/// Kilobytes, of which those that others share are divided among them; 0 for one that has ended.
fn proportional_memory(pid: i32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or_default()
}

fn own_descriptors() -> usize {
    fs::read_dir("/proc/self/fd").expect("descriptors").count()
}
