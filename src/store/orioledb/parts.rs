//! The trees of OrioleDB's tables: in the bucket in parts of a megabyte, on a disk in a file for each checkpoint that wrote them.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use super::control;
use crate::store::{Error, bucket::Listed};

/// In bytes: of a part, and of what stands before the first one in a file.
const PART: u64 = 1 << 20;
const HEAD: u64 = 8192;
/// Where in a map it stands how many blocks of the tree this checkpoint has written.
const LENGTH: usize = 24;

/// A tree: `<database>/<number>`, both as Postgres counts them.
type Tree = String;

/// What a checkpoint has of the trees that it wrote.
#[derive(Debug, Default)]
pub(super) struct Trees {
    /// By their names, and of which tree they are.
    pub(super) maps: Vec<(String, Tree)>,
    /// How long they are, by tree, segment and number.
    pub(super) parts: BTreeMap<(Tree, u32, u32), u64>,
}

impl Trees {
    /// Of what lies below a checkpoint's folder.
    pub(super) fn of(listed: Vec<Listed>) -> Self {
        let mut trees = Self::default();
        for Listed { key, size, .. } in listed {
            if let Some(tree) = key.strip_suffix(".map") {
                trees.maps.push((key.clone(), tree.to_owned()));
            } else if let Some(part) = part(&key) {
                trees.parts.insert(part, size);
            }
        }
        trees
    }

    /// The names of parts before which there are others, and that are not there.
    pub(super) fn gaps(&self) -> Vec<String> {
        let mut last: BTreeMap<(&str, u32), u32> = BTreeMap::new();
        for (tree, segment, number) in self.parts.keys() {
            last.insert((tree, *segment), *number);
        }
        let missing = last.into_iter().flat_map(|((tree, segment), last)| {
            (0..last)
                .filter(move |number| !self.parts.contains_key(&(tree.to_owned(), segment, *number)))
                .map(move |number| name(tree, segment, number))
        });
        missing.collect()
    }
}

/// As a part is named below its checkpoint's folder.
pub(super) fn name(tree: &str, segment: u32, number: u32) -> String {
    format!("{tree}.{segment}.{number}")
}

fn part(key: &str) -> Option<(Tree, u32, u32)> {
    let (rest, number) = key.rsplit_once('.')?;
    let (tree, segment) = rest.rsplit_once('.')?;
    Some((tree.to_owned(), segment.parse().ok()?, number.parse().ok()?))
}

/// Whether the checkpoint of this map has written anything of its tree.
pub(super) fn writes(map: &[u8]) -> bool {
    control::long(map, LENGTH).is_some_and(|length| length > 0)
}

/// A tree's file in a data folder (`16391/16400-7`, `16391/16400.1-7`): of which tree, segment and checkpoint.
fn file(database: &str, name: &str) -> Option<(Tree, u32, u32)> {
    let (tree, checkpoint) = name.split_once('-')?;
    let (tree, segment) = tree.split_once('.').unwrap_or((tree, "0"));
    tree.parse::<u32>().ok()?;
    Some((format!("{database}/{tree}"), segment.parse().ok()?, checkpoint.parse().ok()?))
}

/// What a data folder has of the trees, and where it lies in the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Of which checkpoint, and the name below its folder.
    pub(super) checkpoint: u32,
    pub(super) name: String,
    /// Which bytes of which file.
    file: PathBuf,
    from: u64,
    pub(super) size: u64,
}

impl Piece {
    /// Of which tree and checkpoint it is.
    fn of(&self) -> (&str, u32) {
        (self.name.split('.').next().unwrap_or_default(), self.checkpoint)
    }

    /// Its bytes. None where there are only zeros: OrioleDB has let go of it, for the bucket had it.
    pub(super) fn read(&self) -> Result<Option<Vec<u8>>, Error> {
        let mut bytes = vec![0; usize::try_from(self.size).unwrap_or_default()];
        let read = fs::File::open(&self.file).and_then(|file| file.read_exact_at(&mut bytes, self.from));
        read.map_err(Error::disk("read", &self.file))?;
        Ok(bytes.iter().any(|byte| *byte != 0).then_some(bytes))
    }
}

