//! What a version of a database is, and how that is written down. No bucket, no clock.

use std::io::Read;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Error, layout};
use crate::{postgres::Engine, resource::Secret};

/// How many bytes are compared, and stored, as one: a page of Postgres.
pub(super) const PAGE: u64 = 8192;
/// The most that a pack holds, in bytes before compression.
pub(super) const PACK: u64 = 4 << 20;
/// What a manifest of this format begins with; the number is the format's.
const MAGIC: &[u8] = b"iasql manifest 1\n";
/// The longest one that is opened, in bytes: what claims to be longer is a bomb.
const LONGEST: u64 = 1 << 30;

/// One numbered step in a database's life. It is never changed, and its being there is the commit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Counts from 1; each has the next one.
    pub number: u64,
    /// Under which lease it was written: each take has one of its own, higher than all before.
    pub epoch: u64,
    /// Tells it from whatever else might have got the number.
    pub id: Uuid,
    /// The one before.
    pub parent: Option<Parent>,
    /// When, by the writer's clock: for people, and for nothing that must be right.
    pub at: DateTime<Utc>,
    /// The writer's name.
    pub by: String,
    /// What made it.
    pub kind: Kind,
    /// Under which number's log it stands what came after the files; none where nothing did.
    #[serde(default)]
    pub log: Option<u64>,
    /// The files; none before the first version, and after the end of a deleted database.
    pub content: Option<Content>,
}

/// The manifest before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// Its number.
    pub number: u64,
    /// Its id.
    pub id: Uuid,
}

/// What made a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A writer has taken over: the same files, and the next number taken from whoever wrote before.
    Stamp,
    /// A database was made: its files are on the maker's disk, and nowhere else yet.
    Made,
    /// The same files; what is written from here on stands in the log of this number.
    Logged,
    /// Files were stored.
    Version,
    /// An older version became the newest.
    Restored,
    /// A version of another database became the first.
    Branched,
    /// The database was deleted.
    Gone,
}

/// A database's files, as the difference to a template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// By which engine they were made; older manifests know one only.
    #[serde(default)]
    pub engine: Engine,
    /// The major version of Postgres.
    pub major: u32,
    /// The template's fingerprint.
    pub template: String,
    /// All files together, in bytes.
    pub size: u64,
    /// The roles who may log in.
    pub roles: Vec<Role>,
    /// Where the bytes are.
    pub(super) packs: Vec<Pack>,
    /// What differs from the template, in the order of paths.
    pub(super) entries: Vec<Entry>,
    /// What the template has and this has not.
    pub(super) gone: Vec<String>,
}

/// A role and what its password is checked against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// The name.
    pub name: String,
    /// `SCRAM-SHA-256$…`, as in `pg_authid.rolpassword`.
    pub verifier: Secret,
}

/// Some bytes, compressed together: a range of a blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pack {
    /// The blob's key below the store's prefix; it may be another database's.
    pub(super) blob: String,
    /// Where it begins there.
    pub(super) at: u64,
    /// How long it is there.
    pub(super) stored: u64,
    /// How long it is once it is opened.
    pub(super) raw: u64,
    /// SHA-256 of what it is then, in base64.
    pub(super) sum: String,
}

/// A file or folder that differs from the template's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// From the data folder on.
    pub(super) path: String,
    /// The permission bits.
    pub(super) mode: u32,
    /// A file's size and pages; none for a folder.
    pub(super) file: Option<File>,
}

/// A file: the template's, cut or lengthened with zeros to this size, with these pieces laid over it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct File {
    /// In bytes.
    pub(super) size: u64,
    /// In the order of the file.
    pub(super) pieces: Vec<Piece>,
}

/// Pages of one file that stand one after the other in a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Piece {
    /// Which of the packs.
    pub(super) pack: usize,
    /// Where in it, in bytes.
    pub(super) at: u64,
    /// The pages: number of the first, and how many.
    pub(super) runs: Vec<(u64, u64)>,
}

