//! A database that somebody else writes, read as it grows: its newest version, and behind that its log, laid into a folder that a standby reads.
//!
//! 1. Nothing is written to the database that is read: no lease is taken, no manifest is made, and no log is ended.
//! 2. Manifests are read one by one, each has the next number. What the log had when a manifest was made is read before that is looked at.
//! 3. Another version is gone on with only where it ends with the very checkpoint with which the log ended that was read: by the same cluster, on the same
//!    timeline, byte for byte. All else (a takeover, an upload, an older version restored, what only a pause puts away) has to be fetched anew.

use std::{fs, path::Path};

use futures::{StreamExt, TryStreamExt, stream};

use super::{
    Error, Id, Store,
    cluster::{Control, TO_FOLLOW},
    entry::{Entry, Piece},
    layout,
    manifest::{Content, Kind, Manifest, PAGE},
    put::on_a_thread,
    replay::{AT_ONCE, Laying},
};

/// A record's head, which has its length, the place of the one before and its checksum (`SizeOfXLogRecord` in src/include/access/xlogrecord.h).
const HEAD: usize = 24;

/// Whoever reads a database on.
#[derive(Debug)]
pub struct Follower {
    store: Store,
    database: Id,
    laying: Laying,
    /// The newest manifest that was looked at.
    seen: u64,
    /// Where in the WAL the version of that ends.
    end: u64,
    /// The log behind it, and the number of its next entry.
    log: Option<(u64, u64)>,
}

/// What a look has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// Nothing new.
    Nothing,
    /// So many bytes of the log. They are laid where the standby finds them.
    Log(u64),
    /// Files to which no log leads: they have to be fetched.
    Files,
}

impl Store {
    /// Brings the newest version of a database that somebody else writes, and what its log has by now, into a folder that does not exist yet, for a standby;
    /// `None` where there is no version yet. By way of another store where this one has not the template. A copy of the template, `spare`, is used up
    /// where it is there: the files are its owner's then.
    ///
    /// # Errors
    /// As with [`Store::fetch`].
    pub async fn follow(&self, database: &Id, by: Option<&Self>, folder: &Path, spare: Option<&Path>) -> Result<Option<Follower>, Error> {
        let ((), newest) = futures::try_join!(self.alive(database), self.newest(database))?;
        let Some(newest) = newest else { return Ok(None) };
        if newest.kind == Kind::Gone {
            return Err(Error::Deleted(database.clone()));
        }
        let Some(newest) = by.unwrap_or(self).fetch_content(newest, folder, spare, None).await? else { return Ok(None) };
        let begun = Follower::begin(self.clone(), database.clone(), &newest, folder).await;
        if begun.is_err() {
            // a folder without that mark would stand for the database itself
            fs::remove_dir_all(folder).map_err(Error::disk("remove", folder))?;
        }
        begun.map(Some)
    }

    /// Whether a version ends with the very checkpoint with which a log ended that was laid.
    async fn ends_like(&self, content: &Content, laying: &Laying) -> Result<bool, Error> {
        let control = self.page(content, "global/pg_control", 0).await?;
        let Some(control) = control.as_deref().and_then(Control::read) else { return Ok(false) };
        let replay = laying.replay();
        let is_of_it = (control.system, control.timeline) == (replay.system, replay.timeline) && control.has_stopped_as_primary();
        if !is_of_it || control.checkpoint >= laying.at() {
            return Ok(false);
        }
        let (name, within) = laying.place(control.checkpoint);
        let Some(page) = self.page(content, &format!("pg_wal/{name}"), within / PAGE).await? else { return Ok(false) };
        let theirs = page.get((within % PAGE) as usize..).unwrap_or_default();
        let length = theirs.first_chunk().copied().map_or(0, u32::from_le_bytes);
        // the rest of one that goes on on the next page is told by its checksum
        let theirs = &theirs[..theirs.len().min(length as usize)];
        if theirs.len() < HEAD || replay.behind(control.checkpoint, length.into()) != laying.at() {
            return Ok(false);
        }
        let (ours, length) = (laying.clone(), theirs.len());
        Ok(on_a_thread(Path::new(&name), move || ours.read(control.checkpoint, length)).await? == theirs)
    }
}

