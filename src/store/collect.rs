//! Removes what nothing reaches: old versions that nobody pinned, blobs and logs of no version, and deleted databases when their grace is over.
//!
//! It may run beside writers and others of its kind, for it takes no clock's word where something could be lost:
//!
//! 1. A version that is to go is marked first. Only then are pins and holds looked for. Who pins does it the other way round, so one of the two sees the
//!    other.
//! 2. A blob goes only where its epoch is over: a newer epoch has a manifest, so no manifest of the blob's own epoch can come any more.
//! 3. A log goes but for its end, which stays: a writer that was frozen for however long finds its next number taken (log.rs).
//! 4. A database that was branched off has a hold on each database whose blobs it has, on versions that have them (branch.rs), so each is collected by
//!    itself.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Duration,
};

use chrono::{DateTime, Utc};

use super::{
    Error, Id, Store, Taken, Writer,
    bucket::Listed,
    entry::LONGEST_END,
    layout,
    manifest::{Kind, Manifest},
};

/// What was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// The numbers of the manifests.
    pub manifests: Vec<u64>,
    /// The keys of the blobs.
    pub blobs: Vec<String>,
    /// The keys of entries of logs.
    pub entries: Vec<String>,
    /// Whether it was the whole database.
    pub database: bool,
}

/// What there is of a database, as far as it matters to who may go.
#[derive(Debug, Default)]
struct State {
    manifests: Vec<Manifest>,
    /// When each blob was made.
    blobs: Vec<Listed>,
    /// The entries of all logs.
    entries: Vec<Listed>,
    /// The versions with a pin or a hold.
    kept: HashSet<u64>,
    /// Since when versions are marked.
    marks: HashMap<u64, DateTime<Utc>>,
    /// The newest epoch that had a manifest before these manifests were listed: all that those before it ever wrote is among them.
    epoch: u64,
}

impl Store {
    /// Collects one database, at this time by the store's clock (which is compared with nothing finer than the grace).
    ///
    /// # Errors
    /// Where the store does not answer, or answers with something broken: nothing is removed then that something reached.
    pub async fn collect(&self, database: &Id, now: DateTime<Utc>) -> Result<Collected, Error> {
        if let Some(since) = self.deleted_since(database).await? {
            return if older(since, now, self.options().grace) { self.purge(database).await } else { Ok(Collected::default()) };
        }
        self.forget_the_gone(database).await?;
        let manifests = self.manifests(database).await?;
        for number in to_mark(&manifests, &self.kept_numbers(database).await?, now, self.options().keep) {
            self.bucket().create(&layout::mark(database, number), vec![]).await?;
        }
        let marks = self.marks(database).await?;
        // read after the marks were set: see 1
        let kept = self.kept_numbers(database).await?;
        let epoch = epoch(&manifests);
        let blobs = self.bucket().list(&layout::blobs(database)).await?;
        let entries = self.bucket().list(&layout::logs(database)).await?;
        // once more: a list that somebody writes beside may lack what came meanwhile, but nothing that was there when it began
        let manifests = self.manifests(database).await?;
        let state = State { manifests, blobs, entries, kept, marks, epoch };
        for number in state.marks.keys().filter(|number| state.kept.contains(number)) {
            self.bucket().delete(&layout::mark(database, *number)).await?;
        }
        let going = state.versions_to_go(now, self.options().grace);
        let blobs = state.blobs_to_go(&going, now, self.options().grace);
        let entries = state.entries_to_go(&going, now, self.options().grace);
        self.remove(database, &state, &going, blobs.iter().chain(&entries)).await?;
        Ok(Collected { manifests: going.into_iter().collect(), blobs, entries, database: false })
    }

