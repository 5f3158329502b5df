//! How large a database is: its tables, indexes and temporary files, without what its server needs for itself.

use std::{fs, io, os::unix::fs::MetadataExt, path::Path};

use super::{Engine, Error, Node, copy};
use crate::postgres::ORIOLEDBS;

/// In what the kernel counts what a file takes of a disk.
const BLOCK: u64 = 512;

/// The folders of `template1` and `template0` (`catalog/pg_database.dat`), which nobody but the node writes.
const TEMPLATES: [&str; 2] = ["1", "4"];

/// Where else a session may write as much as it likes, as long as it lasts: snapshots, notifications, what parallel queries share.
const ELSEWHERE: [&str; 3] = ["pg_snapshots", "pg_notify", "pg_dynshmem"];

/// How much WAL a PGlite has at most, in bytes, when only it writes there: 64 MB between two looks of its script, and what comes in one.
const WAL: u64 = 256 << 20;

impl Node {
    /// How large a database is whose files are on this disk, in bytes. `None`: they are not, or not any more.
    ///
    /// An empty one has 7 MB: what Postgres writes down about itself. Its WAL is not counted, for that does not grow with it. Of a PGlite all else counts,
    /// for who is superuser there can write files anywhere in it.
    ///
    /// # Errors
    /// When the id is none, or the folder can't be read.
    pub async fn size(&self, id: &str) -> Result<Option<u64>, Error> {
        let place = self.place(id)?;
        let measured = copy::off_thread(move || match place.engine() {
            _ if !place.is_whole() => Ok(None),
            Engine::Postgres => of(&place.data()).map(Some),
            Engine::Pglite => of_pglite(&place.data()).map(Some),
            Engine::Orioledb => of_orioledb(&place.data()).map(Some),
        });
        measured.await.map_err(Error::folder("measure the database", id))
    }
}

fn of(data: &Path) -> io::Result<u64> {
    ELSEWHERE.iter().try_fold(of_base(&data.join("base"))?, |all, folder| Ok(all + on_disk(&data.join(folder))?))
}

fn of_base(base: &Path) -> io::Result<u64> {
    let mut all = 0;
    for database in fs::read_dir(base)? {
        let database = database?;
        if !TEMPLATES.iter().any(|template| database.file_name() == *template) {
            all += below(&database.path())?;
        }
    }
    Ok(all)
}

/// Of its tables what lies on this disk; OrioleDB lets go of what it can fetch again.
fn of_orioledb(data: &Path) -> io::Result<u64> {
    Ok(of(data)? + below(&data.join(ORIOLEDBS))?)
}

fn of_pglite(data: &Path) -> io::Result<u64> {
    let (wal, base) = (below(&data.join("pg_wal"))?, data.join("base"));
    let templates = TEMPLATES.iter().map(|template| below(&base.join(template)).unwrap_or_default()).sum();
    Ok(below(data)?.saturating_sub(wal.min(WAL)).saturating_sub(templates))
}

/// All files in a folder and below, in bytes.
pub(super) fn below(folder: &Path) -> io::Result<u64> {
    sum(folder, fs::Metadata::len)
}

/// The same, as the disk counts them: many small files take more of it than is in them.
fn on_disk(folder: &Path) -> io::Result<u64> {
    sum(folder, |file| file.len().max(file.blocks() * BLOCK))
}

fn sum(folder: &Path, size: fn(&fs::Metadata) -> u64) -> io::Result<u64> {
    let mut all = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // a table may be dropped while it is looked at
        let found = match entry.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            found => found?,
        };
        all += if found.is_dir() { sum(&entry.path(), size)? } else { size(&found) };
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_is_what_a_tenant_can_fill() {
        let base = std::env::temp_dir().join(format!("iasql-node-size-{}", std::process::id()));
        for (folder, bytes) in [("1", 100), ("4", 100), ("5", 7), ("16400", 20), ("pgsql_tmp", 300), ("pgsql_tmp/more.sharedfileset", 4000)]
        {
            fs::create_dir_all(base.join(folder)).unwrap();
            fs::write(base.join(folder).join("2619"), vec![0; bytes]).unwrap();
        }
        assert_eq!(of_base(&base).unwrap(), 4327);
        for n in 0..9 {
            fs::write(base.join("16400").join(n.to_string()), [n]).unwrap();
        }
        let whole = on_disk(&base.join("16400")).unwrap();
        assert!((29..=10 * 4096).contains(&whole), "{whole}");
        fs::remove_dir_all(&base).unwrap();
        assert!(of_base(&base).is_err());
    }
}
