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
/// The file that has Postgres read the WAL on at its next start, and the one that has it do so for good (src/include/access/xlog.h).
pub(super) const TO_RECOVER: &str = "recovery.signal";
pub(super) const TO_FOLLOW: &str = "standby.signal";
/// `DB_SHUTDOWNED` and `DB_SHUTDOWNED_IN_RECOVERY` of `DBState` (src/include/catalog/pg_control.h).
const STOPPED: [u32; 2] = [1, 2];
/// What stands before the data on the first page of a file of WAL, and on the others (`SizeOfXLogLongPHD` and `SizeOfXLogShortPHD`).
const PAGE_HEADS: [u64; 2] = [40, 24];

/// A cluster that has stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cluster {
    /// Who made it.
    pub(super) engine: Engine,
    /// The major version of Postgres.
    pub(super) major: u32,
    /// `None`: it did not end with a checkpoint of its own.
    wal: Option<Wal>,
    /// Whether somebody may want to read all of it.
    slots: bool,
}

/// What the control file of a cluster says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Control {
    /// Tells it from all clusters that were not copied from it.
    pub(super) system: u64,
    state: u32,
    /// Where the record of the last checkpoint begins, and where redo does.
    pub(super) checkpoint: u64,
    redo: u64,
    pub(super) timeline: u32,
}

/// Where a log follows the files of a cluster that has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Replay {
    pub(super) system: u64,
    pub(super) timeline: u32,
    /// Where the record of the last checkpoint begins.
    pub(super) from: u64,
    /// Of one file, in bytes.
    pub(super) segment: u64,
}

/// What of the WAL a start reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wal {
    said: Control,
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
        if folder.join(TO_FOLLOW).exists() {
            return Err(refused("standby.signal is there, so it is a replica of another database"));
        }
        let read = |name: &str| postgres::note(&folder.join(name)).map_err(Error::disk("read", folder.join(name)));
        let major =
            String::from_utf8_lossy(&read("PG_VERSION")?).trim().parse().map_err(|_| refused("PG_VERSION holds no major version"))?;
        let control = read("global/pg_control")?;
        let said = Control::read(&control).ok_or_else(|| refused("pg_control is too short"))?;
        if !STOPPED.contains(&said.state) {
            return Err(refused("its server did not stop in order (pg_control)"));
        }
        let slots = fs::read_dir(folder.join("pg_replslot")).is_ok_and(|mut slots| slots.next().is_some());
        let wal = segment(folder)?.filter(|_| said.has_stopped_as_primary()).map(|segment| Wal { said, segment });
        Ok(Self { engine: Engine::of_control(&control), major, wal, slots })
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
        let (wal, of) = (path.strip_prefix("pg_wal/"), self.wal.filter(|_| !self.slots));
        if let (Some(of), Some(history)) = (of, wal.and_then(|name| name.strip_suffix(".history"))) {
            // there is one more after each takeover, and a start reads that of its own timeline
            return if history == format!("{:08X}", of.said.timeline) { Keep::Whole } else { Keep::Nothing };
        }
        let segment = wal.filter(|name| is_segment(name));
        segment.zip(of).map_or(Keep::Whole, |(name, wal)| wal.keep(name))
    }
}

impl Control {
    /// Nothing where it is too short.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let number = |at: usize| bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
        // the state and the timeline are the lower halves of what stands there
        let half = |at: usize| number(at).map(|number| (number & u64::from(u32::MAX)) as u32);
        Some(Self { system: number(0)?, state: half(16)?, checkpoint: number(32)?, redo: number(40)?, timeline: half(48)? })
    }

    /// Whether its server wrote the last checkpoint as it stopped, and nothing behind it.
    pub(super) fn has_stopped_as_primary(&self) -> bool {
        self.state == STOPPED[0]
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
        let replay = |Wal { said, segment }| Self { system: said.system, timeline: said.timeline, from: said.checkpoint, segment };
        found.map(replay).ok_or_else(none)
    }

    /// Where the next record follows a record of this length (`CopyXLogRecordToWAL` in src/backend/access/transam/xlog.c).
    pub(super) fn behind(&self, record: u64, length: u64) -> u64 {
        let (mut at, mut left) = (record, length);
        loop {
            let here = left.min(PAGE - at % PAGE);
            (at, left) = (at + here, left - here);
            if left == 0 {
                // records begin at multiples of eight
                return at.next_multiple_of(8);
            }
            at += PAGE_HEADS[usize::from(at % self.segment != 0)];
        }
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
        let (first, last) = (self.said.redo.min(self.said.checkpoint) / PAGE, self.said.checkpoint / PAGE + 1);
        let per_file = self.segment / PAGE;
        let Some(file) = (first / per_file..=last / per_file).find(|file| self.name(*file) == name) else { return Keep::Nothing };
        let begins = file * per_file;
        let from = first.max(begins) - begins;
        let to = (last + 1).min(begins + per_file) - begins;
        Keep::Pages(vec![(0, 1), (from, to)])
    }

    fn name(&self, file: u64) -> String {
        name(self.said.timeline, self.segment, file)
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
        Wal { said: Control { system: 7, state: 1, checkpoint, redo, timeline: 1 }, segment: 1 << 20 }
    }

    fn cluster(wal: Option<Wal>) -> Cluster {
        Cluster { engine: Engine::Postgres, major: 15, wal, slots: false }
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
        let of_the_twelfth = Control { timeline: 12, ..wal(40, 40).said };
        let cluster = cluster(Some(Wal { said: of_the_twelfth, ..wal(40, 40) }));
        let kept = ["0000000B", "0000000C", "0000000D"].map(|history| cluster.keep(&format!("pg_wal/{history}.history")));
        assert_eq!(kept, [Keep::Nothing, Keep::Whole, Keep::Nothing]);
    }

    #[test]
    fn what_a_start_makes_anew_is_left_out() {
        let cluster = cluster(None);
        let left_out =
            ["postmaster.pid", "pg_stat_tmp/global.stat", "log/today", "base/1/pg_internal.init", "base/pgsql_tmp", "pg_subtrans/0000"];
        assert!(left_out.iter().all(|path| cluster.keep(path) == Keep::Nothing));
        let kept = ["pg_stat_tmp", "pg_stat/pgstat.stat", "base/1/1259", "pg_wal/00000002.history", "pg_wal/000000010000000000000001"];
        assert!(kept.iter().all(|path| cluster.keep(path) == Keep::Whole));
    }

    #[test]
    fn who_may_want_to_read_all_of_the_wal_finds_all_of_it() {
        let cluster = Cluster { slots: true, ..cluster(Some(wal(40, 40))) };
        assert_eq!(cluster.keep("pg_wal/000000010000000000000009"), Keep::Whole);
    }

    #[test]
    fn behind_a_record_the_next_one_begins_where_postgres_would_write_it() {
        let replay = Replay { system: 7, timeline: 1, from: 0, segment: 1 << 20 };
        assert_eq!(replay.behind(0x6028, 114), 0x6028 + 120);
        assert_eq!(replay.behind(0x6000 - 8, 114), 0x6000 + 24 + 112, "past the head of a page");
        assert_eq!(replay.behind(0x10_0000 - 16, 114), 0x10_0000 + 40 + 104, "past that of a file");
        assert_eq!(replay.behind(0x6000 - 120, 114), 0x6000, "up to the end of a page");
    }
}
