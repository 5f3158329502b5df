//! Postgres' own files of a checkpoint: those that it wrote, those of earlier ones that have not changed since, and those that no list names.
//!
//! A list of small files names a hundred at a time and not the last up to a hundred: those OrioleDB takes for changed the next time, and writes them
//! again. Which ones are the last may change from one checkpoint to the next, and then a file that has not changed is in neither; so what the
//! list before named counts too, where nothing newer is there.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    LISTS, SERVER,
    bundle::{self, BUNDLES, Line},
    checkpoint::Look,
};
use crate::store::Error;

/// By their names in the data folder.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Objects of their own: their keys.
    pub(super) large: BTreeMap<String, String>,
    /// Those that lie many in one: what is in them.
    pub(super) small: BTreeMap<String, Vec<u8>>,
}

impl Files {
    fn has(&self, name: &str) -> bool {
        self.large.contains_key(name) || self.small.contains_key(name)
    }
}

impl Look<'_> {
    /// All of them, by the lists of large and of small ones. What is listed and not there is noted.
    pub(super) async fn files(&mut self, [large, small]: [Vec<Line>; 2]) -> Result<Files, Error> {
        let mut files = self.written().await?;
        let earlier = self.earlier().await?;
        for Line { name, checkpoint } in large {
            // what has grown since this checkpoint was begun for the first time is not small any more
            files.small.remove(&name);
            let key = format!("data/{checkpoint}/{name}");
            if self.names(checkpoint).await?.contains_key(&name) {
                files.large.insert(name, self.of.key(&key));
            } else {
                self.lacks.push(key);
            }
        }
        let missing = self.bring(&mut files, small).await?;
        self.lacks.extend(missing);
        let [large, small] = earlier;
        for Line { name, checkpoint } in large {
            let is_there = self.names(checkpoint).await?.contains_key(&name);
            if is_there && !files.has(&name) {
                let key = self.of.key(&format!("data/{checkpoint}/{name}"));
                files.large.insert(name, key);
            }
        }
        // one that is gone from there was dropped
        self.bring(&mut files, small).await?;
        Ok(files)
    }

    /// What the checkpoint itself has, whether a list names it or not.
    async fn written(&mut self) -> Result<Files, Error> {
        let number = self.number;
        let own = |name: &str| name.starts_with("orioledb_data/") || name == SERVER;
        let there = self.names(number).await?;
        // a folder is an object without anything in it
        let large: Vec<_> = there.iter().filter(|(name, size)| **size > 0 && !own(name)).map(|(name, _)| name.clone()).collect();
        let large = large.into_iter().map(|name| (name.clone(), self.of.key(&format!("data/{number}/{name}")))).collect();
        Ok(Files { large, small: self.bundled(number).await? })
    }

    /// What the lists of the checkpoint before name.
    async fn earlier(&mut self) -> Result<[Vec<Line>; 2], Error> {
        let mut found = [vec![], vec![]];
        for before in (1..self.number).rev() {
            if !self.names(before).await?.contains_key(LISTS[1]) {
                continue;
            }
            for (list, lines) in LISTS.into_iter().zip(&mut found) {
                let bytes = self.of.bucket.get(&self.of.key(&format!("data/{before}/{list}"))).await?.unwrap_or_default();
                *lines = bundle::lines(&bytes).unwrap_or_default();
            }
            break;
        }
        Ok(found)
    }

    /// Takes small files out of their objects, those that are not there already; answers which of them are not in those objects.
    async fn bring(&mut self, files: &mut Files, lines: Vec<Line>) -> Result<Vec<String>, Error> {
        let mut wanted: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
        for Line { name, checkpoint } in lines.into_iter().filter(|line| !files.has(&line.name)) {
            wanted.entry(checkpoint).or_default().insert(name);
        }
        let mut missing = vec![];
        for (checkpoint, names) in wanted {
            let mut bundled = self.bundled(checkpoint).await?;
            for name in names {
                match bundled.remove(&name) {
                    Some(bytes) => drop(files.small.insert(name, bytes)),
                    None => missing.push(format!("data/{checkpoint}/{name}")),
                }
            }
        }
        Ok(missing)
    }

    /// The small files of a checkpoint. Of the objects of one that was begun twice, the first that has a file is of the second time.
    async fn bundled(&mut self, checkpoint: u32) -> Result<BTreeMap<String, Vec<u8>>, Error> {
        let there = self.names(checkpoint).await?;
        let mut bundles: Vec<u32> = there.keys().filter_map(|name| name.strip_prefix(BUNDLES)?.parse().ok()).collect();
        bundles.sort_unstable();
        let mut files = BTreeMap::new();
        for bundle in bundles {
            let key = format!("data/{checkpoint}/{BUNDLES}{bundle}");
            let bytes = self.of.bucket.get(&self.of.key(&key)).await?.unwrap_or_default();
            let Some(unpacked) = bundle::unpack(&bytes) else {
                self.lacks.push(format!("{key} in a form that is known here"));
                continue;
            };
            for (name, bytes) in unpacked {
                files.entry(name).or_insert_with(|| bytes.to_vec());
            }
        }
        Ok(files)
    }
}
