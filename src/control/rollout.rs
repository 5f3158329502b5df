//! Upgrades all users' databases, wave by wave: one first, then more at a time, and none any more at the first sign of trouble.
//!
//! Nothing is remembered that can't be read again: which versions a database has stands in itself. So a roll-out that was killed is
//! begun again, and finds done what is done.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};

use super::{Control, Error, databases::Found};
use crate::{
    causes::in_one_line,
    database::{
        Goldens,
        upgrade::{self, Manner, Upgraded},
    },
};

/// How many databases the first wave has, and how many times as many each one after it.
const FIRST: usize = 1;
const TIMES: usize = 4;

/// What is to be upgraded, and how.
#[derive(Clone, Debug)]
pub struct Rollout {
    /// These databases; all where none is named.
    pub databases: Option<Vec<String>>,
    /// How many at a time; each takes a connection.
    pub at_once: usize,
    /// Whether to go on after a failure.
    pub keep_going: bool,
    /// How one database is upgraded.
    pub manner: Manner,
}

impl Default for Rollout {
    fn default() -> Self {
        Self { databases: None, at_once: 5, keep_going: false, manner: Manner::default() }
    }
}

/// What a roll-out tells while it goes.
#[derive(Clone, Debug)]
pub enum Told<'a> {
    /// So many databases there are.
    All(usize),
    /// A wave begins.
    Wave {
        /// From 1.
        number: usize,
        /// How many databases it has.
        databases: usize,
    },
    /// One has come through.
    Done {
        /// Which.
        database: &'a str,
        /// What was done in it.
        upgraded: &'a Upgraded,
    },
    /// All are through; what was made to compare them with is removed.
    Clearing,
    /// One could not be upgraded, and is as it was.
    Failed {
        /// Which.
        database: &'a str,
        /// Why.
        why: &'a str,
    },
}

/// What came of a roll-out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Those in which something was done, with what.
    pub upgraded: BTreeMap<String, Upgraded>,
    /// How many had nothing to be done.
    pub current: usize,
    /// Those that failed, and why.
    pub failed: BTreeMap<String, String>,
    /// Those that were not tried, because of a failure before.
    pub untried: Vec<String>,
}

impl Control {
    /// Upgrades databases to the versions of [`library`](Self::library).
    ///
    /// # Errors
    /// [`Error::Unknown`] for a database that is named and not there; that the metadata database fails. What fails in a database stands in the report.
    pub async fn roll_out(&self, rollout: &Rollout, tell: &(dyn Fn(Told<'_>) + Send + Sync)) -> Result<Report, Error> {
        let mut waiting = self.to_upgrade(rollout.databases.as_deref()).await?;
        tell(Told::All(waiting.len()));
        let (mut report, goldens, mut size) = (Report::default(), Goldens::default(), FIRST);
        for number in 1.. {
            let rest = waiting.split_off(size.min(waiting.len()));
            if waiting.is_empty() {
                break;
            }
            tell(Told::Wave { number, databases: waiting.len() });
            self.wave(rollout, &goldens, waiting, tell, &mut report).await;
            (waiting, size) = (rest, size * TIMES);
            if !report.failed.is_empty() && !rollout.keep_going {
                break;
            }
        }
        report.untried.extend(waiting.into_iter().map(|found| found.info.name));
        tell(Told::Clearing);
        goldens.clear().await;
        Ok(report)
    }

    /// The least active ones first: where it goes wrong, it does so for the fewest.
    async fn to_upgrade(&self, names: Option<&[String]>) -> Result<Vec<Found>, Error> {
        let mut found = match names {
            None => self.all().await?,
            Some(names) => {
                let mut found = Vec::new();
                for name in names {
                    found.push(self.find_ready(name).await?);
                }
                found
            }
        };
        found.retain(|found| found.info.ready);
        found.sort_by(|a, b| (a.info.active_at, &a.info.name).cmp(&(b.info.active_at, &b.info.name)));
        Ok(found)
    }

    async fn wave(
        &self,
        rollout: &Rollout,
        goldens: &Goldens,
        wave: Vec<Found>,
        tell: &(dyn Fn(Told<'_>) + Send + Sync),
        report: &mut Report,
    ) {
        let mut wave = wave.into_iter();
        let one = |found: Found| async move { (self.upgrade_one(&found, rollout.manner, goldens).await, found.info.name) };
        let mut running: stream::FuturesUnordered<_> = wave.by_ref().take(rollout.at_once.max(1)).map(one).collect();
        while let Some((outcome, name)) = running.next().await {
            match outcome {
                Ok(upgraded) => {
                    tell(Told::Done { database: &name, upgraded: &upgraded });
                    if upgraded.is_nothing() {
                        report.current += 1;
                    } else {
                        report.upgraded.insert(name, upgraded);
                    }
                }
                Err(why) => {
                    tell(Told::Failed { database: &name, why: &why });
                    report.failed.insert(name, why);
                }
            }
            // those on their way come through; nobody new sets out after a failure
            if report.failed.is_empty() || rollout.keep_going {
                running.extend(wave.next().map(one));
            }
        }
        report.untried.extend(wave.map(|found| found.info.name));
    }

    /// What it did, or why it could not.
    async fn upgrade_one(&self, found: &Found, manner: Manner, goldens: &Goldens) -> Result<Upgraded, String> {
        let name = &*found.info.name;
        let url = self.server_of(name).await.map_err(|error| in_one_line(&error))?;
        let upgraded = upgrade::upgrade(&url, name, &self.library, goldens, manner, &|_| {}).await;
        let upgraded = upgraded.map_err(|error| in_one_line(&error))?;
        // whoever comes next is let in as what the database knows now
        self.opened.forget(name);
        let opened = self.open(name).await.map_err(|error| in_one_line(&error))?;
        self.lay_key(&opened).await.map_err(|error| in_one_line(&error))?;
        if upgraded.modules != found.info.modules {
            let noted = self.services.http.procs.database_modules(name, &upgraded.modules).await;
            noted.map_err(|error| in_one_line(&error))?;
        }
        Ok(upgraded)
    }
}
