//! Nodes that are cut off, frozen and revived at random, over a store that fails at random: never do two of them write one database, and nothing that
//! was acknowledged is lost.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use iasql::store::{Bucket, Error, Kind, Store, Taken, Template, Writer};
use object_store::memory::InMemory;
use tokio::task::yield_now;

use super::{
    chance::Chance,
    faulty::Faulty,
    place::{Clock, LEASE, Place, id, later, note, noted, options, plain},
};

const NODES: u64 = 3;
const STEPS: u64 = 25;

/// What all nodes were told that it is stored, in the order in which they were told.
type Told = Arc<Mutex<Vec<Entry>>>;

struct Entry {
    text: String,
    /// How many others had been told when somebody began to store it: those come before it. One that was told in between may come after it, for an
    /// answer can be late.
    after: usize,
}

/// How often something came about, in all schedules.
#[derive(Default)]
struct Came {
    told: AtomicU64,
    lost: AtomicU64,
    unclear: AtomicU64,
}

struct Node {
    name: String,
    store: Store,
    template: Template,
    place: Place,
    clock: Clock,
    chance: Chance,
    told: Told,
    came: Arc<Came>,
    /// What it writes next.
    next: u32,
}

impl Node {
    async fn live(mut self) {
        for _ in 0..STEPS {
            self.pause().await;
            if let Ok(Taken::Ours(writer)) = self.store.take(&id("shop"), &self.name).await {
                self.work(*writer).await;
            } else {
                self.clock.pass(LEASE / 8);
            }
        }
    }

    /// Frozen for a while, now and then for longer than any lease.
    async fn pause(&mut self) {
        let long = self.chance.once_in(6);
        for _ in 0..self.chance.below(if long { 600 } else { 10 }) {
            yield_now().await;
        }
        if long {
            self.clock.pass(LEASE / 2);
        }
    }

    /// As a node works: brings the files, has some commits, stores them, and goes on, or gives the database back, or is killed.
    async fn work(&mut self, mut writer: Writer) {
        let folder = self.place.join(&format!("work-{}-{}", writer.epoch(), self.next));
        if !matches!(writer.fetch(&folder, None).await, Ok(true)) && writer.newest().content.is_some() {
            return;
        }
        for _ in 0..=self.chance.below(3) {
            let entry = format!("{}:{}", self.name, self.next);
            self.next += 1;
            let said = fs::read_to_string(folder.join("note")).unwrap_or_default();
            note(&self.place, folder.file_name().and_then(|name| name.to_str()).expect("a name"), &format!("{said}{entry}\n"));
            self.pause().await;
            let after = self.told.lock().unwrap_or_else(PoisonError::into_inner).len();
            if !self.stored(&mut writer, &folder).await {
                return;
            }
            self.told.lock().unwrap_or_else(PoisonError::into_inner).push(Entry { text: entry, after });
            // whether it is ours is judged by the next put, and not by this
            drop(writer.renew().await);
        }
        if self.chance.once_in(2) {
            drop(writer.give_back().await);
        }
    }

    /// Tries a few times where the store says nothing clear.
    async fn stored(&mut self, writer: &mut Writer, folder: &std::path::Path) -> bool {
        for _ in 0..3 {
            match writer.put_plain(folder, &self.template).await {
                Ok(_) => return true,
                Err(Error::Bucket { .. }) => {
                    self.came.unclear.fetch_add(1, Ordering::Relaxed);
                    self.pause().await;
                }
                Err(Error::Lost(_)) => {
                    self.came.lost.fetch_add(1, Ordering::Relaxed);
                    return false;
                }
                Err(error) => panic!("{error:?}"),
            }
        }
        false
    }
}

/// Collects all the while, with no mercy for anything that it may take.
async fn collect(store: Store, done: Arc<Mutex<bool>>) {
    while !*done.lock().unwrap_or_else(PoisonError::into_inner) {
        drop(store.collect(&id("shop"), later()).await);
        for _ in 0..30 {
            yield_now().await;
        }
    }
}

