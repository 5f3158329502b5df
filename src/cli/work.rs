//! `iasql check`, `plan` and `apply`: one run, here, with its progress.

use iasql::{
    config::Place,
    control::Control,
    engine::{Kind, Outcome, State},
    plan::{Action, Fingerprint},
    shutdown, worker,
};

use super::{
    error::Error,
    exit::{CHANGES, DONE, FAILED},
    running,
    show::{Show, seconds},
};

pub(crate) const CHECK: &str = "\
Examples:
  iasql check shop
  iasql check shop --json     one line of JSON for each step, the outcome last";

pub(crate) const PLAN: &str = "\
Examples:
  iasql plan shop
  iasql plan shop --json      one document
  iasql plan shop --markdown  for a pull request

Exit codes: 0 nothing to do, 2 something to do, 1 it could not (or not wholly) be found out.
In psql the same is `table iasql.plan`, which sees your own uncommitted rows and does not read the cloud first.";

pub(crate) const APPLY: &str = "\
Examples:
  iasql apply shop
  iasql apply shop --plan 6f1c22a90be4d173   that plan, as `iasql plan` printed it, or nothing";

/// Which database.
#[derive(clap::Args)]
pub(crate) struct Work {
    /// Its name
    database: String,
    #[command(flatten)]
    place: Place,
}

/// Which database, and how its plan is to look.
#[derive(clap::Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    work: Work,
    /// Answer in Markdown
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
}

/// Which database, and which plan of it.
#[derive(clap::Args)]
pub(crate) struct Apply {
    #[command(flatten)]
    work: Work,
    /// The plan that is approved, by its fingerprint: the cloud is read again, and nothing happens where it is another plan by now
    #[arg(long, value_name = "FINGERPRINT")]
    plan: Option<Fingerprint>,
}

/// What of a plan stands in the answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum As {
    Text,
    Markdown,
}

impl Plan {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        self.work.run_as(Kind::Plan, if self.markdown { As::Markdown } else { As::Text }, show).await
    }
}

impl Apply {
    pub(crate) async fn run(self, show: &Show) -> Result<u8, Error> {
        self.work.run(self.plan.map_or(Kind::Apply, Kind::Approved), show).await
    }
}

impl Work {
    pub(crate) async fn run(self, kind: Kind, show: &Show) -> Result<u8, Error> {
        self.run_as(kind, As::Text, show).await
    }

    async fn run_as(self, kind: Kind, look: As, show: &Show) -> Result<u8, Error> {
        let found = running::find(&self.place)?;
        let shutdown = shutdown::on_signal().map_err(|source| Error::Io { what: "listening for signals".into(), source })?;
        show.say(&format!("{} {}", doing(kind), self.database));
        let control = found.control().await?;
        let run = worker::Run {
            database: &self.database,
            kind,
            asked_by: &asked_by(),
            watch: &|progress| show.step(kind, &progress),
            busy: &|| show.say("somebody else is at this database: waiting for them to end"),
        };
        let outcome = worker::here(&control, run, &shutdown).await?;
        show.done();
        let left = if kind == Kind::Plan || !outcome.plan.is_empty() { shown(&control, &self.database, look).await? } else { Vec::new() };
        tell(kind, look, &outcome, &left, show);
        Ok(code(kind, &outcome))
    }
}

fn doing(kind: Kind) -> &'static str {
    match kind {
        Kind::Refresh => "reading the cloud for",
        Kind::Plan => "planning",
        Kind::Apply => "applying",
        Kind::Check => "checking",
        Kind::Import => "importing into",
        Kind::Approved(_) => "applying the approved plan of",
    }
}

/// Whom the run is written down for.
pub(crate) fn asked_by() -> String {
    let user = nix::unistd::User::from_uid(nix::unistd::geteuid()).ok().flatten();
    user.map_or_else(|| "command line".to_owned(), |user| format!("{} on the command line", user.name))
}

/// The plan, as `select iasql.diff()` or `select iasql.review()` has it in psql.
async fn shown(control: &Control, database: &str, look: As) -> Result<Vec<String>, Error> {
    let database = control.open(database).await?;
    let plan = if look == As::Markdown { database.plan_as_markdown().await } else { database.plan_as_text().await };
    plan.map_err(Error::Database)
}

/// The answer: what would be done, or what is left.
fn tell(kind: Kind, look: As, outcome: &Outcome, left: &[String], show: &Show) {
    match kind {
        Kind::Plan => show.document(outcome),
        Kind::Refresh | Kind::Apply | Kind::Check | Kind::Import | Kind::Approved(_) => show.last(outcome),
    }
    left.iter().for_each(|line| show.answer(line));
    outcome.errors.iter().for_each(|error| show.say(&format!("error: {error}")));
    if !outcome.blind.is_empty() {
        show.say(&format!("{} could not be seen, so nobody knows about them (above: why)", counted(outcome.blind.len(), "listing")));
    }
    if kind == Kind::Plan {
        outcome.complaints.iter().for_each(|said| show.answer(&format!("COMPLAINT: {said}")));
        outcome
            .fingerprint
            .filter(|_| look == As::Text && is_to_do(outcome))
            .iter()
            .for_each(|plan| show.answer(&format!("This is the plan {plan}.")));
    } else {
        show.answer(&summary(outcome));
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("one {what}") } else { format!("{count} {what}s") }
}

fn summary(outcome: &Outcome) -> String {
    let took = seconds(outcome.millis);
    match outcome.state {
        State::Refused => "refused: nothing was changed".to_owned(),
        State::Failed => format!("{} done, {} failed, in {took}", outcome.applied, outcome.failed),
        State::Done | State::Waiting if outcome.applied == 0 && outcome.blind.is_empty() => {
            format!("nothing to do: the cloud is as the tables say ({took})")
        }
        State::Done | State::Waiting => format!("{} done in {took}", outcome.applied),
    }
}

/// What could not be seen may differ: then nobody knows that there is nothing to do.
fn code(kind: Kind, outcome: &Outcome) -> u8 {
    match (kind, outcome.state) {
        (_, State::Failed | State::Refused) => FAILED,
        (Kind::Plan, _) if is_to_do(outcome) => CHANGES,
        _ if !outcome.blind.is_empty() => FAILED,
        _ => DONE,
    }
}

/// What is unmanaged is shown and left alone.
fn is_to_do(outcome: &Outcome) -> bool {
    outcome.plan.iter().any(|step| step.action != Action::Unmanaged)
}
