//! The one who may write a database: takes its lease, stamps it, renews, commits numbered manifests, and gives it back.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use chrono::Utc;
use tokio::time::timeout;
use uuid::Uuid;

use super::{
    Error, Id, Store, layout,
    lease::Lease,
    log::Ended,
    manifest::{Content, Kind, Manifest, Parent},
};

/// What came of asking for a database.
#[derive(Debug)]
pub enum Taken {
    /// It is ours to write.
    Ours(Box<Writer>),
    /// Somebody else's.
    Held {
        /// Whose.
        by: String,
        /// Where that one is reached, as it says itself.
        address: Option<String>,
        /// How long it has to stand still, as seen from here, until it may be taken.
        left: Duration,
    },
}

/// The right to write one database, as long as it is renewed.
///
/// What makes it safe is not the lease but the numbers: each manifest has the next number after this writer's own last one, and whoever takes over
/// takes that number first, with a stamp. So a writer that was frozen for however long finds its number taken.
#[derive(Debug)]
pub struct Writer {
    pub(super) store: Store,
    pub(super) database: Id,
    pub(super) holder: String,
    epoch: u64,
    sequence: u64,
    until: Until,
    pub(super) last: Manifest,
    /// The log behind that.
    pub(super) ended: Option<Ended>,
    /// Who had it, where that one did not give it back.
    lost: Option<String>,
}

/// Until when a lease is ours. A clone is the same one: whoever holds the writer in hand for long is not waited for.
#[derive(Clone, Debug)]
pub(super) struct Until(Arc<Mutex<Instant>>);

impl Until {
    fn new(until: Instant) -> Self {
        Self(Arc::new(Mutex::new(until)))
    }

    pub(super) fn get(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, until: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }
}

impl Store {
    /// Takes a database's lease, where it is free, over, or this holder's own, and stamps it: from here on nobody else's manifest counts. The name of a
    /// holder must be its own for as long as anything that it started may write.
    ///
    /// # Errors
    /// Where the database is deleted, the store does not answer, or somebody else was quicker while we stamped.
    pub async fn take(&self, database: &Id, holder: &str) -> Result<Taken, Error> {
        // what is read beside may be old by then: whoever wrote meanwhile has the number that the stamp wants, and says so
        let ((), found, newest) = futures::try_join!(self.alive(database), self.lease(database), self.newest(database))?;
        self.take_from(found, newest, database, holder).await
    }

    /// The same, whether it is deleted or not.
    pub(super) async fn take_any(&self, database: &Id, holder: &str) -> Result<Taken, Error> {
        let (found, newest) = futures::try_join!(self.lease(database), self.newest(database))?;
        self.take_from(found, newest, database, holder).await
    }

    async fn take_from(&self, found: Option<(u64, Lease)>, newest: Option<Manifest>, database: &Id, holder: &str) -> Result<Taken, Error> {
        let now = self.now();
        if let Some((sequence, lease)) = &found
            && lease.held
            && lease.holder != holder
        {
            let left = self.watch().left(database, *sequence, lease.lasts(), now);
            if !left.is_zero() {
                return Ok(Taken::Held { by: lease.holder.clone(), address: lease.address.clone(), left });
            }
        }
        let lost = found.as_ref().filter(|(_, lease)| lease.held && lease.holder != holder).map(|(_, lease)| lease.holder.clone());
        let (sequence, epoch) = found.map_or((1, 1), |(sequence, lease)| (sequence + 1, lease.epoch + 1));
        let lease = Lease::new(holder, epoch, true, self.options());
        let Some(older) = self.set_lease(database, sequence, &lease).await? else {
            let by = "somebody who was quicker".to_owned();
            return Ok(Taken::Held { by, address: None, left: self.options().lease });
        };
        self.watch().forget(database);
        let (last, ()) = futures::join!(self.stamp(database, holder, epoch, newest), self.sweep(database, older));
        let last = last?;
        // no version can come any more, so this is the last log
        let ended = self.end_log(database, &last, epoch, holder).await?;
        let (store, database, holder) = (self.clone(), database.clone(), holder.to_owned());
        let until = Until::new(now + self.options().lease);
        let writer = Writer { store, database, holder, epoch, sequence, until, last, ended, lost };
        Ok(Taken::Ours(Box::new(writer)))
    }

