//! What was asked for from inside the database.

use sqlx::FromRow;
use uuid::Uuid;

use super::{Database, Error};

/// Something that was asked for with `CALL iasql.check()` or one of its like.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Request {
    /// Its number.
    pub id: i64,
    /// `refresh`, `plan`, `apply` or `check`.
    pub kind: String,
    /// The login that asked.
    pub asked_by: String,
}

impl Database {
    /// The requests that nobody has taken yet, oldest first.
    pub async fn requests(&self) -> Result<Vec<Request>, Error> {
        if let Some(before) = &self.before {
            return before.requests().await;
        }
        let open = self.scheduler.procs.open_requests().await?;
        Ok(open.into_iter().map(|open| Request { id: open.id, kind: open.kind, asked_by: open.asked_by }).collect())
    }

    /// Takes a request for a run; `false` where somebody else was quicker.
    pub async fn take(&self, id: i64, run: Uuid) -> Result<bool, Error> {
        match &self.before {
            Some(before) => before.take_request(id, run).await,
            None => Ok(self.scheduler.procs.take_request(id, run).await?),
        }
    }

    /// The fingerprint of the plan that a request approves, where it approves one.
    pub async fn approved_plan(&self, id: i64) -> Result<Option<String>, Error> {
        match &self.before {
            Some(_) => Ok(None),
            None => Ok(self.scheduler.procs.request_plan(id).await?),
        }
    }

    /// Answers a request that no run will: says why.
    pub async fn answer(&self, id: i64, said: &str) -> Result<(), Error> {
        match &self.before {
            Some(before) => before.answer_request(id, said).await,
            None => Ok(self.scheduler.procs.answer_request(id, said).await?),
        }
    }

    /// Answers whoever waits for a run that did not get as far as to tell its end here itself.
    pub async fn give_up(&self, run: Uuid, said: &str) -> Result<(), Error> {
        match &self.before {
            Some(before) => before.answer_run(run, said).await,
            None => Ok(self.reconciler.procs.answer_run(run, said).await?),
        }
    }
}
