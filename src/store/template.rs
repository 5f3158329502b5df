//! The cluster that versions are told apart from: as initdb made it, with a fingerprint, so that nothing is ever laid over another one.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use aws_lc_rs::digest::{Context, SHA256};
use aws_smithy_types::base64;

use super::{
    Error, known,
    walk::{Found, Keep, walk},
};
use crate::postgres::Engine;

/// A folder that nobody changes, known byte by byte. A clone is the same one.
#[derive(Clone, Debug)]
pub struct Template(Arc<Known>);

#[derive(Debug)]
struct Known {
    folder: PathBuf,
    engine: Engine,
    major: u32,
    fingerprint: String,
    found: BTreeMap<String, Found>,
}

impl Template {
    /// Reads all of it, once: 30 MB of a fresh cluster in about 50 ms; the next time only whether it was touched. It has to stay as it is from then on.
    ///
    /// # Errors
    /// Where it can't be read, or holds more than plain files and folders.
    pub async fn open(folder: impl Into<PathBuf>) -> Result<Self, Error> {
        let folder = folder.into();
        let name = folder.display().to_string();
        tokio::task::spawn_blocking(move || Self::read(folder)).await.map_err(|_| Error::Thread(name))?
    }

    pub(super) fn read(folder: PathBuf) -> Result<Self, Error> {
        let found = walk(&folder, &|_| Keep::Whole)?;
        let fingerprint = known::fingerprint(&folder, &found, || digest(&folder, &found))?;
        let major = major(&folder);
        let found = found.into_iter().map(|one| (one.path.clone(), one)).collect();
        let engine = Engine::of(&folder);
        Ok(Self(Arc::new(Known { folder, engine, major, fingerprint, found })))
    }

    /// An empty one, for what has none: all of a folder differs from it.
    pub(super) fn nothing() -> Self {
        Self(Arc::new(Known {
            folder: PathBuf::new(),
            engine: Engine::Postgres,
            major: 0,
            fingerprint: String::new(),
            found: BTreeMap::new(),
        }))
    }

    /// Where it stands.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// By whom it was made.
    pub fn engine(&self) -> Engine {
        self.0.engine
    }

    /// The major version of Postgres that made it; 0 where the folder is no cluster.
    pub fn major(&self) -> u32 {
        self.0.major
    }

    /// SHA-256 over all of it, in hexadecimal: every node needs the same.
    pub fn fingerprint(&self) -> &str {
        &self.0.fingerprint
    }

    /// Everything in it, by path.
    pub(super) fn found(&self) -> &BTreeMap<String, Found> {
        &self.0.found
    }
}

/// The major version of Postgres whose cluster a folder is; 0 where it is none.
pub(super) fn major(folder: &Path) -> u32 {
    let version = std::fs::read_to_string(folder.join("PG_VERSION")).unwrap_or_default();
    version.trim().parse().unwrap_or_default()
}

fn digest(folder: &Path, found: &[Found]) -> Result<String, Error> {
    let mut sum = Context::new(&SHA256);
    for one in found {
        sum.update(format!("{}\0{:o}\0{:?}\0", one.path, one.mode, one.size).as_bytes());
        if one.size.is_some() {
            digest_file(&folder.join(&one.path), &mut sum)?;
        }
    }
    Ok(hex(sum.finish().as_ref()))
}

fn digest_file(path: &Path, sum: &mut Context) -> Result<(), Error> {
    let file = File::open(path).map_err(Error::disk("open", path))?;
    let mut reader = BufReader::with_capacity(1 << 18, file);
    let mut buffer = vec![0; 1 << 18];
    loop {
        let length = reader.read(&mut buffer).map_err(Error::disk("read", path))?;
        if length == 0 {
            return Ok(());
        }
        sum.update(&buffer[..length]);
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of these bytes, in base64.
pub(super) fn sum(bytes: &[u8]) -> String {
    base64::encode(aws_lc_rs::digest::digest(&SHA256, bytes).as_ref())
}