    /// Who has a database as its lease says, and where that one is reached, if it has said so; whether the lease is over is not looked at. `None`: nobody.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn holder(&self, database: &Id) -> Result<Option<(String, Option<String>)>, Error> {
        let held = self.lease(database).await?.filter(|(_, lease)| lease.held);
        Ok(held.map(|(_, lease)| (lease.holder, lease.address)))
    }

    fn watch(&self) -> std::sync::MutexGuard<'_, super::lease::Watch> {
        self.watching().lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest state of a lease, and its number.
    async fn lease(&self, database: &Id) -> Result<Option<(u64, Lease)>, Error> {
        loop {
            let listed = self.bucket().list(&layout::leases(database)).await?;
            let Some((key, sequence)) = listed.iter().filter_map(|one| Some((&one.key, layout::number(&one.key)?))).next_back() else {
                return Ok(None);
            };
            // the newest one is never removed; where it is gone there is a newer one
            if let Some(bytes) = self.bucket().get(key).await? {
                return Ok(Some((sequence, Lease::decode(key, &bytes)?)));
            }
        }
    }

    /// Makes the next state of a lease, and says which older ones are still there; `None` where somebody else did. Older ones are removed, so a number
    /// may be free again that was passed long ago: it counts only where nothing newer is there afterwards, and the newest is never removed.
    async fn set_lease(&self, database: &Id, sequence: u64, lease: &Lease) -> Result<Option<Vec<u64>>, Error> {
        let key = layout::lease(database, sequence);
        if !self.bucket().create(&key, lease.encode()?).await? {
            return Ok(None);
        }
        let listed = self.bucket().list(&layout::leases(database)).await?;
        let mut numbers: Vec<_> = listed.iter().filter_map(|one| layout::number(&one.key)).collect();
        if numbers.iter().any(|number| *number > sequence) {
            self.bucket().delete(&key).await?;
            return Ok(None);
        }
        numbers.retain(|number| *number < sequence);
        Ok(Some(numbers))
    }

    /// Removes states of a lease that are over. What stays is removed by whoever comes next.
    async fn sweep(&self, database: &Id, older: Vec<u64>) {
        for old in older {
            drop(self.bucket().delete(&layout::lease(database, old)).await);
        }
    }

    /// Takes the next number with the files as they are, so that nobody who wrote before can have it.
    async fn stamp(&self, database: &Id, by: &str, epoch: u64, mut last: Option<Manifest>) -> Result<Manifest, Error> {
        loop {
            if last.as_ref().is_some_and(|last| last.epoch > epoch) {
                return Err(Error::Lost(database.clone()));
            }
            let content = last.as_ref().and_then(|last| last.content.clone());
            let stamp = follower(last.as_ref(), epoch, by, Kind::Stamp, content);
            match self.commit(database, &stamp).await? {
                Committed::Ours => return Ok(stamp),
                Committed::Taken(other) => last = Some(*other),
                Committed::TooLate => return Err(Error::Lost(database.clone())),
            }
        }
    }

    /// Makes a manifest, where its number is free and the newest.
    async fn commit(&self, database: &Id, manifest: &Manifest) -> Result<Committed, Error> {
        let key = layout::manifest(database, manifest.number);
        if !self.bucket().create(&key, manifest.encode()?).await? {
            let other = self.manifest(database, manifest.number).await?;
            return Ok(other.map_or(Committed::TooLate, |other| Committed::Taken(Box::new(other))));
        }
        // old numbers are collected: one that was passed long ago may be free again, and then there are newer ones, none of which follows ours
        let listed = self.bucket().list(&layout::manifests(database)).await?;
        let after = listed.iter().filter_map(|one| layout::number(&one.key)).find(|number| *number > manifest.number);
        let Some(after) = after else { return Ok(Committed::Ours) };
        let follows = self.manifest(database, after).await?.and_then(|next| next.parent);
        if follows.is_some_and(|parent| parent.id == manifest.id) {
            return Ok(Committed::Ours);
        }
        self.bucket().delete(&key).await?;
        Ok(Committed::TooLate)
    }
}

