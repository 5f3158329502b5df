//! What lies here is stored: as a version when its server has stopped, beside what runs, or as what a log begins with.

use std::path::Path;

use super::{BucketShelf, Failure, Note, Outdated, Wired, log::Kept};
use crate::store::{self, Id};

impl BucketShelf {
    pub(super) async fn stored(&self, database: &str, folder: &Path) -> Result<(), Failure> {
        let (wired, id) = (self.wired()?, Id::new(database)?);
        let stored = Note::read(&self.note(database)).stored;
        // what nobody has woken since this gateway began was not taken yet: it may be of a time when there was no bucket
        let is_newest = stored || self.held().contains_key(database) || self.taken(database).await?;
        if is_newest && !stored {
            if self.0.orioledb {
                let _still = self.still(database);
                self.if_ours(database, wired.shelf.made(&id).await)?;
            } else {
                self.put(wired, database, &id, folder).await?;
            }
            self.has_changed(database);
            self.write_down(database, &id, true).await?;
        }
        self.gone_from(database).await?;
        // they stay here, and are put aside when somebody wakes it
        if is_newest { Ok(()) } else { Err(Outdated.into()) }
    }

    /// It is ours before and after, and is held meanwhile. That the files here are others is what the note says: they may change places with these.
    pub(super) async fn stored_beside(&self, database: &str, folder: &Path) -> Result<(), Failure> {
        let (wired, id) = (self.wired()?, Id::new(database)?);
        self.tells_apart(folder).await?;
        wired.shelf.put_beside(&id, folder, Vec::new()).await?;
        self.has_changed(database);
        self.is_whole(database, false);
        self.write_down(database, &id, false).await
    }

    /// Stores it, and holds on to it.
    pub(super) async fn saved(&self, database: &str, folder: &Path) -> Result<(), Failure> {
        let (wired, id) = (self.wired()?, Id::new(database)?);
        if Note::read(&self.note(database)).stored && !self.held().contains_key(database) {
            // it was handed over meanwhile
            return Ok(());
        }
        self.put(wired, database, &id, folder).await?;
        self.has_changed(database);
        self.write_down(database, &id, true).await?;
        // whoever starts a server now has all of a lease's time
        let until = wired.shelf.renew(&id).await?;
        self.hold(database, id, until);
        Ok(())
    }

    pub(super) async fn logged(&self, database: &str, folder: &Path) -> Result<Kept, Failure> {
        let (wired, id) = (self.wired()?, Id::new(database)?);
        if !self.is_whole(database, false) {
            self.saved(database, folder).await?;
        }
        let log = wired.shelf.open_log(&id).await?;
        self.write_down(database, &id, false).await?;
        Ok(Kept { database: database.to_owned(), log, shelf: self.clone() })
    }

    /// Its lease is renewed before, meanwhile and after, whether it succeeds or not: what could not be stored is on this disk only. No server runs.
    async fn put(&self, wired: &Wired, database: &str, id: &Id, folder: &Path) -> Result<(), Failure> {
        let _still = self.still(database);
        self.tells_apart(folder).await?;
        self.if_ours(database, wired.shelf.put(id, folder, Vec::new()).await)
    }

    /// Once somebody else has it, it has to be taken anew.
    fn if_ours<T>(&self, database: &str, put: Result<T, store::Error>) -> Result<(), Failure> {
        if let Err(store::Error::Lost(_)) = put {
            self.held().remove(database);
        }
        put?;
        Ok(())
    }
}
