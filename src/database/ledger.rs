//! Runs and changes: what is written down before it is done, and how it ended.

use serde_json::Value;
use uuid::Uuid;

use super::{Database, Error};
use crate::plan::Step;

/// A change that is about to be made.
#[derive(Clone, Debug)]
pub struct Intent {
    /// The change's number.
    pub id: i64,
    /// The client token of the attempt.
    pub token: Uuid,
}

/// What a run has behind it when it goes on; nothing where it only begins.
#[derive(Clone, Copy, Debug)]
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
        Ok(self.reconciler.procs.take(counter).await?)
    }

    /// Writes down that a run begins, or goes on after it waited.
    pub async fn begin_run(&self, counter: i64, id: Uuid, kind: &str, asked_by: &str) -> Result<SoFar, Error> {
        let begun = self.reconciler.procs.begin_run(counter, id, kind, asked_by).await?.pop();
        let begun = begun.ok_or_else(|| Error::Nonsense("the beginning of a run".to_owned()))?;
        Ok(SoFar { going_for: begun.going_for, applied: begun.applied })
    }

    /// Takes the lease, and ends what earlier holders left running. A database that release 0.1 left waits for its next run with that.
    pub async fn lose_runs(&self, counter: i64) -> Result<(), Error> {
        if self.before.is_none() && self.take_lease(counter).await? {
            self.reconciler.procs.lose_runs(counter).await?;
        }
        Ok(())
    }

    /// Writes down how a run ended.
    pub async fn end_run(&self, counter: i64, id: Uuid, ending: Ending<'_>) -> Result<(), Error> {
        let Ending { state, applied, failed, said } = ending;
        Ok(self.reconciler.procs.end_run(counter, id, state, applied, failed, said).await?)
    }

    /// Writes down what is about to be done: `action` is create, adopt, update or delete.
    pub async fn intend(&self, counter: i64, run: Uuid, step: &Step, action: &str) -> Result<Intent, Error> {
        let (resource, region, name) = (&*step.resource, step.region.as_deref(), &*step.name);
        let intent = self.reconciler.procs.intend(counter, run, resource, region, name, step.row_id, action).await?.pop();
        let intent = intent.ok_or_else(|| Error::Nonsense("an intent".to_owned()))?;
        Ok(Intent { id: intent.id, token: intent.token })
    }

    /// Writes down that a change failed, or that nobody knows how it ended.
    pub async fn record_failure(&self, counter: i64, change: i64, is_answered: bool, said: &str) -> Result<(), Error> {
        let state = if is_answered { "failed" } else { "unanswered" };
        Ok(self.reconciler.procs.conclude(counter, change, state, Some(said)).await?)
    }

    /// Writes down how the cloud shows a row; `replaces` is the observed thing that was changed in place, if it was.
    pub async fn record(&self, counter: i64, change: i64, step: &Step, changed: Option<i64>, row: &Value) -> Result<(), Error> {
        Ok(self.reconciler.procs.record(counter, change, &step.resource, step.row_id, changed, row).await?)
    }

    /// Writes down that a thing is gone, or (with `row`) on its way. Without a change where it went along with something else.
    pub async fn record_gone(&self, counter: i64, change: Option<i64>, step: &Step, row: Option<&Value>) -> Result<(), Error> {
        Ok(self.reconciler.procs.record_gone(counter, change, &step.resource, step.observed_id, row).await?)
    }
}