/// The pieces of the trees in a data folder, up to this checkpoint.
pub(super) fn pieces(data: &Path, last: u32) -> Result<Vec<Piece>, Error> {
    let (folder, mut found) = (data.join("orioledb_data"), vec![]);
    let read = |folder: &Path| fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(Error::disk("read", folder));
    for database in read(&folder)?.into_iter().filter(|entry| entry.path().is_dir()) {
        let within = database.file_name().to_string_lossy().into_owned();
        for entry in read(&database.path())? {
            let size = entry.metadata().map_err(Error::disk("look at", entry.path()))?.len();
            found.extend(pieces_of(&within, &entry.file_name().to_string_lossy(), &entry.path(), size));
        }
    }
    // a tree without a map is one that no checkpoint has: of temporary tables, and of OrioleDB's own
    let mapped: HashSet<_> = found.iter().filter(|piece| piece.name.ends_with(".map")).map(Piece::of).collect();
    let kept = found.iter().filter(|piece| piece.checkpoint <= last && mapped.contains(&piece.of()));
    Ok(kept.cloned().collect())
}

/// Those of one file: a map is one, and other files are in parts.
fn pieces_of(database: &str, name: &str, path: &Path, size: u64) -> Vec<Piece> {
    let map = name.strip_suffix(".map").and_then(|name| file(database, name));
    if let Some((tree, 0, checkpoint)) = map {
        return vec![Piece { checkpoint, name: format!("{tree}.map"), file: path.to_owned(), from: 0, size }];
    }
    let Some((tree, segment, checkpoint)) = file(database, name) else { return vec![] };
    let starts = (0_u32..).map(|number| (number, HEAD + u64::from(number) * PART)).take_while(|(_, from)| *from < size);
    let piece = |(number, from): (u32, u64)| {
        let name = self::name(&tree, segment, number);
        Piece { checkpoint, name, file: path.to_owned(), from, size: PART.min(size - from) }
    };
    starts.map(piece).collect()
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;

    fn listed(keys: &[&str]) -> Vec<Listed> {
        keys.iter().map(|key| Listed { key: (*key).to_owned(), made: Utc::now(), size: PART }).collect()
    }

    #[test]
    fn a_part_that_is_missing_before_others_is_seen() {
        let trees = Trees::of(listed(&["5/16400.map", "5/16400.0.0", "5/16400.0.2", "5/16400.1.0", "1/3.0.0"]));
        assert_eq!(trees.maps, [("5/16400.map".to_owned(), "5/16400".to_owned())]);
        assert_eq!(trees.gaps(), ["5/16400.0.1"]);
    }

    #[test]
    fn a_file_of_a_data_folder_says_which_parts_it_has() {
        assert_eq!(file("5", "16400-7"), Some(("5/16400".to_owned(), 0, 7)));
        assert_eq!(file("5", "16400.1-7"), Some(("5/16400".to_owned(), 1, 7)));
        for other in ["16400-7.map", "16400-7.tmp", "control", "7.xid", "x-1"] {
            assert_eq!(file("5", other), None, "{other}");
        }
        let pieces = |name: &str, size| {
            let found = pieces_of("5", name, Path::new("/x"), size);
            found.into_iter().map(|piece| (piece.name, piece.from, piece.size)).collect::<Vec<_>>()
        };
        assert_eq!(pieces("16400-7", HEAD), []);
        let two = [("5/16400.1.0".to_owned(), HEAD, PART), ("5/16400.1.1".to_owned(), HEAD + PART, 8192)];
        assert_eq!(pieces("16400.1-7", HEAD + PART + 8192), two);
        assert_eq!(pieces("16400-7.map", 48), [("5/16400.map".to_owned(), 0, 48)]);
        assert_eq!(pieces("16400-7.tmp", 48), []);
    }

    #[test]
    fn a_map_says_whether_its_checkpoint_wrote_anything() {
        let mut map = vec![0; 48];
        assert!(!writes(&map) && !writes(b"short"));
        map[LENGTH] = 1;
        assert!(writes(&map));
    }
}
