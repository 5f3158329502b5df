//! Runs and changes: what is written down before it is done, and how it ended.

use serde_json::Value;
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use super::{Database, Error};
use crate::plan::Step;

/// A change that is about to be made.
#[derive(Clone, Debug, FromRow)]
pub struct Intent {
    /// The change's number.
    pub id: i64,
    /// The client token of the attempt.
    pub token: Uuid,
}

/// What a run has behind it when it goes on; nothing where it only begins.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct SoFar {
    /// For how many seconds it has been going.
    pub going_for: f64,
    /// How many changes it has made.
    pub applied: i32,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Ending<'a> {
    /// `done`, `waiting`, `failed` or `refused`.
    pub state: &'a str,
    /// How many steps were carried out.
    pub applied: i32,
    /// How many failed.
    pub failed: i32,
    /// What there is to say about it.
    pub said: &'a str,
}

impl Database {
    /// Makes a lease the newest one here; `false` where a newer one has been.
    pub async fn take_lease(&self, counter: i64) -> Result<bool, Error> {
        sqlx::query_scalar("select iasql.take($1)").bind(counter).fetch_one(self.pool()).await.map_err(Error::of("taking the database"))
    }

    /// Writes down that a run begins, or goes on after it waited.
    pub async fn begin_run(&self, counter: i64, id: Uuid, kind: &str, asked_by: &str) -> Result<SoFar, Error> {
        let begun = sqlx::query_as("select * from iasql.begin_run($1, $2, $3, $4)").bind(counter).bind(id).bind(kind).bind(asked_by);
        begun.fetch_one(self.pool()).await.map_err(Error::of("beginning a run"))
    }

    /// Writes down how a run ended.
    pub async fn end_run(&self, counter: i64, id: Uuid, ending: Ending<'_>) -> Result<(), Error> {
        let ended = sqlx::query("select iasql.end_run($1, $2, $3, $4, $5, $6)").bind(counter).bind(id);
        let ended = ended.bind(ending.state).bind(ending.applied).bind(ending.failed).bind(ending.said);
        ended.execute(self.pool()).await.map(drop).map_err(Error::of("ending a run"))
    }

    /// Writes down what is about to be done: `action` is create, adopt, update or delete.
    pub async fn intend(&self, counter: i64, run: Uuid, step: &Step, action: &str) -> Result<Intent, Error> {
        let intent = sqlx::query_as("select * from iasql.intend($1, $2, $3, $4, $5, $6, $7)").bind(counter).bind(run);
        let intent = intent.bind(&step.resource).bind(&step.region).bind(&step.name).bind(step.row_id).bind(action);
        intent.fetch_one(self.pool()).await.map_err(Error::of("writing down an intent"))
    }

    /// Writes down that a change failed, or that nobody knows how it ended.
    pub async fn record_failure(&self, counter: i64, change: i64, is_answered: bool, said: &str) -> Result<(), Error> {
        let state = if is_answered { "failed" } else { "unanswered" };
        let noted = sqlx::query("select iasql.conclude($1, $2, $3, $4)").bind(counter).bind(change).bind(state).bind(said);
        noted.execute(self.pool()).await.map(drop).map_err(Error::of("writing down a failure"))
    }

    /// Writes down how the cloud shows a row; `replaces` is the observed thing that was changed in place, if it was.
    pub async fn record(&self, counter: i64, change: i64, step: &Step, changed: Option<i64>, row: &Value) -> Result<(), Error> {
        let noted = sqlx::query("select iasql.record($1, $2, $3, $4, $5, $6)").bind(counter).bind(change).bind(&step.resource);
        let noted = noted.bind(step.row_id).bind(changed).bind(Json(row));
        noted.execute(self.pool()).await.map(drop).map_err(Error::of("writing down an outcome"))
    }

    /// Writes down that a thing is gone, or (with `row`) on its way. Without a change where it went along with something else.
    pub async fn record_gone(&self, counter: i64, change: Option<i64>, step: &Step, row: Option<&Value>) -> Result<(), Error> {
        let noted = sqlx::query("select iasql.record_gone($1, $2, $3, $4, $5)").bind(counter).bind(change).bind(&step.resource);
        let noted = noted.bind(step.observed_id).bind(row.map(Json));
        noted.execute(self.pool()).await.map(drop).map_err(Error::of("writing down an end"))
    }
}
