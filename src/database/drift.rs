//! Drift: what a plan shows that neither a user nor the engine has done, and up to where both are accounted for.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{Database, Error};

/// A moment before a plan is read: what was done until then, the plan knows.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The last plan that was noted, digested.
    pub digest: Option<String>,
    at: Value,
}

/// Something that somebody changed, removed or made past the tables.
#[derive(Clone, Debug, Serialize)]
pub struct Drift {
    /// Its number in this database.
    pub id: i64,
    /// The resource type.
    pub resource: String,
    /// The region, where there is one.
    pub region: Option<String>,
    /// The row's key as text, or what the thing is called in the cloud.
    pub name: String,
    /// `changed`, `gone` or `appeared`.
    pub what: String,
    /// `{column: [is, should be]}`, secrets as three stars.
    pub changed: Option<Value>,
    /// When it was found.
    pub first_seen_at: DateTime<Utc>,
}

impl Database {
    /// The moment before a plan is read; `None` where the database keeps no drift yet.
    pub async fn moment(&self) -> Result<Option<Moment>, Error> {
        if self.before.is_some() {
            return Ok(None);
        }
        Ok(self.reconciler.procs.noted().await?.pop().map(|noted| Moment { digest: noted.digest, at: noted.moment }))
    }

    /// Notes a plan that was read after `moment`; no steps where it is the one that was noted last. Answers how much drift is new.
    pub async fn note(&self, counter: i64, run: Uuid, moment: &Moment, digest: &str, steps: Option<&Value>) -> Result<i64, Error> {
        Ok(self.reconciler.procs.note(counter, run, &moment.at, digest, steps).await?)
    }

    /// Drift that was not taken up for webhooks yet, oldest first.
    pub async fn untold_drift(&self, limit: i32) -> Result<Vec<Drift>, Error> {
        if self.before.is_some() {
            return Ok(Vec::new());
        }
        let found = self.reconciler.procs.untold_drift(limit).await?.into_iter();
        let drift = found.map(|it| Drift {
            id: it.id,
            resource: it.resource,
            region: it.region,
            name: it.name,
            what: it.what,
            changed: it.changed,
            first_seen_at: it.first_seen_at,
        });
        Ok(drift.collect())
    }

    /// Notes that drift was taken up.
    pub async fn drift_told(&self, ids: &[i64]) -> Result<(), Error> {
        Ok(self.reconciler.procs.drift_told(ids).await?)
    }
}