enum Committed {
    Ours,
    /// By this one.
    Taken(Box<Manifest>),
    /// Others have gone on.
    TooLate,
}

fn follower(last: Option<&Manifest>, epoch: u64, by: &str, kind: Kind, content: Option<Content>) -> Manifest {
    let parent = last.map(|last| Parent { number: last.number, id: last.id });
    let number = last.map_or(1, |last| last.number + 1);
    let log = kind.log(number, last.and_then(|last| last.log));
    Manifest { number, epoch, id: Uuid::new_v4(), parent, at: Utc::now(), by: by.to_owned(), kind, log, content }
}

impl Writer {
    /// The database.
    pub fn database(&self) -> &Id {
        &self.database
    }

    /// Counts the takes of this database; no two writers ever have the same.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Until when the lease is ours, unless it is renewed, by the store's clock. Whatever writes the database must have ended by then.
    pub fn until(&self) -> Instant {
        self.until.get()
    }

    pub(super) fn shared_until(&self) -> Until {
        self.until.clone()
    }

    /// The newest manifest, as this writer wrote it.
    pub fn newest(&self) -> &Manifest {
        &self.last
    }

    /// Who had it before and was lost: what that one had not stored is not here. None where it was given back.
    pub fn lost(&self) -> Option<&str> {
        self.lost.as_deref()
    }

    /// Writes down that the database was made here, and has no version yet: whoever comes back with older files of it is told so.
    ///
    /// # Errors
    /// Where the store does not answer, or the lease is lost.
    pub async fn made(&mut self) -> Result<&Manifest, Error> {
        self.commit(Kind::Made, self.last.content.clone()).await
    }

    /// Holds on to the lease: from now on for as long as a lease lasts.
    ///
    /// # Errors
    /// [`Error::Lost`] where somebody else has it. Any other error says nothing about it: `until` stays, and it can be tried again.
    pub async fn renew(&mut self) -> Result<(), Error> {
        let now = self.store.now();
        self.set(true).await?;
        self.until.set(now + self.store.options().lease);
        Ok(())
    }

    /// Gives the lease back, so that the next one need not wait.
    ///
    /// # Errors
    /// As with [`Writer::renew`].
    pub async fn give_back(mut self) -> Result<(), Error> {
        self.set(false).await
    }

    /// Renews the lease now and then for as long as a work takes.
    pub(super) async fn holding<T>(&mut self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let mut work = std::pin::pin!(work);
        loop {
            if let Ok(done) = timeout(self.store.options().lease / 4, &mut work).await {
                return done;
            }
            // after any other error it is the commit that judges whether it is still ours
            if let Err(lost @ Error::Lost(_)) = self.renew().await {
                return Err(lost);
            }
        }
    }

    async fn set(&mut self, held: bool) -> Result<(), Error> {
        let lease = Lease::new(&self.holder, self.epoch, held, self.store.options());
        loop {
            let next = self.sequence + 1;
            if let Some(older) = self.store.set_lease(&self.database, next, &lease).await? {
                self.sequence = next;
                self.store.sweep(&self.database, older).await;
                return Ok(());
            }
            // an attempt of ours that seemed to have failed may have come through
            let found = self.store.lease(&self.database).await?;
            match found.filter(|(sequence, found)| found.epoch == self.epoch && *sequence >= next) {
                Some((sequence, _)) => self.sequence = sequence,
                None => return Err(Error::Lost(self.database.clone())),
            }
        }
    }

    /// Writes the next manifest. Where an attempt of our own that seemed to have failed has the number, the next one after it.
    pub(super) async fn commit(&mut self, kind: Kind, content: Option<Content>) -> Result<&Manifest, Error> {
        loop {
            let manifest = follower(Some(&self.last), self.epoch, &self.holder, kind, content.clone());
            match self.store.commit(&self.database, &manifest).await? {
                Committed::Ours => {
                    self.ended = self.ended.filter(|ended| manifest.log == Some(ended.number));
                    self.last = manifest;
                    return Ok(&self.last);
                }
                Committed::Taken(other) if other.epoch == self.epoch => self.last = *other,
                Committed::Taken(_) | Committed::TooLate => return Err(Error::Lost(self.database.clone())),
            }
        }
    }
}
