//! A database that somebody else writes, read as it grows: its log, the next version's log, and what leads nowhere; and nothing of it is changed by that.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use iasql::store::{Bucket, Came, Error, Follower, Log, Piece, Store, Template, Writer};
use object_store::memory::InMemory;

use super::{
    faulty::Faulty,
    place::{Clock, LEASE, Place, folder, id, memory, options, take},
    postgres::Clusters,
};

/// Of the files of WAL.
const SEGMENT: usize = 1 << 20;
/// How long anything may take here.
const PATIENCE: Duration = Duration::from_secs(60);

/// A database whose server runs now and then, and what it takes to store it.
struct Ground {
    clusters: Clusters,
    template: Template,
    clock: Clock,
    bucket: Bucket,
}

impl Ground {
    async fn new(bucket: Bucket) -> Self {
        let clusters = Clusters::new();
        clusters.init("template");
        let template = Template::open(clusters.join("template")).await.expect("a template");
        clusters.copy("template", "data");
        // what is to be read of its WAL is there still when it has stopped
        let settings = fs::OpenOptions::new().append(true).open(clusters.join("data/postgresql.conf"));
        settings.and_then(|mut settings| settings.write_all(b"wal_keep_size = '100MB'\n")).expect("one more setting");
        Self { clusters, template, clock: Clock::new(), bucket }
    }

    fn store(&self) -> Store {
        Store::new(self.bucket.clone(), vec![self.template.clone()], options(&self.clock))
    }

    fn data(&self) -> PathBuf {
        self.clusters.join("data")
    }

    /// Has its server run and stop; what it has written, from the checkpoint before on.
    fn runs(&self, sql: &str) -> Piece {
        let start = checkpoint(&self.data());
        self.clusters.start("data");
        self.clusters.psql("data", sql);
        self.clusters.stop("data", "fast");
        let bytes = wal(&self.data(), start)[..(end(&self.data()) - start) as usize].to_vec();
        Piece { timeline: 1, start, bytes }
    }

    /// A version of what it has, and a log behind that.
    async fn logged(&self, writer: &mut Writer) -> Log {
        writer.put(&self.data(), vec![]).await.expect("it is stored");
        writer.open_log().await.expect("a log")
    }

    async fn follow(&self) -> (Follower, PathBuf) {
        let folder = self.clusters.join(&format!("f{}", &uuid::Uuid::new_v4().simple().to_string()[..8]));
        let follower = self.store().follow(&id("shop"), None, &folder, None).await.expect("an answer").expect("a version");
        (follower, folder)
    }
}

/// Where the record of its last checkpoint begins (src/include/catalog/pg_control.h).
fn checkpoint(data: &Path) -> u64 {
    let control = fs::read(data.join("global/pg_control")).expect("a control file");
    u64::from_le_bytes(control[32..40].try_into().expect("eight bytes"))
}

/// Where the WAL of a server ends that has stopped: behind that record, which may go on on the next page.
fn end(data: &Path) -> u64 {
    let at = checkpoint(data);
    let length = u64::from(u32::from_le_bytes(wal(data, at)[..4].try_into().expect("four bytes")));
    let here = 8192 - at % 8192;
    let head = if (at + here).is_multiple_of(SEGMENT as u64) { 40 } else { 24 };
    (at + length + if length > here { head } else { 0 }).next_multiple_of(8)
}

/// What stands in the WAL from there on.
fn wal(data: &Path, from: u64) -> Vec<u8> {
    let first = from as usize / SEGMENT;
    let files = (first..).map(|file| data.join(format!("pg_wal/00000001{:08X}{:08X}", 0, file))).map_while(|path| fs::read(path).ok());
    files.flatten().skip(from as usize % SEGMENT).collect()
}

async fn append(log: &mut Log, piece: &Piece) {
    let entry = log.entry(piece.clone()).expect("an entry");
    log.append(&entry).await.expect("it is stored");
}

/// The two halves of a piece.
fn halves(piece: &Piece) -> [Piece; 2] {
    let half = piece.bytes.len() / 2;
    let part = |from: usize, to: usize| Piece { start: piece.start + from as u64, bytes: piece.bytes[from..to].to_vec(), ..piece.clone() };
    [part(0, half), part(half, piece.bytes.len())]
}

fn is_laid(folder: &Path, piece: &Piece) {
    let found = wal(folder, piece.start);
    assert!(found.starts_with(&piece.bytes) && found[piece.bytes.len()..].iter().all(|byte| *byte == 0), "and zeros behind it");
}

