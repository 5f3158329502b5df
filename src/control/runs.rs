//! Runs: who asked for what, and how it ended. What a run did stands in the user's database.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{Control, Error, Lease, error::asking, queue};
use crate::engine::{Kind, Outcome};

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
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
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct RunInfo {
    /// Its name everywhere.
    pub id: Uuid,
    /// The database.
    pub database: String,
    /// `refresh`, `plan`, `apply` or `check`.
    pub kind: String,
    /// How far it is.
    pub state: State,
    /// A person, `commit` or `schedule`.
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
        self.ask(database, kind, asked_by, None).await
    }

    /// Asks for the run that a row of the database's own `iasql.request` wants: one, however often this is called.
    ///
    /// # Errors
    /// As [`request`](Self::request).
    pub async fn request_for(&self, database: &str, kind: Kind, asked_by: &str, request: i64) -> Result<Uuid, Error> {
        self.ask(database, kind, asked_by, Some(request)).await
    }

    async fn ask(&self, database: &str, kind: Kind, asked_by: &str, request: Option<i64>) -> Result<Uuid, Error> {
        self.find_ready(database).await?;
        // between the two statements the one that was in the way may start: then ask anew
        for _ in 0..8 {
            if let Some(run) = self.queue(database, kind, asked_by, request).await? {
                return Ok(run);
            }
            let query = sqlx::query_scalar(include_str!("sql/run_same.sql")).bind(database).bind(word(kind)).bind(asked_by).bind(request);
            if let Some(run) = query.fetch_optional(&self.pool).await.map_err(asking("looking for the same run"))? {
                return Ok(run);
            }
        }
        Err(asking("queueing a run")(sqlx::Error::RowNotFound))
    }

    async fn queue(&self, database: &str, kind: Kind, asked_by: &str, request: Option<i64>) -> Result<Option<Uuid>, Error> {
        let mut transaction = self.pool.begin().await.map_err(asking("beginning to queue a run"))?;
        let query = sqlx::query_scalar(include_str!("sql/run_insert.sql"))
            .bind(Uuid::new_v4())
            .bind(database)
            .bind(word(kind))
            .bind(asked_by)
            .bind(request);
        let run: Option<Uuid> = query.fetch_optional(&mut *transaction).await.map_err(asking("writing a run down"))?;
        let Some(run) = run else { return Ok(None) };
        queue::add(&self.pool, &mut transaction, database, run).await?;
        let active = sqlx::query("update control.database set active_at = clock_timestamp() where name = $1").bind(database);
        active.execute(&mut *transaction).await.map_err(asking("noting that a database is active"))?;
        transaction.commit().await.map_err(asking("queueing a run"))?;
        Ok(Some(run))
    }

    /// Writes down a run that whoever asks does at once: no queue knows it.
    ///
    /// # Errors
    /// [`Error::Unknown`] and [`Error::Unready`]; that the metadata database fails.
    pub async fn note_run(&self, database: &str, kind: Kind, asked_by: &str) -> Result<Uuid, Error> {
        self.find_ready(database).await?;
        let id = Uuid::new_v4();
        let query = sqlx::query(include_str!("sql/run_note.sql")).bind(id).bind(database).bind(word(kind)).bind(asked_by);
        query.execute(&self.pool).await.map_err(asking("writing a run down"))?;
        Ok(id)
    }

    /// One run, if there is such.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn run(&self, id: Uuid) -> Result<Option<RunInfo>, Error> {
        sqlx::query_as(include_str!("sql/run_find.sql")).bind(id).fetch_optional(&self.pool).await.map_err(asking("looking for a run"))
    }

    /// The last runs of a database, the newest first.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn runs(&self, database: &str, at_most: i64) -> Result<Vec<RunInfo>, Error> {
        let query = sqlx::query_as(include_str!("sql/runs_of.sql")).bind(database).bind(at_most);
        query.fetch_all(&self.pool).await.map_err(asking("listing runs"))
    }

    /// Notes that the lease's holder is at a run now. `None` where the run has ended already, or never was.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn start(&self, id: Uuid, lease: &Lease) -> Result<Option<RunInfo>, Error> {
        let query = sqlx::query_as(include_str!("sql/run_start.sql")).bind(id).bind(lease.counter);
        query.fetch_optional(&self.pool).await.map_err(asking("starting a run"))
    }

    /// Ends, as lost, what earlier holders of the lease left running; answers for their ids.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn lose_others(&self, id: Uuid, lease: &Lease) -> Result<Vec<Uuid>, Error> {
        let query = sqlx::query_scalar(include_str!("sql/run_lost.sql")).bind(&lease.database).bind(id).bind(lease.counter);
        query.fetch_all(&self.pool).await.map_err(asking("ending what a dead engine left"))
    }

    /// Notes how far a run has come; what is said under an older lease than the last is not heard.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn record(&self, id: Uuid, lease: &Lease, state: State, outcome: Option<serde_json::Value>) -> Result<(), Error> {
        let query = sqlx::query(include_str!("sql/run_record.sql")).bind(id).bind(lease.counter).bind(state).bind(outcome);
        query.execute(&self.pool).await.map(drop).map_err(asking("recording a run's outcome"))
    }
}

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

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Refresh => "refresh",
        Kind::Plan => "plan",
        Kind::Apply => "apply",
        Kind::Check => "check",
    }
}

/// The kind that a word means, where it means one.
pub fn kind(word: &str) -> Option<Kind> {
    [Kind::Refresh, Kind::Plan, Kind::Apply, Kind::Check].into_iter().find(|kind| self::word(*kind) == word)
}

impl RunInfo {
    /// What is asked of the engine; `None` for a word that this engine does not know.
    pub fn kind(&self) -> Option<Kind> {
        kind(&self.kind)
    }
}
