//! The store as a node sees it: a folder is brought, and put back, by a database's name alone. The right to write is kept in between.

use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use tokio::{
    sync::{Mutex, MutexGuard},
    task::JoinHandle,
    time::sleep,
};

use super::{Error, Id, Kind, Log, Owner, Role, Store, Taken, Writer, writer::Until};
use crate::causes::in_one_line;

/// One node's databases.
#[derive(Clone, Debug)]
pub struct Shelf {
    store: Store,
    holder: String,
    writers: Arc<Mutex<HashMap<Id, Arc<Slot>>>>,
}

/// Each has a lock of its own: a large upload holds up no other database.
#[derive(Debug, Default)]
struct Slot {
    writer: Arc<Mutex<Option<Writer>>>,
    /// Of the one who was put in there last.
    until: std::sync::Mutex<Option<Until>>,
    /// That one was taken before anybody asked for it.
    ahead: AtomicBool,
}

impl Slot {
    async fn lock(&self) -> MutexGuard<'_, Option<Writer>> {
        self.writer.lock().await
    }

    fn until(&self) -> std::sync::MutexGuard<'_, Option<Until>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    /// For a node of this name, which no other may have.
    pub fn new(store: Store, holder: impl Into<String>) -> Self {
        Self { store, holder: holder.into(), writers: Arc::default() }
    }

    /// Takes the database, and brings its files; `false` where there is no version yet.
    ///
    /// # Errors
    /// [`Error::Held`] where another node has it; else as with [`Store::take`] and [`Store::fetch`].
    pub async fn fetch(&self, database: &Id, folder: &Path, owner: Option<Owner>) -> Result<bool, Error> {
        let slot = self.slot(database).await;
        let mut writer = slot.lock().await;
        self.taken(database, &slot, &mut writer).await?.fetch(folder, owner).await
    }

    /// Takes the database, where its files are here already, as they were under this number; `false` where they are not the newest any more, and have to
    /// be fetched.
    ///
    /// # Errors
    /// As with [`Shelf::fetch`].
    pub async fn take(&self, database: &Id, number: u64) -> Result<bool, Error> {
        let slot = self.slot(database).await;
        let mut writer = slot.lock().await;
        let writer = self.taken(database, &slot, &mut writer).await?;
        Ok(writer.newest().parent.is_some_and(|before| before.number == number))
    }

    /// Has a database that is being taken before anybody asks for it: whoever asks next does not wait as long. Where nobody does, others may have it again
    /// after a quarter of a lease.
    pub async fn take_ahead(&self, database: Id, taking: JoinHandle<Result<Taken, Error>>) {
        let (shelf, slot) = (self.clone(), self.slot(&database).await);
        // before anybody else
        let mut place = Arc::clone(&slot.writer).lock_owned().await;
        tokio::spawn(async move {
            // where it is not ours whoever asks finds out why
            let Ok(Ok(Taken::Ours(mut writer))) = taking.await else { return };
            writer.store = shelf.store.clone();
            *slot.until() = Some(writer.shared_until());
            *place = Some(*writer);
            slot.ahead.store(true, Ordering::SeqCst);
            drop(place);
            sleep(shelf.store.options().lease / 4).await;
            let mut place = slot.lock().await;
            if slot.ahead.swap(false, Ordering::SeqCst)
                && let Some(writer) = place.take()
                && let Err(error) = writer.give_back().await
            {
                tracing::warn!(%database, error = in_one_line(&error), "its lease ends by itself");
            }
        });
    }

    /// Until when a database is ours that was taken, unless it is renewed.
    pub async fn until(&self, database: &Id) -> Option<Instant> {
        self.slot(database).await.until().as_ref().map(Until::get)
    }

    /// Brings the files of a database that was taken, and the log behind them ([`Writer::fetch`]); `false` where there is no version yet. By way of
    /// another store where this one has not the template. A copy of the template, `spare`, is used up where it is there: the files are its owner's then.
    ///
    /// # Errors
    /// [`Error::Lost`] where it was not taken; else as with [`Writer::fetch`].
    pub async fn bring(&self, database: &Id, by: Option<&Store>, folder: &Path, spare: Option<&Path>) -> Result<bool, Error> {
        let slot = self.slot(database).await;
        // not with the lock in hand: the lease has to be renewed meanwhile
        let files = slot.lock().await.as_ref().map(Writer::files).ok_or_else(|| Error::Lost(database.clone()))?;
        files.fetch_by(by.unwrap_or(&self.store), folder, spare, None).await
    }

    /// Begins the log of a database that was taken, on the newest version, which is the files that its server starts on.
    ///
    /// # Errors
    /// [`Error::Lost`] where it was not taken; else as with [`Writer::open_log`].
    pub async fn open_log(&self, database: &Id) -> Result<Log, Error> {
        let slot = self.slot(database).await;
        let mut slot = slot.lock().await;
        slot.as_mut().ok_or_else(|| Error::Lost(database.clone()))?.open_log().await
    }

    /// Writes down that the database was made here.
    ///
    /// # Errors
    /// [`Error::Lost`] where it was not taken; else as with [`Writer::made`].
    pub async fn made(&self, database: &Id) -> Result<(), Error> {
        let slot = self.slot(database).await;
        let mut slot = slot.lock().await;
        slot.as_mut().ok_or_else(|| Error::Lost(database.clone()))?.made().await.map(drop)
    }

    /// Makes of a database that was taken, and has no version yet, a branch of another one ([`Store::branch`]); content where it has one.
    ///
    /// # Errors
    /// [`Error::Lost`] where it was not taken; else as with [`Store::branch`].
    pub async fn branch(&self, database: &Id, from: &Id, number: Option<u64>) -> Result<(), Error> {
        let number = self.store.to_branch_off(from, number).await?;
        let slot = self.slot(database).await;
        let mut slot = slot.lock().await;
        let writer = slot.as_mut().ok_or_else(|| Error::Lost(database.clone()))?;
        if writer.newest().content.is_some() { Ok(()) } else { writer.branch_off(from, number).await.map(drop) }
    }

    /// Who had it before it was taken, where that one was lost; and how many entries of a log there are behind the newest version.
    pub async fn found(&self, database: &Id) -> (Option<String>, u64) {
        let slot = self.slot(database).await;
        let slot = slot.lock().await;
        slot.as_ref().map_or((None, 0), |writer| (writer.lost().map(str::to_owned), writer.log_entries()))
    }

    /// Under which number the files are here, that were fetched or put last; to be noted beside them for [`Shelf::take`].
    pub async fn number(&self, database: &Id) -> Option<u64> {
        let slot = self.slot(database).await;
        slot.lock().await.as_ref().map(|writer| writer.newest().number)
    }

    /// Stores its files, as the next version.
    ///
    /// # Errors
    /// [`Error::Lost`] where it was not taken, or somebody else has it by now; else as with [`Writer::put`].
    pub async fn put(&self, database: &Id, folder: &Path, roles: Vec<Role>) -> Result<u64, Error> {
        let slot = self.slot(database).await;
        let mut slot = slot.lock().await;
        let writer = slot.as_mut().ok_or_else(|| Error::Lost(database.clone()))?;
        Ok(writer.put(folder, roles).await?.number)
    }

    /// Stores another cluster's files as the next version, while the database may run here on its own: in the meantime it can be renewed.
    ///
    /// # Errors
    /// As with [`Shelf::put`].
    pub async fn put_beside(&self, database: &Id, folder: &Path, roles: Vec<Role>) -> Result<u64, Error> {
        let (slot, lost) = (self.slot(database).await, || Error::Lost(database.clone()));
        let taken = slot.lock().await.as_ref().map(|writer| (writer.epoch(), writer.known()));
        let (epoch, known) = taken.ok_or_else(lost)?;
        let seen = self.store.look_at(folder).await?;
        let content = self.store.content(database, epoch, seen, roles, self.store.options().quota, known).await?;
        let mut slot = slot.lock().await;
        let writer = slot.as_mut().filter(|writer| writer.epoch() == epoch).ok_or_else(lost)?;
        Ok(writer.commit(Kind::Version, Some(content)).await?.number)
    }

    /// Holds on to it. Whatever writes the database must have ended at the time that is answered, unless it was renewed again; after an error the
    /// time from before stays. While it is being stored, that renews it, and the answer is until when.
    ///
    /// # Errors
    /// As with [`Writer::renew`].
    pub async fn renew(&self, database: &Id) -> Result<Instant, Error> {
        let (slot, lost) = (self.slot(database).await, || Error::Lost(database.clone()));
        let Ok(mut writer) = slot.writer.try_lock() else { return slot.until().as_ref().map(Until::get).ok_or_else(lost) };
        let writer = writer.as_mut().ok_or_else(lost)?;
        writer.renew().await?;
        Ok(writer.until())
    }

    /// Lets another node have it.
    ///
    /// # Errors
    /// As with [`Writer::give_back`]; it is not ours any more in any case.
    pub async fn give_back(&self, database: &Id) -> Result<(), Error> {
        let slot = self.writers.lock().await.remove(database);
        let Some(slot) = slot else { return Ok(()) };
        let writer = slot.lock().await.take();
        match writer {
            Some(writer) => writer.give_back().await,
            None => Ok(()),
        }
    }

    async fn slot(&self, database: &Id) -> Arc<Slot> {
        self.writers.lock().await.entry(database.clone()).or_default().clone()
    }

    async fn taken<'a>(&self, database: &Id, slot: &Slot, place: &'a mut Option<Writer>) -> Result<&'a mut Writer, Error> {
        let lasts = |writer: &Writer| writer.until().saturating_duration_since(self.store.now()) > self.store.options().lease / 2;
        if slot.ahead.swap(false, Ordering::SeqCst) && place.as_ref().is_some_and(lasts) {
            return place.as_mut().ok_or_else(|| Error::Lost(database.clone()));
        }
        match self.store.take(database, &self.holder).await? {
            Taken::Ours(writer) => {
                *slot.until() = Some(writer.shared_until());
                Ok(place.insert(*writer))
            }
            Taken::Held { by, address, .. } => Err(Error::Held { database: database.clone(), by, address }),
        }
    }
}
