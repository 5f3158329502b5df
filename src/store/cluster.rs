//! What of a stopped Postgres cluster's folder is worth storing. What a start makes anew is left out: locks, logs, statistics on their way, caches,
//! temporary files, and all of the WAL but the pages that the last checkpoint stands on.

use std::{fs, path::Path};

use super::{
    Error,
    manifest::PAGE,
    walk::{Keep, walk},
};
use crate::postgres::{self, Engine};

/// A folder's own files that say something of a running or started server only.
const LEFT_OUT: [&str; 3] = ["postmaster.pid", "postmaster.opts", "current_logfiles"];
/// Folders that stay, empty. All but the logs and the archiver's notes are those that base backups leave out as well:
/// https://www.postgresql.org/docs/15/protocol-replication.html (BASE_BACKUP).
const EMPTIED: [&str; 8] =
    ["pg_dynshmem/", "pg_notify/", "pg_serial/", "pg_snapshots/", "pg_stat_tmp/", "pg_subtrans/", "log/", "pg_wal/archive_status/"];
/// The file that has Postgres read the WAL on at its next start (src/include/access/xlog.h).
pub(super) const TO_RECOVER: &str = "recovery.signal";
/// `DB_SHUTDOWNED` and `DB_SHUTDOWNED_IN_RECOVERY` of `DBState` (src/include/catalog/pg_control.h).
const STOPPED: [u32; 2] = [1, 2];

/// A cluster that has stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cluster {
    /// Who made it.
    pub(super) engine: Engine,
    /// The major version of Postgres.
    pub(super) major: u32,
    /// `None`: somebody may want to read all of it.
    wal: Option<Wal>,
}

/// Where a log follows the files of a cluster that has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Replay {
    pub(super) timeline: u32,
    /// Where the record of the last checkpoint begins.
    pub(super) from: u64,
    /// Of one file, in bytes.
    pub(super) segment: u64,
}

/// What of the WAL a start reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wal {
    timeline: u32,
    /// Of the checkpoint: where redo begins, and where its record stands.
    redo: u64,
    checkpoint: u64,
    /// Of one file, in bytes.
    segment: u64,
}

impl Cluster {
    /// Looks at a data folder.
    ///
    /// # Errors
    /// Where it is none, or a server works in it, or did not stop in order.
    pub(super) fn look(folder: &Path) -> Result<Self, Error> {
        let refused = |why: &str| Error::NotStopped { folder: folder.to_owned(), why: why.to_owned() };
        if folder.join("postmaster.pid").exists() {
            return Err(refused("postmaster.pid is there, so a server works in it or was killed"));
        }
        if folder.join(TO_RECOVER).exists() {
            return Err(refused("recovery.signal is there, so its log was not read yet"));
        }
        let read = |name: &str| postgres::note(&folder.join(name)).map_err(Error::disk("read", folder.join(name)));
        let major =
            String::from_utf8_lossy(&read("PG_VERSION")?).trim().parse().map_err(|_| refused("PG_VERSION holds no major version"))?;
        let control = read("global/pg_control")?;
        let number = |at: usize| control.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
        let state = control.get(16..20).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
        if !state.is_some_and(|state| STOPPED.contains(&state)) {
            return Err(refused("its server did not stop in order (pg_control)"));
        }
        let (Some(checkpoint), Some(redo), Some(timeline)) = (number(32), number(40), number(48)) else {
            return Err(refused("pg_control is too short"));
        };
        // the timeline is the lower half of what stands there
        let timeline = (timeline & u64::from(u32::MAX)) as u32;
        let slots = fs::read_dir(folder.join("pg_replslot")).is_ok_and(|mut slots| slots.next().is_some());
        let wal = segment(folder)?.filter(|_| !slots && state == Some(STOPPED[0]));
        Ok(Self { engine: Engine::of_control(&control), major, wal: wal.map(|segment| Wal { timeline, redo, checkpoint, segment }) })
    }

    /// What is to be stored of this path.
    pub(super) fn keep(&self, path: &str) -> Keep {
        let name = path.rsplit('/').next().unwrap_or(path);
        if LEFT_OUT.contains(&path) || name == "pg_internal.init" || name.starts_with("pgsql_tmp") {
            return Keep::Nothing;
        }
        if EMPTIED.iter().any(|folder| path.starts_with(folder)) {
            return Keep::Nothing;
        }
        let wal = path.strip_prefix("pg_wal/");
        if let (Some(of), Some(history)) = (self.wal, wal.and_then(|name| name.strip_suffix(".history"))) {
            // there is one more after each takeover, and a start reads that of its own timeline
            return if history == format!("{:08X}", of.timeline) { Keep::Whole } else { Keep::Nothing };
        }
        let segment = wal.filter(|name| is_segment(name));
        segment.zip(self.wal).map_or(Keep::Whole, |(name, wal)| wal.keep(name))
    }
}

