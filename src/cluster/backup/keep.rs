//! What a member does for backups: each has pgBackRest told where they go, so that whoever comes to lead archives at once, and whoever leads makes them when
//! they are due. What was made when stands in the bucket, so that a change of the primary neither repeats one nor leaves one out.

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::Utc;
use sqlx::FromRow;
use tokio::time::{MissedTickBehavior, interval};

use super::{
    CONF, Error, Wish,
    door::Door,
    repository::{Inventory, Place, Reach, Repository},
};
use crate::{
    causes::in_one_line,
    cluster::{agent::Agent, salvage::is_piece, server},
    failover::Role,
};

/// How often it is looked whether one is due.
const LOOK: Duration = Duration::from_secs(2);
/// How often it is read anew what there is, where this member has changed nothing itself.
const READ: Duration = Duration::from_secs(600);
/// How soon it is tried again where it failed.
const AGAIN: Duration = Duration::from_secs(20);

/// What was done since this member leads.
#[derive(Default)]
struct Memory {
    term: Option<u64>,
    read: Option<Instant>,
    failed: Option<Instant>,
}

#[derive(FromRow)]
struct Archiver {
    archives: bool,
    fails: bool,
}

impl Agent {
    /// Looks after backups for as long as the member runs.
    pub(in crate::cluster) async fn keep_backups(self: Arc<Self>) {
        let (mut looks, mut memory) = (interval(LOOK), Memory::default());
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            if memory.failed.is_some_and(|at| at.elapsed() < AGAIN) {
                continue;
            }
            let looked = self.look_at_backups(&mut memory).await;
            memory.failed = looked.as_ref().err().map(|_| Instant::now());
            if let Err(error) = looked {
                let why = in_one_line(&error);
                tracing::warn!(why, "there is no other backup");
                self.backups.held().get_or_insert_default().failure = Some(why);
            }
        }
    }

    async fn look_at_backups(&self, memory: &mut Memory) -> Result<(), Error> {
        let wish = Wish::of(&self.state().settings)?;
        let (leads, is_furnished) = {
            let state = self.state();
            (state.role == Some(Role::Primary) && state.server.is_some(), state.furnished.is_some())
        };
        if let Some(wish) = &wish {
            self.tell_pgbackrest(&wish.to, wish.keep, &self.home.folder().join(CONF)).await?;
        }
        let Some((wish, term)) = wish.zip(self.tenure.term()).filter(|_| leads) else {
            (*memory, *self.backups.held()) = (Memory::default(), None);
            return Ok(());
        };
        if !is_furnished {
            return Ok(());
        }
        if !self.archiver().await?.archives {
            return Err(Error::Said("the log is archived from the next restart of the server on".to_owned()));
        }
        let repository = Repository::new(&self.tools, &self.home.folder().join(CONF));
        if memory.term != Some(term) || memory.read.is_none_or(|at| at.elapsed() > READ) {
            let found = repository.inventory().await?;
            if memory.term != Some(term) {
                self.archive_again(term, &found)?;
            }
            (memory.term, memory.read) = (Some(term), Some(Instant::now()));
            self.backups.held().get_or_insert_default().backups = found.backups;
        }
        let last = self.backups.held().as_ref().and_then(|seen| seen.backups.last().map(|backup| backup.started_at));
        let due = wish.schedule.last(Utc::now());
        if last.is_none_or(|last| due.is_some_and(|due| last < due)) {
            let began = Instant::now();
            repository.backup().await?;
            self.backups.held().get_or_insert_default().backups = repository.inventory().await?.backups;
            tracing::info!(took = ?began.elapsed(), "a backup was made");
        }
        let failure = self.archiver().await?.fails.then(|| "the log can't be archived: postgres.log of the primary says why".to_owned());
        self.backups.held().get_or_insert_default().failure = failure;
        Ok(())
    }

    async fn archiver(&self) -> Result<Archiver, Error> {
        let mut session = server::session(&self.home, self.port(), "postgres").await.map_err(Error::query("reach the server"))?;
        let asked = sqlx::query_as(include_str!("../sql/archiver.sql")).fetch_one(&mut session).await;
        asked.map_err(Error::query("look whether the log is archived"))
    }

    /// Writes down for pgBackRest where backups are, where it is another place than before.
    pub(super) async fn tell_pgbackrest(&self, place: &Place, keep: u32, conf: &Path) -> Result<(), Error> {
        let reach = Reach::of(&self.site.access)?;
        let door = match reach.plain() {
            Some(to) => Some(self.backups.door.get_or_try_init(|| Door::open(&self.site, to)).await?.port),
            None => None,
        };
        let text = reach.conf(place, keep, &self.home, self.port(), door);
        if fs::read_to_string(conf).is_ok_and(|known| known == text) {
            return Ok(());
        }
        self.home.write(conf, text.as_bytes())
    }

    /// Has files of the log archived that whoever led before may have left: a standby counts all that it receives as archived.
    fn archive_again(&self, term: u64, found: &Inventory) -> Result<(), Error> {
        let status = self.home.wal().join("archive_status");
        let names = fs::read_dir(&status).map_err(Error::disk("read", &status))?;
        let names = names.filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".done").map(str::to_owned));
        let is_before = |name: &str| u64::from_str_radix(&name[..8], 16).is_ok_and(|line| line < term);
        let is_missing = |name: &str| found.archived.as_deref().is_some_and(|archived| *name > *archived);
        for name in names.filter(|name| is_piece(name) && is_before(name) && is_missing(name)) {
            let file = status.join(format!("{name}.done"));
            fs::rename(&file, file.with_extension("ready")).map_err(Error::disk("rename", &file))?;
        }
        Ok(())
    }
}