/// One schedule: what was told, what the database says at its end, and its manifests.
async fn schedule(seed: u64, collecting: bool, came: &Arc<Came>) {
    let (place, clock, told, done) = (Place::new(), Clock::new(), Told::default(), Arc::new(Mutex::new(false)));
    let template = plain(&place).await;
    let objects = Arc::new(InMemory::new());
    let mut nodes = vec![];
    for number in 0..NODES {
        let way = Faulty::new(objects.clone(), seed * NODES + number);
        way.calm(true);
        let store = Store::new(Bucket::over(Arc::new(way.clone()), "").await.expect("a bucket"), vec![template.clone()], options(&clock));
        way.calm(false);
        let (name, chance) = (format!("node-{number}"), Chance::new(seed * 100 + number));
        let (template, told, clock, came) = (template.clone(), told.clone(), clock.clone(), came.clone());
        let node = Node { name, store, template, place: Place::new(), clock, chance, told, came, next: 0 };
        nodes.push(tokio::spawn(node.live()));
    }
    let whole = Store::new(Bucket::over(objects, "").await.expect("a bucket"), vec![template], options(&clock));
    let collector = collecting.then(|| tokio::spawn(collect(whole.clone(), done.clone())));
    for node in nodes {
        tokio::time::timeout(Duration::from_secs(120), node).await.expect("it ends").expect("a node");
    }
    *done.lock().unwrap_or_else(PoisonError::into_inner) = true;
    if let Some(collector) = collector {
        collector.await.expect("a collector");
    }
    let said = noted(&whole, &place, "shop").await.unwrap_or_default();
    let told = std::mem::take(&mut *told.lock().unwrap_or_else(PoisonError::into_inner));
    all_is_there(seed, &said, &told);
    came.told.fetch_add(told.len() as u64, Ordering::Relaxed);
    if !collecting {
        one_at_a_time(seed, &whole).await;
    }
}

/// What was told is there, once, and after all that had been told when it was begun.
fn all_is_there(seed: u64, said: &str, told: &[Entry]) {
    let entries: Vec<_> = said.lines().collect();
    let places: HashMap<_, _> = entries.iter().enumerate().map(|(at, entry)| (*entry, at)).collect();
    assert_eq!(entries.iter().collect::<HashSet<_>>().len(), entries.len(), "seed {seed}: one is there twice");
    let found: Vec<_> =
        told.iter().map(|Entry { text, .. }| places.get(text.as_str()).unwrap_or_else(|| panic!("seed {seed}: {text} is lost"))).collect();
    for (Entry { text, after }, at) in told.iter().zip(&found) {
        assert!(
            found[..*after].iter().all(|earlier| earlier < at),
            "seed {seed}: {text} stands before what had been told when it was begun"
        );
    }
}

/// The manifests of one writer stand together, under a stamp of its own.
async fn one_at_a_time(seed: u64, store: &Store) {
    let mut epochs: BTreeMap<u64, (String, u64)> = BTreeMap::new();
    let mut before = 0;
    let mut number = 0;
    while let Some(manifest) = store.manifest(&id("shop"), number + 1).await.expect("an answer") {
        number += 1;
        assert!(manifest.epoch >= before, "seed {seed}: {number} is of an older epoch than the one before");
        assert_eq!(manifest.kind == Kind::Stamp, manifest.epoch > before, "seed {seed}: {number}");
        let (by, _) = epochs.entry(manifest.epoch).or_insert((manifest.by.clone(), number));
        assert_eq!(*by, manifest.by, "seed {seed}: two wrote in one epoch");
        before = manifest.epoch;
    }
    assert_eq!(store.newest(&id("shop")).await.expect("an answer").map(|newest| newest.number), (number > 0).then_some(number));
}

fn run(seeds: std::ops::Range<u64>, collecting: bool) {
    let came = Arc::new(Came::default());
    for seed in seeds {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(schedule(seed, collecting, &came));
    }
    let [told, lost, unclear] = [&came.told, &came.lost, &came.unclear].map(|count| count.load(Ordering::Relaxed));
    println!("{told} acknowledged, {lost} refused to an old writer, {unclear} without a clear answer");
    assert!(told > 0 && lost > 0 && unclear > 0, "nothing was tried");
}

/// How many schedules are tried; more where somebody asks for a campaign.
fn rounds() -> u64 {
    std::env::var("IASQL_STORE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(25)
}

#[test]
fn whatever_fails_no_two_writers_interleave_and_nothing_acknowledged_is_lost() {
    run(0..rounds(), false);
}

#[test]
fn nor_is_it_while_everything_is_collected_that_may_be() {
    run(1_000_000..1_000_000 + rounds(), true);
}
