//! A data folder of the newest checkpoint that is whole, with all of the WAL that follows it: for a disk that was lost.

use std::{
    fs,
    path::{Path, PathBuf},
};

use futures::{StreamExt, TryStreamExt, stream};

use super::{AT_ONCE, Checkpoint, NEWEST, OWN, Orioledb, SERVER};
use crate::store::{Error, put::on_a_thread};

/// The folders that a server wants to find, whatever is in them (`subdirs` of `initdb`).
const FOLDERS: [&str; 22] = [
    "global",
    "base",
    "orioledb_data",
    "orioledb_undo",
    "pg_wal/archive_status",
    "pg_wal/summaries",
    "pg_commit_ts",
    "pg_dynshmem",
    "pg_logical/mappings",
    "pg_logical/snapshots",
    "pg_multixact/members",
    "pg_multixact/offsets",
    "pg_notify",
    "pg_replslot",
    "pg_serial",
    "pg_snapshots",
    "pg_stat",
    "pg_stat_tmp",
    "pg_subtrans",
    "pg_tblspc",
    "pg_twophase",
    "pg_xact",
];

impl Orioledb {
    /// Makes a data folder of what the bucket has; false where no checkpoint has ever ended there, and then whatever else there is is removed. The folder
    /// is there and empty. The lease of the database has to be in hand: what can't follow the restored commits any more is removed in the bucket too.
    ///
    /// # Errors
    /// [`Error::Incomplete`] where no checkpoint is whole; nothing was changed then.
    pub async fn restore(&self, folder: &Path) -> Result<bool, Error> {
        let Some(checkpoint) = self.newest().await? else {
            self.clear().await?;
            return Ok(false);
        };
        tracing::info!(database = %self.database, checkpoint = checkpoint.number, wal = checkpoint.wal.names.len(), "a data folder is made of what is in the bucket");
        let own = checkpoint.own.clone();
        self.lay(&checkpoint, folder).await?;
        // it goes on from here: a server refuses to where a newer checkpoint is said to be there, and WAL of another past must never follow its own
        let newest = self.key(NEWEST);
        if self.bucket.get(&newest).await?.as_ref() != Some(&own) {
            self.bucket.replace(&newest, own).await?;
        }
        for lost in &checkpoint.wal.beyond {
            tracing::warn!(database = %self.database, wal = lost, "what was committed there is lost: the WAL before it never came into the bucket");
            self.bucket.delete(&self.key(&format!("wal/{lost}"))).await?;
        }
        Ok(true)
    }

    async fn lay(&self, checkpoint: &Checkpoint, folder: &Path) -> Result<(), Error> {
        let (into, small) = (folder.to_owned(), checkpoint.small.clone());
        on_a_thread(folder, move || {
            for name in FOLDERS {
                make(&into.join(name))?;
            }
            small.iter().try_for_each(|(name, bytes)| write(&into.join(name), bytes))
        })
        .await?;
        let wal = checkpoint.wal.names.iter().map(|name| (format!("pg_wal/{name}"), self.key(&format!("wal/{name}"))));
        let files: Vec<_> = checkpoint.files.iter().cloned().chain(wal).collect();
        let copies = files.into_iter().map(|(name, key)| self.copy(key, folder.join(name)));
        stream::iter(copies).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
        // the archiver need not send again what came from there; the last one is written on
        let archived = checkpoint.wal.names.len().saturating_sub(1);
        for name in &checkpoint.wal.names[..archived] {
            write(&folder.join(format!("pg_wal/archive_status/{name}.done")), &[])?;
        }
        write(&folder.join(OWN), &checkpoint.own)?;
        write(&folder.join(SERVER), &checkpoint.server)
    }

    async fn copy(&self, key: String, into: PathBuf) -> Result<(), Error> {
        let bytes = self.bucket.get(&key).await?.ok_or_else(|| Error::broken(&key, "it is gone"))?;
        let place = into.clone();
        on_a_thread(&place, move || write(&into, &bytes)).await
    }
}

fn make(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(Error::disk("make the folder", folder))
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), Error> {
    file.parent().map_or(Ok(()), make)?;
    fs::write(file, bytes).map_err(Error::disk("write", file))
}