impl Follower {
    async fn begin(store: Store, database: Id, newest: &Manifest, folder: &Path) -> Result<Self, Error> {
        let path = folder.to_owned();
        let laying = on_a_thread(folder, move || {
            // who reads the other one's log there does not read it here
            for slot in fs::read_dir(path.join("pg_replslot")).into_iter().flatten().flatten() {
                fs::remove_dir_all(slot.path()).map_err(Error::disk("remove", slot.path()))?;
            }
            Laying::behind(&path)
        });
        let laying = laying.await?;
        let (seen, end, log) = (newest.number, laying.at(), newest.log.map(|log| (log, 0)));
        let mut follower = Self { store, database, laying, seen, end, log };
        follower.catch_up().await?;
        let laying = follower.laying.clone();
        on_a_thread(folder, move || laying.mark(TO_FOLLOW)).await?;
        Ok(follower)
    }

    /// Lays what the log has by now, which may be much.
    async fn catch_up(&mut self) -> Result<(), Error> {
        let Some((log, _)) = self.log else { return Ok(()) };
        let listed = self.store.bucket().list(&layout::log(&self.database, log)).await?;
        let count = listed.iter().filter_map(|one| layout::number(&one.key)).next_back().map_or(0, |last| last + 1);
        let (store, keys) = (self.store.clone(), (0..count).map(|number| layout::piece(&self.database, log, number)).collect::<Vec<_>>());
        let mut entries = stream::iter(keys).map(async |key| Ok::<_, Error>((store.entry(&key).await?, key))).buffered(AT_ONCE);
        while let Some((entry, key)) = entries.try_next().await? {
            let Entry::Piece(piece) = entry else { break };
            if !self.lay(piece).await? {
                return Err(Error::broken(&key, "it does not follow what stands before it"));
            }
        }
        Ok(())
    }

    /// Lays what has come since the last look. After an error it can be tried again.
    ///
    /// # Errors
    /// Where the store does not answer, or answers with something broken, or the disk says no.
    pub async fn look(&mut self) -> Result<Came, Error> {
        let before = self.laying.at();
        loop {
            let next = self.store.manifest(&self.database, self.seen + 1).await?;
            if !self.read_on().await? {
                return Ok(Came::Files);
            }
            let Some(next) = next else { break };
            if !self.passes(&next).await? {
                return Ok(Came::Files);
            }
            self.seen = next.number;
        }
        let laid = self.laying.at() - before;
        Ok(if laid > 0 { Came::Log(laid) } else { Came::Nothing })
    }

    /// Lays what there is of the log; false where it leads on from elsewhere.
    async fn read_on(&mut self) -> Result<bool, Error> {
        while let Some((log, next)) = self.log {
            let key = layout::piece(&self.database, log, next);
            let Some(bytes) = self.store.bucket().get(&key).await? else { break };
            // nothing is ever behind an end, and that stays
            let Entry::Piece(piece) = Entry::decode(&key, &bytes)? else { break };
            if !self.lay(piece).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn lay(&mut self, piece: Piece) -> Result<bool, Error> {
        let laying = self.laying.clone();
        let Some(laid) = on_a_thread(Path::new(self.database.as_str()), move || laying.go_on(&piece)).await? else { return Ok(false) };
        self.laying = laid;
        self.log = self.log.map(|(log, next)| (log, next + 1));
        Ok(true)
    }

    /// Whether what was laid leads on to a manifest.
    async fn passes(&mut self, next: &Manifest) -> Result<bool, Error> {
        match next.kind {
            // the same files; and of what was deleted, what there was is read on
            Kind::Stamp | Kind::Made | Kind::Gone => Ok(true),
            Kind::Logged => {
                self.log = next.log.map(|log| (log, 0));
                Ok(self.laying.at() == self.end)
            }
            Kind::Version | Kind::Restored | Kind::Branched => {
                let Some(content) = &next.content else { return Ok(false) };
                (self.log, self.end) = (None, self.laying.at());
                self.store.ends_like(content, &self.laying).await
            }
        }
    }
}