impl File {
    /// The bytes of a run: where they begin in the file, and how many there are. The last page of a file may be shorter.
    pub(super) fn bytes(&self, run: (u64, u64)) -> (u64, u64) {
        let from = run.0.saturating_mul(PAGE);
        let to = run.0.saturating_add(run.1).saturating_mul(PAGE).min(self.size);
        (from, to.saturating_sub(from))
    }

    /// In which pack a page stands, where in that, and how long it is, in bytes; nothing where it is as the template's.
    pub(super) fn find(&self, page: u64) -> Option<(usize, u64, u64)> {
        self.pieces.iter().find_map(|piece| {
            let mut at = piece.at;
            for run in &piece.runs {
                if (run.0..run.0.saturating_add(run.1)).contains(&page) {
                    let before = self.bytes((run.0, page - run.0)).1;
                    return Some((piece.pack, at + before, self.bytes((page, 1)).1));
                }
                at += self.bytes(*run).1;
            }
            None
        })
    }
}

impl Pack {
    /// Whether it could be one that we made: what stands in a manifest is asked for in one piece, and opened in memory.
    fn is_ours(&self) -> bool {
        layout::is_blob(&self.blob) && self.raw <= PACK && self.stored <= 2 * PACK && self.at <= 1 << 40
    }
}

impl Kind {
    /// What it is called where it is shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Restored => "restored",
            Self::Branched => "branched",
            Self::Stamp => "takeover",
            Self::Made => "made",
            Self::Logged => "logged",
            Self::Gone => "gone",
        }
    }

    /// Whether it changed files.
    pub(super) fn is_version(self) -> bool {
        !matches!(self, Self::Stamp | Self::Made | Self::Logged)
    }

    /// Which log a manifest of this kind and number has, after one that had this.
    pub(super) fn log(self, number: u64, before: Option<u64>) -> Option<u64> {
        match self {
            Self::Stamp | Self::Made => before,
            Self::Logged => Some(number),
            Self::Version | Self::Restored | Self::Branched | Self::Gone => None,
        }
    }
}

impl Content {
    /// How many bytes of the store this version needs.
    pub fn stored(&self) -> u64 {
        self.packs.iter().map(|pack| pack.stored).sum()
    }

    /// The blobs that it needs.
    pub(super) fn blobs(&self) -> impl Iterator<Item = &str> {
        self.packs.iter().map(|pack| pack.blob.as_str())
    }
}

impl Manifest {
    /// As it stands in the bucket: its format, then JSON, compressed.
    pub(super) fn encode(&self) -> Result<Vec<u8>, Error> {
        let key = "a manifest";
        let json = serde_json::to_vec(self).map_err(|error| Error::broken(key, error))?;
        let packed = zstd::bulk::compress(&json, 3).map_err(|error| Error::broken(key, error))?;
        Ok([MAGIC, &packed].concat())
    }

    /// Back from that, and checked: nothing in it leads out of the folder or past a pack's end.
    pub(super) fn decode(key: &str, bytes: &[u8]) -> Result<Self, Error> {
        let Some(packed) = bytes.strip_prefix(MAGIC) else { return Err(other_format(key, bytes)) };
        let mut json = vec![];
        let opened = zstd::Decoder::new(packed).and_then(|decoder| decoder.take(LONGEST).read_to_end(&mut json));
        opened.map_err(|error| Error::broken(key, error))?;
        let manifest: Self = serde_json::from_slice(&json).map_err(|error| Error::broken(key, error))?;
        manifest.content.as_ref().map_or(Ok(()), Content::check).map_err(|why| Error::broken(key, why))?;
        Ok(manifest)
    }
}

fn other_format(key: &str, bytes: &[u8]) -> Error {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    match std::str::from_utf8(line) {
        Ok(found) if found.starts_with("iasql manifest ") => Error::Format { key: key.to_owned(), found: found.to_owned() },
        _ => Error::broken(key, "it is no manifest"),
    }
}