    async fn remove<'a>(
        &self,
        database: &Id,
        state: &State,
        going: &BTreeSet<u64>,
        objects: impl Iterator<Item = &'a String>,
    ) -> Result<(), Error> {
        for number in going {
            self.bucket().delete(&layout::manifest(database, *number)).await?;
            self.bucket().delete(&layout::mark(database, *number)).await?;
        }
        for object in objects {
            self.bucket().delete(object).await?;
        }
        let (gone, stay): (Vec<_>, Vec<_>) = state.manifests.iter().partition(|manifest| going.contains(&manifest.number));
        self.let_go(database, &owners(&gone).difference(&owners(&stay)).cloned().collect::<Vec<_>>()).await
    }

    /// Takes this database's holds off others on which it stands no more.
    pub(super) async fn let_go(&self, database: &Id, others: &[Id]) -> Result<(), Error> {
        for other in others.iter().filter(|other| *other != database) {
            for hold in self.bucket().list(&format!("{}/{database}", layout::holds(other))).await? {
                self.bucket().delete(&hold.key).await?;
            }
        }
        Ok(())
    }

    /// Removes the holds of databases that are gone: where one was begun as a branch and never made, nothing else tells of them.
    async fn forget_the_gone(&self, database: &Id) -> Result<(), Error> {
        let holds = self.bucket().list(&layout::holds(database)).await?;
        let holders: BTreeSet<_> = holds.iter().filter_map(|hold| layout::holder(&hold.key)).collect();
        for holder in holders {
            if self.newest(&holder).await?.is_some_and(|newest| newest.kind == Kind::Gone) {
                self.let_go(&holder, std::slice::from_ref(database)).await?;
            }
        }
        Ok(())
    }

    /// Removes a deleted database. One small manifest stays, and the last state of the lease: numbers go on from there, should there be one of that
    /// name again, so a writer of the old one never finds a number free. What others branched off stands on stays too.
    async fn purge(&self, database: &Id) -> Result<Collected, Error> {
        // a name that nobody else has, for there may be two of us
        let holder = format!("collect-{}", uuid::Uuid::new_v4());
        let mut writer = match self.take_any(database, &holder).await? {
            Taken::Ours(writer) => *writer,
            Taken::Held { .. } => return Ok(Collected::default()),
        };
        let collected = self.empty(database, &mut writer).await;
        writer.give_back().await?;
        collected
    }

    async fn empty(&self, database: &Id, writer: &mut Writer) -> Result<Collected, Error> {
        let last = writer.commit(Kind::Gone, None).await?.number;
        for pin in self.bucket().list(&layout::pins(database)).await? {
            self.bucket().delete(&pin.key).await?;
        }
        // nobody restores any more
        for hold in self.bucket().list(&format!("{}/{database}", layout::holds(database))).await? {
            self.bucket().delete(&hold.key).await?;
        }
        let manifests = self.manifests(database).await?;
        for manifest in manifests.iter().filter(|manifest| manifest.number != last) {
            self.bucket().create(&layout::mark(database, manifest.number), vec![]).await?;
        }
        let (marks, kept) = (self.marks(database).await?, self.kept_numbers(database).await?);
        let blobs = self.bucket().list(&layout::blobs(database)).await?;
        let entries = self.bucket().list(&layout::logs(database)).await?;
        let state = State { manifests, blobs, entries, kept, marks, epoch: writer.epoch() };
        // its grace was the deleted database's: all that is marked is old enough
        let going = state.versions_to_go(DateTime::<Utc>::MAX_UTC, Duration::ZERO);
        let blobs = state.blobs_to_go(&going, DateTime::<Utc>::MAX_UTC, Duration::ZERO);
        let entries = state.entries_to_go(&going, DateTime::<Utc>::MAX_UTC, Duration::ZERO);
        self.remove(database, &state, &going, blobs.iter().chain(&entries)).await?;
        for number in state.marks.keys() {
            self.bucket().delete(&layout::mark(database, *number)).await?;
        }
        self.bucket().delete(&layout::deleted(database)).await?;
        Ok(Collected { manifests: going.into_iter().collect(), blobs, entries, database: true })
    }

    async fn deleted_since(&self, database: &Id) -> Result<Option<DateTime<Utc>>, Error> {
        let key = layout::deleted(database);
        self.bucket().made(&key).await
    }

    async fn marks(&self, database: &Id) -> Result<HashMap<u64, DateTime<Utc>>, Error> {
        let listed = self.bucket().list(&layout::marks(database)).await?;
        Ok(listed.iter().filter_map(|one| Some((layout::number(&one.key)?, one.made))).collect())
    }

    /// The numbers of the versions with a pin or a hold.
    async fn kept_numbers(&self, database: &Id) -> Result<HashSet<u64>, Error> {
        let pins = self.pins(database).await?;
        let holds = self.bucket().list(&layout::holds(database)).await?;
        Ok(pins.into_iter().map(|(_, number)| number).chain(holds.iter().filter_map(|one| layout::number(&one.key))).collect())
    }
}