impl Replay {
    /// Looks at a data folder.
    ///
    /// # Errors
    /// Where it is no stopped cluster whose last checkpoint is there.
    pub(super) fn of(folder: &Path) -> Result<Self, Error> {
        let found = Cluster::look(folder)?.wal;
        let none = || Error::NotStopped { folder: folder.to_owned(), why: "it has no file of WAL with its last checkpoint".to_owned() };
        found.map(|wal| Self { timeline: wal.timeline, from: wal.checkpoint, segment: wal.segment }).ok_or_else(none)
    }

    /// As Postgres names that file of the WAL.
    pub(super) fn name(&self, file: u64) -> String {
        name(self.timeline, self.segment, file)
    }
}

impl Wal {
    /// The first page of a file names it, so it is needed too. The record of a checkpoint is shorter than a page and may begin on the last bytes of one;
    /// where a start looks for the next one it finds zeros, which is the end.
    fn keep(&self, name: &str) -> Keep {
        let (first, last) = (self.redo.min(self.checkpoint) / PAGE, self.checkpoint / PAGE + 1);
        let per_file = self.segment / PAGE;
        let Some(file) = (first / per_file..=last / per_file).find(|file| self.name(*file) == name) else { return Keep::Nothing };
        let begins = file * per_file;
        let from = first.max(begins) - begins;
        let to = (last + 1).min(begins + per_file) - begins;
        Keep::Pages(vec![(0, 1), (from, to)])
    }

    fn name(&self, file: u64) -> String {
        name(self.timeline, self.segment, file)
    }
}

/// As Postgres names it: `XLogFileName` in src/include/access/xlog_internal.h.
fn name(timeline: u32, segment: u64, file: u64) -> String {
    let per_id = (1 << 32) / segment;
    format!("{timeline:08X}{:08X}{:08X}", file / per_id, file % per_id)
}

fn is_segment(name: &str) -> bool {
    name.len() == 24 && name.bytes().all(|sign| sign.is_ascii_hexdigit())
}

/// How long the WAL's files are: all are alike, a power of two of at least 1 MB.
fn segment(folder: &Path) -> Result<Option<u64>, Error> {
    let found = walk(&folder.join("pg_wal"), &|path| if path.contains('/') { Keep::Nothing } else { Keep::Whole })?;
    let file = found.into_iter().find(|found| is_segment(&found.path));
    Ok(file.and_then(|found| found.size).filter(|size| size.is_power_of_two() && (1 << 20..=1 << 30).contains(size)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wal(redo: u64, checkpoint: u64) -> Wal {
        Wal { timeline: 1, redo, checkpoint, segment: 1 << 20 }
    }

    #[test]
    fn of_the_wal_the_pages_of_the_last_checkpoint_are_kept() {
        let wal = wal(0x1_0030_4028, 0x1_0030_4028);
        assert_eq!(wal.keep("000000010000000100000003"), Keep::Pages(vec![(0, 1), (2, 4)]));
        assert_eq!(wal.keep("000000010000000100000002"), Keep::Nothing);
        assert_eq!(wal.keep("000000010000000100000004"), Keep::Nothing);
    }

    #[test]
    fn a_checkpoint_at_the_end_of_a_file_keeps_the_next_one_too() {
        let wal = wal(0x2F_FFF0, 0x2F_FFF0);
        assert_eq!(wal.keep("000000010000000000000002"), Keep::Pages(vec![(0, 1), (127, 128)]));
        assert_eq!(wal.keep("000000010000000000000003"), Keep::Pages(vec![(0, 1), (0, 1)]));
    }

    #[test]
    fn of_the_histories_that_of_the_last_timeline_is_kept() {
        let cluster = Cluster { engine: Engine::Postgres, major: 15, wal: Some(Wal { timeline: 12, ..wal(40, 40) }) };
        let kept = ["0000000B", "0000000C", "0000000D"].map(|history| cluster.keep(&format!("pg_wal/{history}.history")));
        assert_eq!(kept, [Keep::Nothing, Keep::Whole, Keep::Nothing]);
    }

    #[test]
    fn what_a_start_makes_anew_is_left_out() {
        let cluster = Cluster { engine: Engine::Postgres, major: 15, wal: None };
        let left_out =
            ["postmaster.pid", "pg_stat_tmp/global.stat", "log/today", "base/1/pg_internal.init", "base/pgsql_tmp", "pg_subtrans/0000"];
        assert!(left_out.iter().all(|path| cluster.keep(path) == Keep::Nothing));
        let kept = ["pg_stat_tmp", "pg_stat/pgstat.stat", "base/1/1259", "pg_wal/00000002.history", "pg_wal/000000010000000000000001"];
        assert!(kept.iter().all(|path| cluster.keep(path) == Keep::Whole));
    }
}
