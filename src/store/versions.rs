//! A database's versions: listed, pinned, restored, and all of them let go of.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};

use super::{
    Error, Id, Store, Taken, Writer, layout,
    manifest::{Kind, Manifest},
    shared,
};

/// How many manifests are read at a time.
const AT_ONCE: usize = 8;

/// A version, as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its number.
    pub number: u64,
    /// What made it.
    pub kind: Kind,
    /// When, by its writer's clock.
    pub at: DateTime<Utc>,
    /// Its writer's name.
    pub by: String,
    /// All files together, in bytes.
    pub size: u64,
    /// What of the bucket it stands on, in bytes; versions share it.
    pub stored: u64,
    /// The pins on it.
    pub pins: Vec<Id>,
}

impl Store {
    /// All versions, the oldest first. Takeovers and beginnings of logs are none, for they change no file.
    ///
    /// # Errors
    /// Where the store does not answer, or answers with something broken.
    pub async fn versions(&self, database: &Id) -> Result<Vec<Version>, Error> {
        let (manifests, pins) = futures::try_join!(self.manifests(database), self.pins(database))?;
        let pins_on = |number: u64| pins.iter().filter(|(_, on)| *on == number).map(|(name, _)| name.clone()).collect::<Vec<_>>();
        let changes = manifests.iter().filter(|manifest| manifest.kind.is_version() || !pins_on(manifest.number).is_empty());
        Ok(changes.filter_map(|manifest| version(manifest, pins_on(manifest.number))).collect())
    }

    /// The numbers of all manifests, and the versions among those that are higher than `known`, the oldest first: whoever remembers the rest reads
    /// no more than what has come. Takeovers are none, and pins are left out.
    ///
    /// # Errors
    /// Where the store does not answer, or answers with something broken.
    pub async fn versions_since(&self, database: &Id, known: u64) -> Result<(Vec<u64>, Vec<Version>), Error> {
        let numbers = self.numbers(database).await?;
        let come = numbers.iter().copied().filter(|number| *number > known).collect::<Vec<_>>();
        let read = come.into_iter().map(async |number| self.manifest(database, number).await);
        let come: Vec<_> = stream::iter(read).buffered(AT_ONCE).try_filter_map(async |found| Ok(found)).try_collect().await?;
        let come = come.iter().filter(|manifest| manifest.kind.is_version()).filter_map(|manifest| version(manifest, vec![]));
        Ok((numbers, come.collect()))
    }

    /// The newest version, and not the takeover that may stand above it; none where nothing was stored yet.
    ///
    /// # Errors
    /// Where the store does not answer, or answers with something broken.
    pub async fn newest_version(&self, database: &Id) -> Result<Option<Manifest>, Error> {
        let mut newest = self.newest(database).await?;
        while let Some(above) = newest.as_ref().filter(|newest| !newest.kind.is_version() && newest.kind != Kind::Gone) {
            let Some(before) = above.parent else { return Ok(None) };
            match self.manifest(database, before.number).await? {
                Some(before) => newest = Some(before),
                // it is collected: the takeover has the same files
                None => break,
            }
        }
        Ok(newest.filter(|newest| newest.content.is_some()))
    }

    /// The newest manifest.
    ///
    /// # Errors
    /// Where the store does not answer, or answers with something broken.
    pub async fn newest(&self, database: &Id) -> Result<Option<Manifest>, Error> {
        loop {
            let Some(number) = self.numbers(database).await?.pop() else { return Ok(None) };
            // the newest one is never removed; where it is gone there is a newer one
            if let Some(manifest) = self.manifest(database, number).await? {
                return Ok(Some(manifest));
            }
        }
    }

