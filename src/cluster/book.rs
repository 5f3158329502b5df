//! The record of a cluster and the lease of its primary, in a bucket: one state, changed by whoever makes the next number of it.
//!
//! A folder has no other way to compare and set than to make an object that is not there yet, so each state is an object of its own, as with the leases
//! of databases. Each names the one it was built on: a writer that was very slow, and makes a number that was removed meanwhile, sees so and has not written.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Error;
use crate::{
    failover::{Member, Millis, Record, Step},
    store::{self, Bucket},
};

/// Below which the registry is.
const REGISTRY: &str = "at";
/// How many states before the newest are kept.
const KEPT: u64 = 16;
/// After how many more states older ones are removed.
const SWEPT: u64 = 8;
/// How often a write is tried again when another one was first.
const TRIES: usize = 20;

/// Who may lead, until it has stood still for as long as it lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Whose it is.
    pub holder: Member,
    /// In which term.
    pub term: u64,
    /// Counts the renewals.
    pub counter: u64,
    /// How long it lasts since it was made, in milliseconds.
    pub length_ms: u64,
}

/// What is written down.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    id: Uuid,
    built_on: Option<Uuid>,
    /// Who leads, and what is being done.
    pub record: Record,
    /// Who holds the lease.
    pub lease: Option<Lease>,
    /// A change of the primary that is under way.
    begun: Option<Change>,
    /// The last one that came to an end.
    pub last: Option<Change>,
}

/// A change of the primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Who led before.
    pub from: Member,
    /// Who leads since; the same one while it is under way, or where it was started again.
    pub to: Member,
    /// Whether somebody wanted it.
    pub planned: bool,
    /// When it was begun, by the clock of the engine that did.
    pub begun: Millis,
    /// For how long writes were away since.
    pub took: Millis,
}

/// One that is under way, and the last that was.
type Changes = (Option<Change>, Option<Change>);

impl State {
    /// What becomes of changes of the primary when this is written.
    fn changing(&self, next: &Record, now: Millis) -> Changes {
        let led = matches!(self.record.step, Step::Steady | Step::Settle);
        match (self.begun, next.step) {
            // a cluster that is new begins by a promotion
            (None, Step::Pause(_) | Step::Fence(_)) if led && self.record.term > 1 => {
                let (from, planned) = (self.record.primary, matches!(next.step, Step::Pause(_)));
                (Some(Change { from, to: from, planned, begun: now, took: 0 }), self.last)
            }
            (Some(begun), Step::Settle) => (None, Some(Change { to: next.primary, took: now - begun.begun, ..begun })),
            (_, Step::Steady) => (None, self.last),
            (begun, _) => (begun, self.last),
        }
    }
}

/// A state and its number.
#[derive(Clone, Debug)]
pub(super) struct Found {
    number: u64,
    pub(super) state: State,
}

/// The book of one cluster. A clone is the same one.
#[derive(Clone, Debug)]
pub(super) struct Book {
    bucket: Bucket,
    folder: String,
}

impl Book {
    pub(super) fn new(bucket: Bucket, cluster: &str) -> Self {
        Self { bucket, folder: format!("cluster-{cluster}") }
    }

    /// The newest state; none where nothing was written yet.
    pub(super) async fn read(&self) -> Result<Option<Found>, Error> {
        Ok(self.look().await?.0)
    }

    /// The same, and what the registry beside it has: one list shows both.
    pub(super) async fn look(&self) -> Result<(Option<Found>, Vec<String>), Error> {
        loop {
            let (mut numbers, keys) = self.listed().await?;
            let Some(number) = numbers.pop() else { return Ok((None, keys)) };
            // one that is gone has newer ones above it
            if let Some(state) = self.state(number).await? {
                return Ok((Some(Found { number, state }), keys));
            }
        }
    }

    /// Writes down where somebody is.
    pub(super) async fn register(&self, who: &str, what: &impl Serialize) -> Result<(), Error> {
        let bytes = serde_json::to_vec(what).map_err(|error| Error::Said(error.to_string()))?;
        let folder = format!("{}/{REGISTRY}/{who}", self.folder);
        for _ in 0..TRIES {
            let old: Vec<_> = self.bucket.list(&folder).await?.into_iter().map(|found| found.key).collect();
            let number = old.last().and_then(|key| key.rsplit('/').next()?.parse::<u64>().ok()).unwrap_or_default() + 1;
            if self.bucket.create(&format!("{folder}/{number:020}"), bytes.clone()).await? {
                for key in old {
                    self.bucket.delete(&key).await?;
                }
                return Ok(());
            }
        }
        Err(Error::Said(format!("{who} could not be written down")))
    }