/// All objects of a bucket that is a folder, byte for byte.
fn objects(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for path in fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()) {
        if path.is_dir() { found.extend(objects(&path)) } else { drop(found.insert(path.clone(), fs::read(path).expect("a file"))) }
    }
    found
}

#[tokio::test]
async fn what_comes_is_laid_as_it_comes_and_the_one_who_is_read_finds_nothing_changed() {
    let place = Place::new();
    let ground = Ground::new(folder(&place).await).await;
    let mut writer = take(&ground.store(), "shop", "node").await;
    let mut log = ground.logged(&mut writer).await;
    let piece = ground.runs("create table public.t (n int)");
    let [first, second] = halves(&piece);
    append(&mut log, &first).await;
    let before = objects(&place.join("bucket"));
    let (mut follower, followed) = ground.follow().await;
    is_laid(&followed, &first);
    assert!(followed.join("standby.signal").exists() && !followed.join("recovery.signal").exists());
    assert_eq!(follower.look().await.expect("an answer"), Came::Nothing);
    assert_eq!(objects(&place.join("bucket")), before, "no lease, no manifest, no end of a log");
    append(&mut log, &second).await;
    let before = objects(&place.join("bucket"));
    assert_eq!(follower.look().await.expect("an answer"), Came::Log(second.bytes.len() as u64));
    is_laid(&followed, &piece);
    assert_eq!(objects(&place.join("bucket")), before);
    writer.renew().await.expect("it is held still");
}

#[tokio::test]
async fn the_log_of_the_next_version_is_gone_on_with_where_that_is_what_was_read() {
    let ground = Ground::new(memory().await).await;
    let mut writer = take(&ground.store(), "shop", "node").await;
    let mut log = ground.logged(&mut writer).await;
    let (mut follower, followed) = ground.follow().await;
    let mut all = ground.runs("create table public.t as select generate_series(1, 20000) as n");
    for part in halves(&all) {
        append(&mut log, &part).await;
    }
    drop(ground.logged(&mut writer).await);
    let new = all.start + all.bytes.len() as u64 - end(&ground.clusters.join("template"));
    assert_eq!(follower.look().await.expect("an answer"), Came::Log(new));
    // a start and a pause in which nothing is written
    let mut again = ground.logged(&mut writer).await;
    assert_eq!(follower.look().await.expect("an answer"), Came::Nothing);
    let next = ground.runs("insert into public.t values (0)");
    append(&mut again, &next).await;
    let new = next.start + next.bytes.len() as u64 - all.start - all.bytes.len() as u64;
    assert_eq!(follower.look().await.expect("an answer"), Came::Log(new));
    all.bytes.truncate((next.start - all.start) as usize);
    all.bytes.extend(&next.bytes);
    is_laid(&followed, &all);
}

#[tokio::test]
async fn where_a_log_has_ended_and_other_files_have_come_they_are_to_be_fetched() {
    let ground = Ground::new(memory().await).await;
    let store = ground.store();
    let mut old = take(&store, "shop", "old").await;
    let mut log = ground.logged(&mut old).await;
    let piece = ground.runs("create table public.t (n int)");
    append(&mut log, &halves(&piece)[0]).await;
    let (mut follower, followed) = ground.follow().await;
    drop(store.take(&id("shop"), "new").await.expect("an answer"));
    ground.clock.pass(2 * LEASE);
    let mut new = take(&store, "shop", "new").await;
    assert_eq!((new.log_entries(), follower.look().await.expect("an answer")), (1, Came::Nothing), "it has ended, and nothing follows yet");
    is_laid(&followed, &halves(&piece)[0]);
    new.put(&ground.data(), vec![]).await.expect("it is stored");
    assert_eq!(follower.look().await.expect("an answer"), Came::Files, "not all of that was in the log");
    let (mut follower, followed) = ground.follow().await;
    assert_eq!((follower.look().await.expect("an answer"), end(&followed)), (Came::Nothing, piece.start + piece.bytes.len() as u64));
}

#[tokio::test]
async fn a_version_that_only_a_pause_stored_one_of_an_older_time_and_one_from_elsewhere_are_other_files() {
    let ground = Ground::new(memory().await).await;
    let mut writer = take(&ground.store(), "shop", "node").await;
    let first = writer.put(&ground.data(), vec![]).await.expect("it is stored").number;
    let (mut follower, _) = ground.follow().await;
    drop(ground.runs("create table public.t (n int)"));
    writer.put(&ground.data(), vec![]).await.expect("it is stored");
    assert_eq!(follower.look().await.expect("an answer"), Came::Files);

    let (mut follower, _) = ground.follow().await;
    assert_eq!(follower.look().await.expect("an answer"), Came::Nothing);
    writer.restore(first).await.expect("restored");
    assert_eq!(follower.look().await.expect("an answer"), Came::Files);

    ground.clusters.init("other");
    let (mut follower, _) = ground.follow().await;
    writer.put(&ground.clusters.join("other"), vec![]).await.expect("it is stored");
    assert_eq!(follower.look().await.expect("an answer"), Came::Files);
}