    /// The names of those who had it, as far as its manifests go back.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn holders(&self, database: &Id) -> Result<BTreeSet<String>, Error> {
        let mut holders = BTreeSet::new();
        for number in self.numbers(database).await? {
            holders.extend(self.manifest(database, number).await?.map(|manifest| manifest.by));
        }
        Ok(holders)
    }

    /// One manifest.
    ///
    /// # Errors
    /// Where the store does not answer, or answers with something broken.
    pub async fn manifest(&self, database: &Id, number: u64) -> Result<Option<Manifest>, Error> {
        let key = layout::manifest(database, number);
        let Some(bytes) = self.bucket().get(&key).await? else { return Ok(None) };
        let manifest = Manifest::decode(&key, &bytes)?;
        if manifest.number == number { Ok(Some(manifest)) } else { Err(Error::broken(&key, "it is another one")) }
    }

    /// Keeps a version, whatever becomes of others, under a name that is free or on this version already.
    ///
    /// # Errors
    /// Where there is no such version or it is about to go, the name is on another one, or the store does not answer.
    pub async fn pin(&self, database: &Id, name: &Id, number: u64) -> Result<(), Error> {
        let key = layout::pin(database, name);
        if !self.bucket().create(&key, number.to_string().into_bytes()).await? {
            return Err(Error::Taken(name.clone()));
        }
        let kept = self.kept(database, number).await;
        if kept.is_err() {
            self.bucket().delete(&key).await?;
        }
        kept.map(drop)
    }

    /// Lets go of a pin.
    ///
    /// # Errors
    /// Where there is none of that name, or the store does not answer.
    pub async fn unpin(&self, database: &Id, name: &Id) -> Result<(), Error> {
        let key = layout::pin(database, name);
        if self.bucket().get(&key).await?.is_none() {
            return Err(Error::NoPin { database: database.clone(), name: name.clone() });
        }
        self.bucket().delete(&key).await
    }

    /// All pins, and the numbers of the versions they are on.
    ///
    /// # Errors
    /// Where the store does not answer, or answers with something broken.
    pub async fn pins(&self, database: &Id) -> Result<Vec<(Id, u64)>, Error> {
        let listed = self.bucket().list(&layout::pins(database)).await?;
        let read = listed.into_iter().map(async |one| {
            let Some(bytes) = self.bucket().get(&one.key).await? else { return Ok(None) };
            let number = std::str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok());
            let number = number.ok_or_else(|| Error::broken(&one.key, "it holds no number"))?;
            Ok(Some((Id::new(one.key.rsplit('/').next().unwrap_or_default())?, number)))
        });
        stream::iter(read).buffered(AT_ONCE).try_filter_map(async |pin| Ok(pin)).try_collect().await
    }

    /// Lets go of a database: it can't be taken, fetched or branched from now on, and its files are removed when the grace is over.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn delete(&self, database: &Id) -> Result<(), Error> {
        self.bucket().create(&layout::deleted(database), b"deleted".to_vec()).await.map(drop)
    }

    /// Takes that back, where the grace is not over.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn undelete(&self, database: &Id) -> Result<(), Error> {
        self.bucket().delete(&layout::deleted(database)).await
    }

    /// Whether nothing is left of a database: it was never there, or all of a deleted one is removed, which takes a while and may be left half done.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn is_gone(&self, database: &Id) -> Result<bool, Error> {
        // what says that it was deleted goes last
        let is_over = self.newest(database).await?.is_none_or(|newest| newest.kind == Kind::Gone);
        Ok(is_over && self.bucket().made(&layout::deleted(database)).await?.is_none())
    }

    /// All databases of this store, the deleted ones too.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn databases(&self) -> Result<Vec<Id>, Error> {
        let names = self.bucket().folders().await?.into_iter().filter(|name| !shared::is_template(name));
        Ok(names.filter_map(|name| Id::new(name).ok()).collect())
    }

    /// What all objects of a database take of the bucket, in bytes.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn used(&self, database: &Id) -> Result<u64, Error> {
        Ok(self.bucket().list(database.as_str()).await?.iter().map(|one| one.size).sum())
    }

    pub(super) async fn alive(&self, database: &Id) -> Result<(), Error> {
        let deleted = self.bucket().get(&layout::deleted(database)).await?.is_some();
        if deleted { Err(Error::Deleted(database.clone())) } else { Ok(()) }
    }

    /// The numbers of all manifests, in order.
    pub(super) async fn numbers(&self, database: &Id) -> Result<Vec<u64>, Error> {
        let listed = self.bucket().list(&layout::manifests(database)).await?;
        Ok(listed.iter().filter_map(|one| layout::number(&one.key)).collect())
    }

    /// All manifests, in order.
    pub(super) async fn manifests(&self, database: &Id) -> Result<Vec<Manifest>, Error> {
        let numbers = self.numbers(database).await?;
        let read = numbers.into_iter().map(async |number| self.manifest(database, number).await);
        stream::iter(read).buffered(AT_ONCE).try_filter_map(async |found| Ok(found)).try_collect().await
    }

    /// A version that will stay, for whoever has just put a pin or a hold on it: what is about to go is marked before pins and holds are looked for, so
    /// where there is no mark now, they will be seen.
    pub(super) async fn kept(&self, database: &Id, number: u64) -> Result<Manifest, Error> {
        let missing = || Error::NoVersion { database: database.clone(), number };
        let going = self.bucket().get(&layout::mark(database, number)).await?;
        let manifest = self.manifest(database, number).await?.filter(|manifest| going.is_none() && manifest.content.is_some());
        manifest.ok_or_else(missing)
    }

    pub(super) async fn take_now(&self, database: &Id, holder: &str) -> Result<Writer, Error> {
        match self.take(database, holder).await? {
            Taken::Ours(writer) => Ok(*writer),
            Taken::Held { by, address, .. } => Err(Error::Held { database: database.clone(), by, address }),
        }
    }
}

fn version(manifest: &Manifest, pins: Vec<Id>) -> Option<Version> {
    let content = manifest.content.as_ref()?;
    let (size, stored, by) = (content.size, content.stored(), manifest.by.clone());
    Some(Version { number: manifest.number, kind: manifest.kind, at: manifest.at, by, size, stored, pins })
}

impl Writer {
    /// Makes an older version the newest: one small object. What was the newest stays a version.
    ///
    /// # Errors
    /// Where there is no such version or it is about to go, the store does not answer, or the lease is lost.
    pub async fn restore(&mut self, number: u64) -> Result<&Manifest, Error> {
        let (database, hold) = (self.database.clone(), layout::hold(&self.database, &self.database, number));
        // those of writers before this one, which can commit no more
        for old in self.store.bucket().list(&format!("{}/{database}", layout::holds(&database))).await? {
            self.store.bucket().delete(&old.key).await?;
        }
        self.store.bucket().create(&hold, vec![]).await?;
        let restored = match self.store.kept(&database, number).await {
            Ok(version) => self.commit(Kind::Restored, version.content).await.map(drop),
            Err(error) => Err(error),
        };
        self.store.bucket().delete(&hold).await?;
        restored.map(|()| &self.last)
    }
}
