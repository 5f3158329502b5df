//! `iasql schema upgrade --all`: the users' databases, wave by wave.

use std::time::Duration;

use iasql::{
    config::Place,
    control::{Report, Rollout, Told},
    database::upgrade::Manner,
};
use serde_json::json;

use crate::cli::{
    error::Error,
    exit::{DONE, FAILED},
    running,
    show::Show,
};

/// Which users' databases, and how.
#[derive(clap::Args)]
pub(crate) struct RollOut {
    /// All users' databases, on all servers, to the versions that this iasql carries
    #[arg(long, conflicts_with_all = ["directory", "database"])]
    pub(super) all: bool,
    /// One user's database; repeatable
    #[arg(long = "user", value_name = "NAME", conflicts_with_all = ["all", "directory", "database"])]
    pub(super) users: Vec<String>,
    /// How many users' databases at a time; each takes one connection
    #[arg(long, value_name = "COUNT", default_value = "5", value_parser = clap::value_parser!(u16).range(1..=64))]
    at_once: u16,
    /// Go on with the others after one failed
    #[arg(long)]
    keep_going: bool,
    #[command(flatten)]
    place: Place,
}

impl RollOut {
    pub(super) fn is_asked_for(&self) -> bool {
        self.all || !self.users.is_empty()
    }

    pub(super) async fn run(self, lock_timeout: Option<Duration>, patience: Option<Duration>, show: &Show) -> Result<u8, Error> {
        let usual = Manner::default();
        let manner = Manner { lock_timeout: lock_timeout.unwrap_or(usual.lock_timeout), patience: patience.unwrap_or(usual.patience) };
        let databases = (!self.all).then_some(self.users);
        let rollout = Rollout { databases, at_once: self.at_once.into(), keep_going: self.keep_going, manner };
        let control = running::find(&self.place)?.control().await?;
        let report = control.roll_out(&rollout, &|told| tell(show, &told)).await?;
        show.done();
        answer(show, &report);
        Ok(if report.failed.is_empty() { DONE } else { FAILED })
    }
}

fn tell(show: &Show, told: &Told<'_>) {
    match told {
        Told::All(databases) => {
            show.length(*databases);
            show.document(&json!({ "event": "all", "databases": databases }));
        }
        Told::Wave { number, databases } => {
            show.say(&format!("wave {number}: {databases} {}", databases_are(*databases)));
            show.document(&json!({ "event": "wave", "number": number, "databases": databases }));
        }
        Told::Done { database, upgraded } => {
            show.one_more();
            show.document(&json!({ "event": "done", "database": database, "made": upgraded.made, "kept_aside": upgraded.kept_aside }));
            if !upgraded.made.is_empty() {
                show.answer(&format!("{database}: {}", upgraded.made.join(", ")));
            }
            upgraded
                .kept_aside
                .iter()
                .for_each(|kept| show.say(&format!("{database}: could not be put back and is kept in schema_versions.aside: {kept}")));
        }
        Told::Clearing => {}
        Told::Failed { database, why } => {
            show.one_more();
            show.document(&json!({ "event": "failed", "database": database, "error": why }));
            show.say(&format!("{database} failed, and is as it was: {why}"));
        }
    }
}

fn databases_are(count: usize) -> &'static str {
    if count == 1 { "database" } else { "databases" }
}

fn answer(show: &Show, report: &Report) {
    let (made, current, failed, untried) = (report.upgraded.len(), report.current, report.failed.len(), report.untried.len());
    show.document(&json!({ "event": "report", "upgraded": made, "current": current, "failed": report.failed, "untried": report.untried }));
    let fine = made + current;
    let are = if fine == 1 { "is as it should be" } else { "are as they should be" };
    show.answer(&format!("{fine} {} {are}, {made} of them upgraded now", databases_are(fine)));
    if failed > 0 {
        show.answer(&format!("{failed} failed: {}", report.failed.keys().cloned().collect::<Vec<_>>().join(", ")));
    }
    if untried > 0 {
        show.answer(&format!(
            "{untried} not tried after that; the same command goes on where this one stopped (--keep-going: with all of them)"
        ));
    }
}