fn older(since: DateTime<Utc>, now: DateTime<Utc>, than: Duration) -> bool {
    now.signed_duration_since(since).to_std().is_ok_and(|age| age >= than)
}

/// The versions that nobody keeps and that are old, the newest left out.
fn to_mark(manifests: &[Manifest], kept: &HashSet<u64>, now: DateTime<Utc>, keep: Duration) -> Vec<u64> {
    let but_the_newest = manifests.split_last().map(|(_, older)| older).unwrap_or_default();
    let goes = |manifest: &&Manifest| !kept.contains(&manifest.number) && older(manifest.at, now, keep);
    but_the_newest.iter().filter(goes).map(|manifest| manifest.number).collect()
}

fn epoch(manifests: &[Manifest]) -> u64 {
    manifests.last().map(|newest| newest.epoch).unwrap_or_default()
}

/// The databases whose blobs these stand on.
fn owners(manifests: &[&Manifest]) -> HashSet<Id> {
    let contents = manifests.iter().filter_map(|manifest| manifest.content.as_ref());
    contents.flat_map(|content| content.blobs()).filter_map(layout::owner).collect()
}

impl State {
    fn versions_to_go(&self, now: DateTime<Utc>, grace: Duration) -> BTreeSet<u64> {
        let but_the_newest = self.manifests.split_last().map(|(_, older)| older).unwrap_or_default();
        let marked = |number: &u64| self.marks.get(number).is_some_and(|since| older(*since, now, grace));
        but_the_newest.iter().map(|manifest| manifest.number).filter(|number| marked(number) && !self.kept.contains(number)).collect()
    }

    fn blobs_to_go(&self, going: &BTreeSet<u64>, now: DateTime<Utc>, grace: Duration) -> Vec<String> {
        let stay = self.manifests.iter().filter(|manifest| !going.contains(&manifest.number));
        let reached: HashSet<_> = stay.filter_map(|manifest| manifest.content.as_ref()).flat_map(|content| content.blobs()).collect();
        let goes = |blob: &&Listed| {
            let is_over = layout::epoch(&blob.key).is_some_and(|epoch| epoch < self.epoch);
            is_over && !reached.contains(blob.key.as_str()) && older(blob.made, now, grace)
        };
        self.blobs.iter().filter(goes).map(|blob| blob.key.clone()).collect()
    }
    /// The entries of logs that no version has that stays; the last one of each only where it is too long for an end.
    fn entries_to_go(&self, going: &BTreeSet<u64>, now: DateTime<Utc>, grace: Duration) -> Vec<String> {
        let stay = self.manifests.iter().filter(|manifest| !going.contains(&manifest.number));
        let reached: HashSet<_> = stay.filter_map(|manifest| manifest.log).collect();
        let log = |entry: &Listed| layout::epoch(&entry.key);
        let may_be_an_end = |at: usize| {
            let next = self.entries.get(at + 1);
            next.is_none_or(|next| log(next) != log(&self.entries[at])) && self.entries[at].size <= LONGEST_END
        };
        let goes = |(at, entry): &(usize, &Listed)| {
            // a log that is just begun has its manifest in the list, which was made later
            log(entry).is_some_and(|log| !reached.contains(&log)) && !may_be_an_end(*at) && older(entry.made, now, grace)
        };
        self.entries.iter().enumerate().filter(goes).map(|(_, entry)| entry.key.clone()).collect()
    }
}
