//! Databases of OrioleDB's, which puts their files into the bucket itself: what is ours there is the lease, and a manifest each time one of us had it.
//!
//! A manifest of such a database says who had it and when, and has no files in it. Whoever brings its files writes one, so that an older disk is known.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{BucketShelf, Failure, Wired, note::Note};
use crate::{
    causes::in_one_line,
    node,
    store::{Bucket, Door, Id, ORIOLEDB_FOLDER, Options, Orioledb, lock_of},
};

impl BucketShelf {
    /// The same for a node whose databases are OrioleDB's.
    pub fn of_orioledb(home: impl Into<PathBuf>, bucket: Bucket, options: Options) -> Self {
        Self::over(home.into(), bucket, options, true)
    }

    /// What the lock of the node's OrioleDB has inside.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub fn lock(&self) -> io::Result<u64> {
        Ok(lock_of(&self.holder()?))
    }

    /// The door by which the node's OrioleDB gets to the bucket, and writes what is ours at that moment.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn door(&self) -> io::Result<Door> {
        let shelf = Arc::downgrade(&self.0);
        let may_write = move |database: &str| shelf.upgrade().is_some_and(|shared| Self(shared).is_held(database));
        Door::open(self.0.bucket.clone(), Arc::new(may_write)).await
    }

    /// An OrioleDB that is installed in this folder, and gets to the bucket by this door.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub fn orioledb(&self, bin: impl Into<PathBuf>, door: &Door) -> io::Result<node::Orioledb> {
        let (host, word, folder) = (door.host(), door.word().clone(), ORIOLEDB_FOLDER.to_owned());
        Ok(node::Orioledb { bin: bin.into(), host, word, folder, lock: self.lock()? })
    }

    fn objects(&self, id: &Id) -> Orioledb {
        Orioledb::new(self.0.bucket.clone(), id.clone())
    }

    /// Removes the lock that an OrioleDB of ours has left which did not stop as it should; gives the database back where it is another one's. The lease
    /// is in hand, so nobody who is one of us works there now.
    pub(super) async fn unlock(&self, wired: &Wired, id: &Id) -> Result<(), Failure> {
        if !self.0.orioledb {
            return Ok(());
        }
        let holders = wired.store.holders(id).await?;
        let known: Vec<_> = holders.iter().map(|holder| lock_of(holder)).collect();
        let unlocked = self.objects(id).unlock(&known).await;
        if unlocked.is_err()
            && let Err(error) = wired.shelf.give_back(id).await
        {
            tracing::debug!(database = %id, error = in_one_line(&error), "its lease ends by itself");
        }
        Ok(unlocked?)
    }

    /// Makes a data folder of what OrioleDB has put into the bucket; false where there is nothing yet.
    pub(super) async fn restored(&self, wired: &Wired, database: &str, id: &Id, folder: &Path) -> Result<bool, Failure> {
        let restored = self.objects(id).restore(folder).await?;
        if restored {
            // whoever comes back with an older disk sees that
            wired.shelf.made(id).await?;
        }
        self.write_down(database, id, false).await?;
        Ok(restored)
    }

    /// Whether all is in the bucket that a stopped server has to have put there.
    pub(super) async fn is_complete(&self, database: &str, folder: &Path) -> Result<bool, Failure> {
        // what was looked at before has not changed since
        if !self.0.orioledb || Note::read(&self.note(database)).stored {
            return Ok(true);
        }
        let lacks = self.objects(&Id::new(database)?).mend(folder).await?;
        if let Some(first) = lacks.first() {
            tracing::warn!(database, missing = lacks.len(), first, "the bucket lacks what the last checkpoint wrote");
        }
        Ok(lacks.is_empty())
    }
}
