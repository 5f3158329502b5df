//! Databases of OrioleDB's in a bucket: what of it a real run left there, read without an OrioleDB; and the real one, where `IASQL_ORIOLEDB` names the
//! folder of its programs.

mod door;
mod locks;
mod objects;
mod real;
mod recorded;

pub(crate) use real::installed;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

static FOLDERS: AtomicU32 = AtomicU32::new(0);

/// A folder of a test's own, which goes with its value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("iasql-orioledb-{}-{number}", process::id()));
        fs::create_dir(&path).expect("a folder");
        Self(path)
    }

    /// An empty folder in it.
    fn empty(&self, name: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir(&path).expect("a folder");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// The names of the files right below a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let found = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let mut names: Vec<_> =
        found.filter(|entry| entry.path().is_file()).map(|entry| entry.file_name().into_string().expect("a name")).collect();
    names.sort();
    names
}
