//! Runs: who asked for what, and how it ended. What a run did stands in the user's database.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{
    Control, Error, Lease, name,
    procs::{RunFind, RunList, RunStart},
};
use crate::engine::{Kind, Outcome};

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits for its turn.
    Queued,
    /// An engine is at it.
    Running,
    /// Something in the cloud is slow; it goes on later.
    Waiting,
    /// Nothing is left to do.
    Done,
    /// What is left has failed, and the outcome says why.
    Failed,
    /// A guard refused it before anything was changed.
    Refused,
    /// Its engine died, and another run took its place.
    Lost,
}

/// A run, as the registry knows it.
#[derive(Clone, Debug, Serialize)]
pub struct RunInfo {
    /// Its name everywhere.
    pub id: Uuid,
    /// The database.
    pub database: String,
    /// `refresh`, `plan`, `apply`, `check` or `import`.
    pub kind: String,
    /// How far it is.
    pub state: State,
    /// A person, `commit`, `schedule`, or `takeover`: an engine whose run another one has taken over, for a call of its may have landed late.
    pub asked_by: String,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    /// When it first started.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// What came of it, as the engine says it.
    pub outcome: Option<serde_json::Value>,
}

impl RunInfo {
    /// Whether nothing more will come of it.
    pub fn ended(&self) -> bool {
        self.ended_at.is_some()
    }
}

impl Control {
    /// Asks for a run. Whoever asks for the same before it has started gets the same run.
    ///
    /// # Errors
    /// [`Error::Unknown`] and [`Error::Unready`]; that the metadata database fails.
    pub async fn request(&self, database: &str, kind: Kind, asked_by: &str) -> Result<Uuid, Error> {
        name::check(database)?;
        let procs = &self.services.http.procs;
        let run = match kind {
            Kind::Approved(plan) => procs.run_approve(database, &plan.to_string(), asked_by, None).await?.pop().map(|asked| asked.run),
            kind => procs.run_ask(database, word(kind), asked_by, None).await?.pop().map(|asked| asked.run),
        };
        self.or_missing(database, run).await
    }

    /// Asks for the run that a row of the database's own `iasql.request` wants: one, however often this is called.
    ///
    /// # Errors
    /// As [`request`](Self::request).
    pub async fn request_for(&self, database: &str, kind: Kind, asked_by: &str, request: i64) -> Result<Uuid, Error> {
        let (procs, request) = (&self.services.scheduler.procs, Some(request));
        let run = match kind {
            Kind::Approved(plan) => procs.run_approve(database, &plan.to_string(), asked_by, request).await?.pop().map(|asked| asked.run),
            kind => procs.run_ask(database, word(kind), asked_by, request).await?.pop().map(|asked| asked.run),
        };
        self.or_missing(database, run).await
    }

    /// Asks for the check that a commit in the database wants.
    ///
    /// # Errors
    /// As [`request`](Self::request).
    pub async fn request_after_commit(&self, database: &str) -> Result<Uuid, Error> {
        let asked = self.services.scheduler.procs.run_ask(database, word(Kind::Check), "commit", None).await?.pop();
        self.or_missing(database, asked.map(|asked| asked.run)).await
    }

    /// Writes down a run that whoever asks does at once: no queue knows it.
    ///
    /// # Errors
    /// [`Error::Unknown`] and [`Error::Unready`]; that the metadata database fails.
    pub async fn note_run(&self, database: &str, kind: Kind, asked_by: &str) -> Result<Uuid, Error> {
        name::check(database)?;
        let procs = &self.services.http.procs;
        let run = match kind {
            Kind::Approved(plan) => procs.run_note_approval(database, &plan.to_string(), asked_by).await?.pop().map(|noted| noted.run),
            kind => procs.run_note(database, word(kind), asked_by).await?.pop().map(|noted| noted.run),
        };
        self.or_missing(database, run).await
    }

    async fn or_missing(&self, database: &str, run: Option<Uuid>) -> Result<Uuid, Error> {
        match run {
            Some(run) => Ok(run),
            None => Err(self.missing(database).await?),
        }
    }