    /// Whether it is written down where he is.
    pub(super) async fn has(&self, who: &str) -> Result<bool, Error> {
        Ok(!self.bucket.list(&format!("{}/{REGISTRY}/{who}", self.folder)).await?.is_empty())
    }

    /// Nobody looks for him any more.
    pub(super) async fn unregister(&self, who: &str) -> Result<(), Error> {
        for found in self.bucket.list(&format!("{}/{REGISTRY}/{who}", self.folder)).await? {
            self.bucket.delete(&found.key).await?;
        }
        Ok(())
    }

    /// What an entry of the registry says.
    pub(super) async fn entry(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.bucket.get(key).await?)
    }

    /// Writes the record, if the one that is there has the version before; the lease stays as it is.
    pub(super) async fn write(&self, next: &Record, now: Millis) -> Result<bool, Error> {
        for _ in 0..TRIES {
            let found = self.read().await?;
            if found.as_ref().map_or(0, |found| found.state.record.version) + 1 != next.version {
                return Ok(false);
            }
            let before = found.as_ref().map(|found| &found.state);
            let lease = before.and_then(|state| state.lease.clone());
            let changes = before.map_or((None, None), |state| state.changing(next, now));
            if self.put(found.as_ref(), next.clone(), lease, changes).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The same, where this was found a moment ago: nobody has to read it again unless something was written meanwhile.
    pub(super) async fn write_on(&self, found: &Found, next: &Record, now: Millis) -> Result<bool, Error> {
        let (before, follows) = (&found.state, found.state.record.version + 1 == next.version);
        if follows && self.put(Some(found), next.clone(), before.lease.clone(), before.changing(next, now)).await? {
            return Ok(true);
        }
        self.write(next, now).await
    }

    /// Takes or renews the lease, if the record lets this member lead in this term. Answers that record, and what the registry beside it has.
    pub(super) async fn lease(&self, holder: Member, term: u64) -> Result<Option<(Record, Vec<String>)>, Error> {
        for _ in 0..TRIES {
            let (Some(found), keys) = self.look().await? else { return Ok(None) };
            let record = found.state.record.clone();
            if !record.may_lead(holder, term) {
                return Ok(None);
            }
            let counter = found.state.lease.as_ref().map_or(0, |lease| lease.counter) + 1;
            let length_ms = u64::try_from(record.timing.lease).unwrap_or_default();
            let lease = Lease { holder, term, counter, length_ms };
            let changes = (found.state.begun, found.state.last);
            if self.put(Some(&found), record.clone(), Some(lease), changes).await? {
                return Ok(Some((record, keys)));
            }
        }
        Ok(None)
    }

    async fn put(&self, found: Option<&Found>, record: Record, lease: Option<Lease>, changes: Changes) -> Result<bool, Error> {
        let number = found.map_or(0, |found| found.number) + 1;
        let (begun, last) = changes;
        let state = State { id: Uuid::new_v4(), built_on: found.map(|found| found.state.id), record, lease, begun, last };
        let bytes = serde_json::to_vec(&state).map_err(|error| Error::Said(error.to_string()))?;
        if !self.bucket.create(&self.key(number), bytes).await? || !self.counts(number, state.id).await? {
            return Ok(false);
        }
        if number.is_multiple_of(SWEPT) {
            // nobody waits for that: a lease is short
            tokio::spawn(self.clone().sweep(number));
        }
        Ok(true)
    }

    async fn sweep(self, number: u64) {
        for old in self.numbers().await.unwrap_or_default().into_iter().filter(|old| old + KEPT < number) {
            // what stays now goes the next time
            drop(self.bucket.delete(&self.key(old)).await);
        }
    }

    /// Whether what was just made is a link of the chain: the newest, or what the next one is built on.
    async fn counts(&self, number: u64, id: Uuid) -> Result<bool, Error> {
        if self.numbers().await?.last() == Some(&number) {
            return Ok(true);
        }
        Ok(self.state(number + 1).await?.is_some_and(|next| next.built_on == Some(id)))
    }

    async fn numbers(&self) -> Result<Vec<u64>, Error> {
        Ok(self.listed().await?.0)
    }

    /// The numbers of the states, and the keys of the registry, each in order.
    async fn listed(&self) -> Result<(Vec<u64>, Vec<String>), Error> {
        let listed = self.bucket.list(&self.folder).await?;
        let name = |key: &str| key.strip_prefix(&self.folder)?.strip_prefix('/').map(str::to_owned);
        let mut numbers: Vec<u64> = listed.iter().filter_map(|found| name(&found.key)?.parse().ok()).collect();
        numbers.sort_unstable();
        let entries = listed.into_iter().map(|found| found.key).filter(|key| name(key).is_some_and(|name| name.starts_with(REGISTRY)));
        Ok((numbers, entries.collect()))
    }

    async fn state(&self, number: u64) -> Result<Option<State>, Error> {
        let key = self.key(number);
        let Some(bytes) = self.bucket.get(&key).await? else { return Ok(None) };
        let state = serde_json::from_slice(&bytes);
        state.map(Some).map_err(|error| store::Error::Broken { key, why: error.to_string() }.into())
    }

    fn key(&self, number: u64) -> String {
        format!("{}/{number:020}", self.folder)
    }
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use super::*;
    use crate::{failover::Timing, store::Access};

    const FIRST: Member = Member(0);

    async fn book(name: &str) -> (Book, Record, std::path::PathBuf) {
        let folder = env::temp_dir().join(format!("iasql-book-{name}-{}", process::id()));
        let url = format!("file://{}", folder.display());
        let book = Book::new(Bucket::open(&url, &Access::default()).await.expect("a bucket"), "main");
        let record = Record::new(FIRST, [Member(1)], false, Timing::default());
        (book, record, folder)
    }

    #[tokio::test]
    async fn of_two_writes_on_one_version_only_one_counts_and_a_lease_between_them_harms_neither() {
        let (book, record, folder) = book("writes").await;
        assert!(book.write(&record, 0).await.expect("a write"));
        assert!(!book.write(&record, 0).await.expect("an answer"), "there is one already");
        assert!(book.lease(FIRST, 1).await.expect("an answer").is_some());
        let next = Record { version: 2, ..record };
        assert!(book.write(&next, 0).await.expect("a write"));
        assert!(!book.write(&next, 0).await.expect("an answer"));
        let state = book.read().await.expect("a book").expect("a state").state;
        assert_eq!((state.record, state.lease.map(|lease| lease.counter)), (next, Some(1)));
        fs::remove_dir_all(folder).expect("the folder");
    }

    #[tokio::test]
    async fn only_whom_the_record_lets_lead_has_the_lease_and_old_states_go() {
        let (book, record, folder) = book("leases").await;
        assert!(book.write(&record, 0).await.expect("a write"));
        for _ in 0..40 {
            assert!(book.lease(FIRST, 1).await.expect("an answer").is_some());
        }
        assert!(book.lease(Member(1), 1).await.expect("an answer").is_none());
        assert!(book.lease(FIRST, 2).await.expect("an answer").is_none());
        // the last number is 41; what is removed beside is removed here for certain
        book.clone().sweep(41).await;
        assert_eq!(book.numbers().await.expect("a list").len() as u64, KEPT + 1);
        fs::remove_dir_all(folder).expect("the folder");
    }

    #[tokio::test]
    async fn who_makes_a_number_that_was_removed_meanwhile_has_written_nothing() {
        let (book, record, folder) = book("slow").await;
        assert!(book.write(&record, 0).await.expect("a write"));
        let slow = book.read().await.expect("a book").expect("a state");
        for _ in 0..40 {
            assert!(book.lease(FIRST, 1).await.expect("an answer").is_some());
        }
        book.clone().sweep(41).await;
        let next = Record { version: 2, ..record };
        assert!(!book.put(Some(&slow), next, None, (None, None)).await.expect("an answer"));
        assert_eq!(book.read().await.expect("a book").expect("a state").state.record.version, 1);
        fs::remove_dir_all(folder).expect("the folder");
    }
}
