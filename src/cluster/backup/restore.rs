//! How the first member of a new cluster begins with what another cluster was at some time, instead of from nothing.

use std::{fs, time::Duration};

use chrono::{DateTime, SecondsFormat, Utc};
use nix::unistd::Pid;
use tokio::{process::Child, time::interval};

use super::{
    Error, Source,
    repository::{Backup, Inventory, Repository, command},
};
use crate::cluster::{agent::Agent, home::Orders, server};

/// The file in which pgBackRest is told where the other cluster's backups are. It goes when the data is there.
const CONF: &str = "restore-from.conf";
/// The settings of the data are raised for nobody: nobody reads while it is replayed.
const REPLAYS: &str = "hot_standby = off\narchive_mode = off\nrecovery_target_action = 'promote'\n";
/// How often it is looked whether the log is replayed.
const LOOK: Duration = Duration::from_millis(100);
/// How much of what the server says is looked through.
const LINES: usize = 40;

impl Agent {
    /// Has the data folder be as the other cluster was. It begins again from the start where it is interrupted.
    pub(in crate::cluster) async fn restore(&self, source: &Source) -> Result<(), Error> {
        let conf = self.home.folder().join(CONF);
        self.tell_pgbackrest(&source.from, 1, &conf).await?;
        let repository = Repository::new(&self.tools, &conf);
        let found = repository.inventory().await?;
        let label = &chosen(source, &found)?.label;
        self.lay_aside().await?;
        self.home.empty(&self.home.data())?;
        tracing::info!(from = %source.from, label, "a backup is restored");
        repository.restore(label).await?;
        self.write_conf(&Orders::default())?;
        let told = fs::read_to_string(self.home.conf()).map_err(Error::disk("read", self.home.conf()))?;
        let fetch = format!("restore_command = '{} archive-get %f \"%p\"'\n", command(&conf));
        self.home.write(&self.home.conf(), format!("{told}{REPLAYS}{fetch}{}", target(source, &found)).as_bytes())?;
        self.home.write(&self.home.data().join("recovery.signal"), b"")?;
        let mut child = server::spawn(&self.home, &self.tools)?;
        let replayed = self.replay(&mut child).await;
        server::end(&self.home.data()).await;
        replayed?;
        fs::remove_file(&conf).map_err(Error::disk("remove", &conf))
    }

    /// Waits until the log is replayed and the server leads on a timeline of its own, and stops it in peace.
    async fn replay(&self, child: &mut Child) -> Result<(), Error> {
        let mut looks = interval(LOOK);
        let ended = || Error::Said(format!("the log could not be replayed: {}", self.fatal()));
        loop {
            looks.tick().await;
            if child.try_wait().map_err(Error::disk("wait for", self.home.data()))?.is_some() {
                return Err(ended());
            }
            // before that nobody is let in
            if server::session(&self.home, self.port(), "postgres").await.is_ok() {
                break;
            }
        }
        let pid = child.id().and_then(|number| i32::try_from(number).ok()).map(Pid::from_raw).ok_or_else(ended)?;
        server::stop(pid);
        let stopped = child.wait().await.map_err(Error::disk("wait for", self.home.data()))?;
        if stopped.success() { Ok(()) } else { Err(ended()) }
    }

    /// What the server said last of why it ended.
    fn fatal(&self) -> String {
        let text = fs::read_to_string(self.home.log()).unwrap_or_default();
        let mut last = text.lines().rev().take(LINES).filter(|line| line.contains("FATAL:") && !line.contains("the database system is"));
        last.next().and_then(|line| line.split("FATAL:").nth(1)).unwrap_or("postgres.log says more").trim().to_owned()
    }
}

/// The newest backup that was over by then.
fn chosen<'a>(source: &Source, found: &'a Inventory) -> Result<&'a Backup, Error> {
    let first = found.backups.first().ok_or_else(|| Error::Said(format!("there is no backup at {}", source.from)))?;
    let Some(until) = source.until else { return Ok(found.backups.last().unwrap_or(first)) };
    let earlier = found.backups.iter().rev().find(|backup| backup.ended_at <= until);
    earlier.ok_or_else(|| {
        let (until, ended) = (shown(until), shown(first.ended_at));
        Error::Said(format!("no backup at {} was over by {until}: the first one was over at {ended}", source.from))
    })
}

/// How far the log is replayed. The newest timeline is named: the server would look for it number by number, and not each number was one.
fn target(source: &Source, found: &Inventory) -> String {
    let line = found.timeline().map(|line| format!("recovery_target_timeline = '{line}'\n")).unwrap_or_default();
    // a server that reads its settings knows no names of time zones yet, not even Z
    let time =
        source.until.map(|until| format!("recovery_target_time = '{}'\n", until.format("%Y-%m-%d %H:%M:%S%.6f+00"))).unwrap_or_default();
    line + &time
}

fn shown(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::backup::Settings;

    fn backup(label: &str, ended: i64) -> Backup {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        Backup { label: label.to_owned(), started_at: at(ended - 10), ended_at: at(ended), bytes: 1, stored_bytes: 1 }
    }

    fn source(until: Option<&str>) -> Source {
        let mut settings = Settings::from([(super::super::FROM.to_owned(), "s3://shop/shop-1".to_owned())]);
        settings.extend(until.map(|until| (super::super::UNTIL.to_owned(), until.to_owned())));
        Source::of(&settings).unwrap().unwrap()
    }

    #[test]
    fn the_newest_backup_that_was_over_by_then_is_chosen_and_none_where_none_was() {
        let found = Inventory { backups: vec![backup("a", 100), backup("b", 200)], archived: Some("0000000A0000000000000001".to_owned()) };
        let label = |until| chosen(&source(until), &found).map(|backup| backup.label.clone()).map_err(|error| error.to_string());
        assert_eq!(label(None).as_deref(), Ok("b"));
        assert_eq!(label(Some("1970-01-01T00:03:20Z")).as_deref(), Ok("b"));
        assert_eq!(label(Some("1970-01-01T01:03:19+01:00")).as_deref(), Ok("a"));
        let said = label(Some("1970-01-01T00:01:39Z")).unwrap_err();
        assert!(said.contains("the first one was over at 1970-01-01T00:01:40"), "{said}");
        assert!(chosen(&source(None), &Inventory::default()).unwrap_err().to_string().contains("there is no backup at s3://shop/shop-1"));
        let told = target(&source(Some("1970-01-01T00:03:20.5Z")), &found);
        assert_eq!(told, "recovery_target_timeline = '10'\nrecovery_target_time = '1970-01-01 00:03:20.500000+00'\n");
    }
}
