//! What a running database writes between two versions: kept in order, ended by whoever takes over, brought along with the files, and collected.

use std::{fs, path::Path, sync::Arc};

use iasql::store::{Bucket, Error, Log, Piece, Store, Template, Writer};
use object_store::memory::InMemory;

use super::{
    faulty::Faulty,
    place::Place,
    place::{Clock, LEASE, folder, id, later, memory, options, s3, take},
    postgres::{Clusters, owner},
};

/// Of the files of WAL.
const SEGMENT: usize = 1 << 20;

/// A stopped cluster, and what it takes to store it.
struct World {
    clusters: Clusters,
    template: Template,
    clock: Clock,
    bucket: Bucket,
}

impl World {
    async fn new(bucket: Bucket) -> Self {
        let clusters = Clusters::new();
        clusters.init("template");
        let template = Template::open(clusters.join("template")).await.expect("a template");
        clusters.copy("template", "data");
        Self { clusters, template, clock: Clock::new(), bucket }
    }

    fn store(&self) -> Store {
        Store::new(self.bucket.clone(), vec![self.template.clone()], options(&self.clock))
    }

    /// A writer with a version and a log of these pieces behind it.
    async fn logged(&self, holder: &str, pieces: &[Piece]) -> (Writer, Log) {
        let mut writer = take(&self.store(), "shop", holder).await;
        writer.put(&self.clusters.join("data"), vec![]).await.expect("it is stored");
        let mut log = writer.open_log().await.expect("a log");
        for piece in pieces {
            let entry = log.entry(piece.clone()).expect("an entry");
            log.append(&entry).await.expect("it is stored");
        }
        (writer, log)
    }

    /// Pieces that follow the cluster's last checkpoint, together longer than a file of WAL.
    fn pieces(&self) -> Vec<Piece> {
        let mut start = checkpoint(&self.clusters.join("data"));
        let piece = |length: usize, of: u8| {
            let piece = Piece { timeline: 1, start, bytes: vec![of; length] };
            start += length as u64;
            piece
        };
        [(1, 1), (5000, 2), (SEGMENT, 3), (17, 4)]
            .into_iter()
            .map({
                let mut piece = piece;
                move |(length, of)| piece(length, of)
            })
            .collect()
    }

    async fn append(log: &mut Log, piece: &Piece) -> Result<(), Error> {
        let entry = log.entry(piece.clone()).expect("an entry");
        log.append(&entry).await
    }
}

/// Where its last checkpoint stands in the WAL (src/include/catalog/pg_control.h).
fn checkpoint(data: &Path) -> u64 {
    let control = fs::read(data.join("global/pg_control")).expect("a control file");
    u64::from_le_bytes(control[32..40].try_into().expect("eight bytes"))
}

/// What stands in the WAL from there on.
fn wal(data: &Path, from: u64) -> Vec<u8> {
    let first = from as usize / SEGMENT;
    let files = (first..).map(|file| data.join(format!("pg_wal/00000001{:08X}{:08X}", 0, file))).map_while(|path| fs::read(path).ok());
    files.flatten().skip(from as usize % SEGMENT).collect()
}

async fn kept_and_ended(bucket: Bucket) {
    let world = World::new(bucket).await;
    let pieces = world.pieces();
    let (_, mut log) = world.logged("old", &pieces[..3]).await;
    world.clock.pass(LEASE);
    let store = world.store();
    drop(store.take(&id("shop"), "new").await.expect("an answer"));
    world.clock.pass(2 * LEASE);
    let new = take(&store, "shop", "new").await;
    assert_eq!((new.log_entries(), new.lost()), (3, Some("old")));
    assert!(matches!(World::append(&mut log, &pieces[3]).await, Err(Error::Lost(_))), "its number is taken");
    let fetched = world.clusters.join("fetched");
    assert!(new.fetch(&fetched, owner()).await.expect("an answer"));
    let from = pieces[0].start;
    let expected: Vec<u8> = pieces[..3].iter().flat_map(|piece| piece.bytes.clone()).collect();
    let found = wal(&fetched, from);
    assert!(found.starts_with(&expected) && found[expected.len()..].iter().all(|byte| *byte == 0), "and zeros behind it");
    assert!(fetched.join("recovery.signal").exists());
    let mut new = new;
    let refused = new.put(&fetched, vec![]).await.expect_err("nobody has read the log");
    assert!(refused.to_string().contains("recovery.signal"), "{refused}");
    assert!(matches!(new.open_log().await, Err(Error::OpenLog(_))));
    // a version that has what the log had
    new.put(&world.clusters.join("data"), vec![]).await.expect("it is stored");
    assert_eq!(new.log_entries(), 0);
    World::append(&mut new.open_log().await.expect("a log of its own"), &pieces[0]).await.expect("it is stored");
    assert!(matches!(World::append(&mut log, &pieces[3]).await, Err(Error::Lost(_))), "still");
}

