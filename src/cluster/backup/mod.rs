//! Backups of a cluster in a bucket of S3, and how a cluster begins with what another one was at some time: by pgBackRest, which archives the log as well.
//!
//! In reading order: `Wish` and `Source` are what is wanted, told to members as settings of Postgres of a class of our own; `schedule` says when a backup
//! is due; `repository` is pgBackRest over one place in a bucket, and `door` how it gets to a bucket that has no TLS; `seen` is what is known, `keep` is what whoever leads does, again
//! and again, and `restore` how a first member begins.

mod door;
mod keep;
mod repository;
mod restore;
mod schedule;
mod seen;

use std::{collections::BTreeMap, path::Path};

use chrono::{DateTime, Utc};

use super::Error;
pub use repository::Backup;
use repository::{Place, command};
use schedule::Schedule;
pub(super) use seen::Backups;
pub use seen::Seen;

/// Where backups go: `s3://bucket/path`. Where it is not set there are none.
pub const TO: &str = "iasql.backup_to";
/// When one is made, as five fields of cron, in UTC.
pub const SCHEDULE: &str = "iasql.backup_schedule";
/// How many of them are kept.
pub const KEEP: &str = "iasql.backup_keep";
/// The backups that a new cluster begins with: `s3://bucket/path`.
pub const FROM: &str = "iasql.restore_from";
/// And as of when, as RFC 3339 has it; the newest there is where it is not set.
pub const UNTIL: &str = "iasql.restore_to";

/// What is said where nobody says otherwise.
const DAILY: &str = "0 3 * * *";
const SEVEN: u32 = 7;
/// How much is lost at most with the disks of all members, where little is written: after so long a file of the log is archived that is not full.
const FLUSHED: &str = "60s";

/// The file in a member's folder in which pgBackRest is told where backups go.
const CONF: &str = "pgbackrest.conf";

/// Settings of Postgres by their names.
type Settings = BTreeMap<String, String>;

/// What is wanted of backups.
#[derive(Clone, Debug)]
struct Wish {
    to: Place,
    schedule: Schedule,
    keep: u32,
}

impl Wish {
    fn of(settings: &Settings) -> Result<Option<Self>, Error> {
        let Some(to) = settings.get(TO) else { return Ok(None) };
        let schedule = Schedule::parse(settings.get(SCHEDULE).map_or(DAILY, String::as_str))?;
        let keep = settings.get(KEEP).map(|text| text.parse().ok().filter(|keep| *keep > 0));
        let keep = keep.unwrap_or(Some(SEVEN)).ok_or_else(|| Error::Said("how many backups are kept is a number from 1 on".to_owned()))?;
        Ok(Some(Self { to: Place::parse(to)?, schedule, keep }))
    }
}

/// What a cluster that is new is to begin with.
#[derive(Clone, Debug)]
pub(super) struct Source {
    from: Place,
    until: Option<DateTime<Utc>>,
}

impl Source {
    pub(super) fn of(settings: &Settings) -> Result<Option<Self>, Error> {
        let Some(from) = settings.get(FROM) else { return Ok(None) };
        let time = |text: &String| DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
        let until = settings.get(UNTIL).map(time).transpose().map_err(|error| Error::Said(format!("{UNTIL} is no time: {error}")))?;
        Ok(Some(Self { from: Place::parse(from)?, until }))
    }
}

/// What a server is told so that its log is archived. Without backups it is archived nowhere.
pub(super) fn archiving(settings: &Settings, folder: &Path) -> Vec<(&'static str, String)> {
    if !settings.contains_key(TO) {
        return vec![];
    }
    let push = format!("{} archive-push %p", command(&folder.join(CONF)));
    vec![("archive_mode", "on".to_owned()), ("archive_command", push), ("archive_timeout", FLUSHED.to_owned())]
}
