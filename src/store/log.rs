//! What a running database writes between two versions: numbered objects, each made once, which end where somebody else took the database.
//!
//! 1. A log belongs to one run of one server, and to the manifest that began it: `<database>/wal/<manifest>/<number>`. Another run has another manifest.
//! 2. Whoever takes the database makes the next number, as its end, before he reads it. So a writer that was frozen finds that number taken, and
//!    nothing that he has not stored by then is ever acknowledged.
//! 3. The end of a log stays for good, so that its number is never free again.

use super::{
    Error, Id, Store, Writer,
    entry::{Entry, LONGEST_END, Piece},
    layout,
    manifest::{Kind, Manifest},
};

/// The log of a database that runs here.
#[derive(Debug)]
pub struct Log {
    store: Store,
    database: Id,
    by: String,
    epoch: u64,
    /// Of the manifest that began it.
    number: u64,
    next: u64,
}

/// A log that a writer found, and nobody adds to any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) number: u64,
    /// How many entries it has before its end.
    pub(super) entries: u64,
}

impl Log {
    /// An object of the log, for [`Log::append`]: the same one as often as it takes.
    ///
    /// # Errors
    /// Where it can't be compressed.
    pub fn entry(&self, piece: Piece) -> Result<Vec<u8>, Error> {
        Entry::Piece(piece).encode(self.epoch, &self.by)
    }

    /// Stores the next one. What is in it is safe when this returns.
    ///
    /// # Errors
    /// [`Error::Lost`] where somebody else has taken the database. Any other says nothing about it, and the same entry can be tried again.
    pub async fn append(&mut self, entry: &[u8]) -> Result<(), Error> {
        let key = layout::piece(&self.database, self.number, self.next);
        if !self.store.bucket().create(&key, entry.to_vec()).await? {
            return Err(Error::Lost(self.database.clone()));
        }
        self.next += 1;
        Ok(())
    }

    /// How many entries it has.
    pub fn entries(&self) -> u64 {
        self.next
    }
}

impl Writer {
    /// Begins a log: the newest version and what is appended from here on are the database. The version must be the very files that the server starts on.
    ///
    /// # Errors
    /// Where there is no version, or one with a log that was not made a version yet, the store does not answer, or the lease is lost.
    pub async fn open_log(&mut self) -> Result<Log, Error> {
        if self.log_entries() > 0 {
            return Err(Error::OpenLog(self.database.clone()));
        }
        let Some(content) = self.last.content.clone() else { return Err(Error::Empty(self.database.clone())) };
        let number = self.commit(Kind::Logged, Some(content)).await?.number;
        let (store, database, by, epoch) = (self.store.clone(), self.database.clone(), self.holder.clone(), self.epoch());
        Ok(Log { store, database, by, epoch, number, next: 0 })
    }

    /// How many entries follow the newest version, in a log of somebody's who ran the database before. [`Writer::fetch`] brings them along.
    pub fn log_entries(&self) -> u64 {
        self.ended.map_or(0, |ended| ended.entries)
    }
}

impl Store {
    /// Ends the log of a manifest, where it has one; doing it twice is doing it once.
    pub(super) async fn end_log(&self, database: &Id, manifest: &Manifest, epoch: u64, by: &str) -> Result<Option<Ended>, Error> {
        let Some(number) = manifest.log else { return Ok(None) };
        let end = Entry::End.encode(epoch, by)?;
        loop {
            let listed = self.bucket().list(&layout::log(database, number)).await?;
            let newest = listed.iter().filter_map(|one| Some((layout::number(&one.key)?, one))).next_back();
            let next = newest.map_or(0, |(last, _)| last + 1);
            if let Some((last, listed)) = newest
                && listed.size <= LONGEST_END
                && self.entry(&listed.key).await? == Entry::End
            {
                return Ok(Some(Ended { number, entries: last }));
            }
            // where it was not free, the old one has written that one just now
            if self.bucket().create(&layout::piece(database, number, next), end.clone()).await? {
                return Ok(Some(Ended { number, entries: next }));
            }
        }
    }

    /// One entry of a log.
    pub(super) async fn entry(&self, key: &str) -> Result<Entry, Error> {
        let bytes = self.bucket().get(key).await?.ok_or_else(|| Error::broken(key, "it is not there"))?;
        Entry::decode(key, &bytes)
    }
}