#[tokio::test]
async fn a_log_in_a_folder_is_brought_along_and_an_old_writer_adds_nothing_to_it() {
    let place = Place::new();
    kept_and_ended(folder(&place).await).await;
}

#[tokio::test]
async fn a_log_in_the_cloud_is_brought_along_and_an_old_writer_adds_nothing_to_it() {
    kept_and_ended(s3().await).await;
}

#[tokio::test]
async fn a_piece_that_does_not_follow_is_no_database() {
    for wrong in [0, 1] {
        let world = World::new(memory().await).await;
        let mut pieces = world.pieces();
        pieces.remove(wrong);
        drop(world.logged("node", &pieces).await);
        let again = take(&world.store(), "shop", "node").await;
        let refused = again.fetch(&world.clusters.join("fetched"), owner()).await.expect_err("refused");
        assert!(refused.to_string().contains("was to follow"), "{refused}");
        assert!(!world.clusters.join("fetched").exists());
    }
}

#[tokio::test]
async fn whatever_fails_each_piece_is_there_once() {
    let mut faulty = World::new(memory().await).await;
    for seed in 0..6 {
        let way = Faulty::new(Arc::new(InMemory::new()), seed);
        way.calm(true);
        faulty.bucket = Bucket::over(Arc::new(way.clone()), "").await.expect("a bucket");
        let (_, mut log) = faulty.logged("node", &[]).await;
        let start = checkpoint(&faulty.clusters.join("data"));
        way.calm(false);
        for number in 0..40_u8 {
            let entry = log.entry(Piece { timeline: 1, start: start + u64::from(number), bytes: vec![number] }).expect("an entry");
            let mut stored = log.append(&entry).await;
            while let Err(error) = stored {
                assert!(matches!(error, Error::Bucket { .. }), "seed {seed}: {error}");
                stored = log.append(&entry).await;
            }
        }
        way.calm(true);
        let again = take(&faulty.store(), "shop", "node").await;
        assert_eq!(again.log_entries(), 40, "seed {seed}");
        let fetched = faulty.clusters.join(&format!("fetched-{seed}"));
        again.fetch(&fetched, owner()).await.expect("it is whole");
        assert!(wal(&fetched, start).starts_with(&(0..40).collect::<Vec<u8>>()), "seed {seed}");
    }
}

#[tokio::test]
async fn what_is_collected_is_the_logs_of_versions_that_went_but_never_their_end() {
    let world = World::new(memory().await).await;
    let (store, shop, pieces) = (world.store(), id("shop"), world.pieces());
    let (writer, mut old) = world.logged("node", &pieces).await;
    store.pin(&shop, &id("kept"), writer.newest().number).await.expect("a pin");
    assert_eq!(store.collect(&shop, later()).await.expect("collected").entries, [""; 0], "the newest has it");
    let (second, _) = world.logged("node", &pieces[..2]).await;
    assert_eq!(store.collect(&shop, later()).await.expect("collected").entries, [""; 0], "a pin is on it");
    assert_eq!(second.newest().kind, iasql::store::Kind::Logged);
    store.unpin(&shop, &id("kept")).await.expect("unpinned");
    store.collect(&shop, later()).await.expect("marked");
    store.collect(&shop, later()).await.expect("collected");
    assert!(matches!(World::append(&mut old, &pieces[3]).await, Err(Error::Lost(_))), "its end is there still");
    let again = take(&store, "shop", "node").await;
    assert_eq!(again.log_entries(), 2);
    again.fetch(&world.clusters.join("fetched"), owner()).await.expect("an answer");
    assert!(world.clusters.join("fetched/recovery.signal").exists());
}

#[tokio::test]
async fn a_pinned_version_with_a_log_is_restored_as_its_files_are() {
    let world = World::new(memory().await).await;
    let (store, shop) = (world.store(), id("shop"));
    let (writer, _) = world.logged("node", &world.pieces()).await;
    let version = store.versions(&shop).await.expect("versions")[0].number;
    assert_eq!(store.versions(&shop).await.expect("versions").len(), 1, "a log is no version");
    store.pin(&shop, &id("kept"), version).await.expect("a pin");
    drop(writer);
    let mut writer = take(&store, "shop", "node").await;
    writer.restore(version).await.expect("restored");
    assert_eq!(writer.log_entries(), 0);
    writer.fetch(&world.clusters.join("fetched"), owner()).await.expect("an answer");
    assert!(!world.clusters.join("fetched/recovery.signal").exists());
}