    /// One run, if there is such.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn run(&self, id: Uuid) -> Result<Option<RunInfo>, Error> {
        self.services.reconciler.procs.run_find(id).await?.pop().map(TryInto::try_into).transpose()
    }

    /// What a run is to do; `None` where this engine does not know such a thing.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn kind_of(&self, run: &RunInfo) -> Result<Option<Kind>, Error> {
        if run.kind != "approved" {
            return Ok(kind(&run.kind));
        }
        let plan = self.services.reconciler.procs.run_plan(run.id).await?;
        Ok(plan.and_then(|plan| plan.parse().ok()).map(Kind::Approved))
    }

    /// The last runs of a database, the newest first.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn runs(&self, database: &str, at_most: i64) -> Result<Vec<RunInfo>, Error> {
        let rows = self.services.http.procs.run_list(database, at_most).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Notes that the lease's holder is at a run now. `None` where the run has ended already, or never was.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn start(&self, id: Uuid, lease: &Lease) -> Result<Option<RunInfo>, Error> {
        self.services.reconciler.procs.run_start(id, lease.counter).await?.pop().map(TryInto::try_into).transpose()
    }

    /// Ends, as lost, what earlier holders of the lease left running; answers for their ids.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn lose_others(&self, id: Uuid, lease: &Lease) -> Result<Vec<Uuid>, Error> {
        Ok(self.services.reconciler.procs.run_lose(&lease.database, id, lease.counter).await?)
    }

    /// Ends, as lost, the runs that stand in no queue and that nobody is at any more; answers for their databases.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn bury_runs(&self) -> Result<Vec<String>, Error> {
        Ok(self.services.scheduler.procs.run_bury().await?)
    }

    /// Notes how far a run has come; what is said under an older lease than the last is not heard.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn record(&self, id: Uuid, lease: &Lease, state: State, outcome: Option<serde_json::Value>) -> Result<(), Error> {
        Ok(self.services.reconciler.procs.run_record(id, lease.counter, state.word(), outcome.as_ref()).await?)
    }

    /// Has a run looked at again after a while. The job that it has now ends by this, however that ends.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn again(&self, run: Uuid, after: Duration) -> Result<(), Error> {
        Ok(self.services.reconciler.procs.run_again(run, after.as_secs_f64()).await?)
    }
}

impl State {
    const ALL: [Self; 7] = [Self::Queued, Self::Running, Self::Waiting, Self::Done, Self::Failed, Self::Refused, Self::Lost];

    fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Lost => "lost",
        }
    }

    fn of(run: Uuid, word: String) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|state| state.word() == word).ok_or(Error::State { run, state: word })
    }
}

/// The rows of several procedures are runs.
macro_rules! are_runs {
    ($($row:ident)*) => {$(
        impl TryFrom<$row> for RunInfo {
            type Error = Error;

            fn try_from(row: $row) -> Result<Self, Error> {
                let state = State::of(row.id, row.state)?;
                let $row { id, database, kind, asked_by, asked_at, ended_at, outcome, .. } = row;
                Ok(Self { id, database, kind, state, asked_by, asked_at, started_at: row.started_at.into(), ended_at, outcome })
            }
        }
    )*};
}

are_runs!(RunFind RunList RunStart);

/// The state that an outcome means.
pub(super) fn state_of(outcome: &Outcome) -> State {
    use crate::engine::State as Said;
    match outcome.state {
        Said::Done => State::Done,
        Said::Failed => State::Failed,
        Said::Waiting => State::Waiting,
        Said::Refused => State::Refused,
    }
}

impl From<&Outcome> for State {
    fn from(outcome: &Outcome) -> Self {
        state_of(outcome)
    }
}

pub(super) fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Refresh => "refresh",
        Kind::Plan => "plan",
        Kind::Apply => "apply",
        Kind::Check => "check",
        Kind::Import => "import",
        Kind::Approved(_) => "approved",
    }
}

/// The kind that a word means, where it means one by itself.
pub fn kind(word: &str) -> Option<Kind> {
    [Kind::Refresh, Kind::Plan, Kind::Apply, Kind::Check, Kind::Import].into_iter().find(|kind| self::word(*kind) == word)
}
