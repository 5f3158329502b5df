//! A bucket as a real run of beta 10 left it (a table of a million rows, two checkpoints, a stop): `recorded.txt` has the sizes and names, of some objects
//! the first bytes, and of the tables and of the other databases only a few. What nobody looks at is other bytes.

use std::{collections::BTreeMap, sync::Arc};

use futures::TryStreamExt;
use iasql::store::{Bucket, Id, Orioledb};
use object_store::{ObjectStore, ObjectStoreExt, PutPayload, memory::InMemory, path::Path};

const RECORDED: &str = include_str!("recorded.txt");
/// More is not written of an object, for its size is no matter.
const MOST: usize = 1 << 20;
/// Small files that the first checkpoint wrote, and one that the third wrote again.
const SMALL: [(&str, u32, &str); 3] = [("PG_VERSION", 1, "17\n"), ("base/5/PG_VERSION", 1, "17\n"), ("global/pg_filenode.map", 3, "a map")];

/// The objects of one database.
pub(super) struct Recorded {
    objects: Arc<InMemory>,
}

impl Recorded {
    pub(super) async fn new() -> Self {
        let recorded = Self { objects: Arc::default() };
        for line in RECORDED.lines() {
            let mut words = line.split(' ');
            let (size, key) = (words.next().expect("a size"), words.next().expect("a name"));
            let size: usize = size.parse().expect("a number");
            let mut bytes = words.next().map(bytes).unwrap_or_default();
            bytes.resize(size.min(MOST), if bytes.is_empty() { 7 } else { 0 });
            recorded.put(key, bytes).await;
        }
        for checkpoint in 1..=3 {
            recorded.put(&format!("data/{checkpoint}/orioledb_data/file_checksums"), large(checkpoint).into_bytes()).await;
            let small = SMALL
                .iter()
                .map(|(name, first, _)| line(&format!("./{name}"), if *first <= checkpoint { *first } else { 1 }))
                .collect::<String>();
            recorded.put(&format!("data/{checkpoint}/orioledb_data/small_file_checksums"), small.into_bytes()).await;
        }
        recorded
            .put(
                "data/1/orioledb_data/small_files_0",
                packed(&SMALL.map(|(name, _, text)| (name, if text == "a map" { "an older map" } else { text }))),
            )
            .await;
        recorded.put("data/2/orioledb_data/small_files_0", packed(&[])).await;
        recorded.put("data/3/orioledb_data/small_files_0", packed(&[(SMALL[2].0, SMALL[2].2)])).await;
        recorded
    }

    /// Nothing at all.
    pub(super) fn empty() -> Self {
        Self { objects: Arc::default() }
    }

    pub(super) async fn bucket(&self) -> Bucket {
        Bucket::over(self.objects.clone(), "").await.expect("a bucket")
    }

    pub(super) async fn orioledb(&self) -> Orioledb {
        Orioledb::new(self.bucket().await, Id::new("shop").expect("a name"))
    }

    pub(super) async fn put(&self, key: &str, bytes: Vec<u8>) {
        self.objects.put(&place(key), PutPayload::from(bytes)).await.expect("an object");
    }

    pub(super) async fn get(&self, key: &str) -> Option<Vec<u8>> {
        let found = self.objects.get(&place(key)).await.ok()?;
        Some(found.bytes().await.expect("bytes").to_vec())
    }

    pub(super) async fn remove(&self, key: &str) {
        self.objects.delete(&place(key)).await.expect("an object");
    }

    /// How many there are below a key.
    pub(super) async fn count(&self, below: &str) -> usize {
        self.objects.list(Some(&place(below))).try_collect::<Vec<_>>().await.expect("a list").len()
    }

    /// A file of the WAL with this number of the first timeline, in which stands what the one with another number had.
    pub(super) async fn wal(&self, number: u64, of: u64) {
        let head = [bytes("16d1070001000000"), (of << 20).to_le_bytes().to_vec()].concat();
        self.put(&format!("wal/{}", segment(number)), [head, vec![0; MOST - 16]].concat()).await;
    }
}

/// As Postgres names it.
pub(super) fn segment(number: u64) -> String {
    format!("0000000100000000{number:08X}")
}

fn place(key: &str) -> Path {
    Path::from(format!("shop/orioledb/{key}"))
}

pub(super) fn line(name: &str, checkpoint: u32) -> String {
    format!("FILE: {name}, CHECKSUM: 00, CHECKPOINT: {checkpoint}\n")
}

/// Of each large file the newest checkpoint that wrote it.
fn large(checkpoint: u32) -> String {
    let mut files = BTreeMap::new();
    for key in RECORDED.lines().filter_map(|line| line.split(' ').nth(1)) {
        let Some((number, name)) = key.strip_prefix("data/").and_then(|key| key.split_once('/')) else { continue };
        if let (true, Ok(number)) = (name.starts_with("base/"), number.parse::<u32>()) {
            let newest = files.entry(name).or_insert(number);
            *newest = if number <= checkpoint { number.max(*newest) } else { *newest };
        }
    }
    files.into_iter().map(|(name, number)| line(name, number)).collect()
}

/// Small files in one object, as OrioleDB lays them there.
pub(super) fn packed(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut name, mut numbers) = (4 + 12 * files.len(), vec![files.len()]);
    let mut content = name + files.iter().map(|(name, _)| name.len() + 3).sum::<usize>();
    for (called, text) in files {
        numbers.extend([name, content, text.len()]);
        name += called.len() + 3;
        content += text.len();
    }
    let numbers = numbers.into_iter().flat_map(|number| i32::try_from(number).expect("a small number").to_le_bytes());
    let names = files.iter().flat_map(|(name, _)| format!("./{name}\0").into_bytes());
    numbers.chain(names).chain(files.iter().flat_map(|(_, text)| text.bytes())).collect()
}

fn bytes(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("two digits")).collect()
}