impl Content {
    fn check(&self) -> Result<(), String> {
        let paths = self.entries.iter().map(|entry| &entry.path).chain(&self.gone);
        if let Some(path) = paths.into_iter().find(|path| !stays_inside(path)) {
            return Err(format!("the path {path:?} leads elsewhere"));
        }
        if let Some(pack) = self.packs.iter().find(|pack| !pack.is_ours()) {
            return Err(format!("{} is no blob's range", pack.blob));
        }
        let files = self.entries.iter().filter_map(|entry| Some((entry, entry.file.as_ref()?)));
        let mut pieces = files.flat_map(|(entry, file)| file.pieces.iter().map(move |piece| (entry, file, piece)));
        let wrong = pieces.find(|(_, file, piece)| !self.fits(file, piece));
        wrong.map_or(Ok(()), |(entry, ..)| Err(format!("the pages of {} are elsewhere", entry.path)))
    }

    fn fits(&self, file: &File, piece: &Piece) -> bool {
        let Some(pack) = self.packs.get(piece.pack) else { return false };
        let whole = |run: &(u64, u64)| run.1 > 0 && run.1 <= PACK / PAGE && run.0.checked_mul(PAGE).is_some_and(|from| from < file.size);
        let length: u64 = piece.runs.iter().map(|run| file.bytes(*run).1).sum();
        piece.runs.len() as u64 <= PACK / PAGE && piece.runs.iter().all(whole) && piece.at.saturating_add(length) <= pack.raw
    }
}

/// Whether a path names something below the folder it is joined to.
fn stays_inside(path: &str) -> bool {
    !path.contains('\0') && path.split('/').all(|part| !["", ".", ".."].contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(content: Content) -> Manifest {
        let at = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let parent = Some(Parent { number: 6, id: Uuid::nil() });
        Manifest {
            number: 7,
            epoch: 3,
            id: Uuid::nil(),
            parent,
            at,
            by: "node-1".into(),
            kind: Kind::Version,
            log: None,
            content: Some(content),
        }
    }

    fn content(path: &str, at: u64) -> Content {
        let blob = format!("shop/blobs/{:020}/{}", 3, Uuid::nil());
        let pack = Pack { blob, at: 0, stored: 10, raw: 10_000, sum: String::new() };
        let file = File { size: 10_000, pieces: vec![Piece { pack: 0, at, runs: vec![(0, 2)] }] };
        let entries = vec![Entry { path: path.into(), mode: 0o600, file: Some(file) }];
        let roles = vec![Role { name: "ann".into(), verifier: Secret::new("SCRAM-SHA-256$4096:x") }];
        Content { engine: Engine::Postgres, major: 15, template: "t".into(), size: 10_000, roles, packs: vec![pack], entries, gone: vec![] }
    }

    #[test]
    fn a_manifest_is_read_back_as_it_was_written() {
        let manifest = manifest(content("base/1/2", 0));
        assert_eq!(Manifest::decode("m", &manifest.encode().expect("bytes")).expect("a manifest"), manifest);
        assert!(!format!("{manifest:?}").contains("4096"), "a verifier is no text for a log");
    }

    #[test]
    fn a_manifest_of_a_later_format_is_refused_by_name() {
        let error = Manifest::decode("shop/manifests/1", b"iasql manifest 2\nxyz").expect_err("refused").to_string();
        assert_eq!(error, "shop/manifests/1 is in a format that this iasql does not know (iasql manifest 2): use a newer one");
    }

    #[test]
    fn a_manifest_cut_short_or_made_up_is_refused() {
        let whole = manifest(content("base/1/2", 0)).encode().expect("bytes");
        for length in 0..whole.len() {
            assert!(Manifest::decode("m", &whole[..length]).is_err(), "cut at {length}");
        }
        for wrong in [content("../x", 0), content("/etc/passwd", 0), content("a//b", 0), content("a", 1)] {
            let bytes = manifest(wrong).encode().expect("bytes");
            assert!(matches!(Manifest::decode("m", &bytes), Err(Error::Broken { .. })));
        }
    }
}