#[tokio::test]
async fn whatever_fails_a_look_is_made_again_and_all_of_the_log_is_laid_once() {
    const PIECES: u8 = 60;
    let mut ground = Ground::new(memory().await).await;
    for seed in 0..6 {
        let way = Faulty::new(Arc::new(InMemory::new()), seed);
        way.calm(true);
        ground.bucket = Bucket::over(Arc::new(way.clone()), "").await.expect("a bucket");
        let mut writer = take(&ground.store(), "shop", "node").await;
        let mut log = ground.logged(&mut writer).await;
        let (mut follower, followed) = ground.follow().await;
        let start = end(&ground.data());
        for number in 0..PIECES {
            append(&mut log, &Piece { timeline: 1, start: start + u64::from(number), bytes: vec![number + 1] }).await;
        }
        way.calm(false);
        while wal(&followed, start)[usize::from(PIECES) - 1] != PIECES {
            match follower.look().await {
                Ok(Came::Log(_)) | Err(Error::Bucket { .. }) => {}
                other => panic!("seed {seed}: {other:?}"),
            }
        }
        is_laid(&followed, &Piece { timeline: 1, start, bytes: (1..=PIECES).collect() });
    }
}

#[tokio::test]
async fn a_piece_that_leaves_a_gap_or_is_of_another_timeline_leads_nowhere() {
    for (timeline, gap) in [(1, 8), (2, 0)] {
        let ground = Ground::new(memory().await).await;
        let mut writer = take(&ground.store(), "shop", "node").await;
        let mut log = ground.logged(&mut writer).await;
        let (mut follower, _) = ground.follow().await;
        append(&mut log, &Piece { timeline, start: end(&ground.data()) + gap, bytes: vec![1; 100] }).await;
        assert_eq!(follower.look().await.expect("an answer"), Came::Files);
    }
}

#[tokio::test]
async fn what_is_not_there_or_was_deleted_is_not_followed() {
    let ground = Ground::new(memory().await).await;
    let (store, into) = (ground.store(), ground.clusters.join("followed"));
    assert!(store.follow(&id("shop"), None, &into, None).await.expect("an answer").is_none());
    let mut writer = take(&store, "shop", "node").await;
    assert!(store.follow(&id("shop"), None, &into, None).await.expect("an answer").is_none(), "it was taken, and has no version");
    writer.put(&ground.data(), vec![]).await.expect("it is stored");
    store.delete(&id("shop")).await.expect("deleted");
    assert!(matches!(store.follow(&id("shop"), None, &into, None).await, Err(Error::Deleted(_))));
    assert!(!into.exists());
}

#[tokio::test]
async fn a_standby_shows_what_is_laid_before_it_and_its_files_are_never_stored() {
    let ground = Ground::new(memory().await).await;
    let mut writer = take(&ground.store(), "shop", "node").await;
    drop(ground.runs("create table public.t as select 1 as n"));
    let mut log = ground.logged(&mut writer).await;
    let (mut follower, followed) = ground.follow().await;
    let name = followed.file_name().and_then(|name| name.to_str()).expect("a name");
    ground.clusters.give(name);
    ground.clusters.start(name);
    assert_eq!(ground.clusters.psql(name, "select sum(n) || ' ' || pg_is_in_recovery() from public.t"), "1 true");
    // longer than a file of WAL, so that some are made while it looks
    let piece = ground.runs("insert into public.t select generate_series(1, 30000)");
    assert!(piece.bytes.len() > SEGMENT, "{}", piece.bytes.len());
    for part in halves(&piece).iter().flat_map(halves) {
        append(&mut log, &part).await;
        assert!(matches!(follower.look().await.expect("an answer"), Came::Log(_)));
    }
    let begin = Instant::now();
    while ground.clusters.psql(name, "select count(*) from public.t") != "30001" {
        assert!(begin.elapsed() < PATIENCE, "it never came to be");
    }
    ground.clusters.stop(name, "fast");
    let refused = writer.put(&followed, vec![]).await.expect_err("it is another one's").to_string();
    assert!(refused.contains("standby.signal is there, so it is a replica of another database"), "{refused}");
}
