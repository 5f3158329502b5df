//! The plan, read from its view.

use serde_json::Value;
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use super::{Database, Error, procs::Steps};
use crate::plan::{Action, Limits, Step};

/// A step as SQL says it.
#[derive(FromRow)]
pub(super) struct Raw {
    id: String,
    resource: String,
    region: Option<String>,
    key: Json<Value>,
    name: String,
    action: String,
    changed: Option<Json<Value>>,
    reason: Option<String>,
    blocked: bool,
    row_id: Option<Uuid>,
    observed_id: Option<i64>,
    wants: Vec<Uuid>,
    holds: Vec<i64>,
    goes_with: Vec<i64>,
    creates_first: bool,
}

impl Database {
    /// Every step of the plan as it stands.
    pub async fn steps(&self) -> Result<Vec<Step>, Error> {
        match &self.before {
            Some(before) => before.steps().await?.into_iter().map(Step::try_from).collect(),
            None => self.reconciler.procs.steps().await?.into_iter().map(Step::try_from).collect(),
        }
    }

    /// The plan as text, a line each, as `select iasql.diff()` has it in psql.
    pub async fn plan_as_text(&self) -> Result<Vec<String>, Error> {
        match &self.before {
            Some(before) => before.plan_as_text().await,
            None => Ok(self.http.procs.plan_as_text().await?),
        }
    }

    /// The plan as Markdown, a line each, as `select iasql.review()` has it in psql.
    pub async fn plan_as_markdown(&self) -> Result<Vec<String>, Error> {
        match &self.before {
            Some(before) => before.plan_as_text().await,
            None => Ok(self.http.procs.plan_as_markdown().await?),
        }
    }

    /// How far a plan may go here.
    pub async fn limits(&self) -> Result<Limits, Error> {
        let deletes = self.setting("max_deletes").await?.and_then(|value| value.parse().ok());
        Ok(Limits { max_deletes: deletes.unwrap_or(usize::MAX) })
    }

    /// One observed thing as a provider takes it; `None` when it is no longer there.
    pub async fn seen(&self, resource: &str, id: i64) -> Result<Option<Value>, Error> {
        Ok(self.reconciler.procs.seen(resource, id).await?)
    }
}

impl TryFrom<Steps> for Step {
    type Error = Error;

    fn try_from(raw: Steps) -> Result<Self, Error> {
        Ok(Self {
            action: action(&raw.action)?,
            id: raw.id,
            resource: raw.resource,
            region: raw.region,
            key: raw.key,
            name: raw.name,
            changed: raw.changed,
            reason: raw.reason,
            blocked: raw.blocked,
            row_id: raw.row_id,
            observed_id: raw.observed_id,
            wants: raw.wants,
            holds: raw.holds,
            goes_with: raw.goes_with,
            creates_first: raw.creates_first,
        })
    }
}

fn action(word: &str) -> Result<Action, Error> {
    Action::from_word(word).ok_or_else(|| Error::Nonsense(format!("the action {word}")))
}

impl TryFrom<Raw> for Step {
    type Error = Error;

    fn try_from(raw: Raw) -> Result<Self, Error> {
        Ok(Self {
            id: raw.id,
            resource: raw.resource,
            region: raw.region,
            key: raw.key.0,
            name: raw.name,
            action: action(&raw.action)?,
            changed: raw.changed.map(|Json(changed)| changed),
            reason: raw.reason,
            blocked: raw.blocked,
            row_id: raw.row_id,
            observed_id: raw.observed_id,
            wants: raw.wants,
            holds: raw.holds,
            goes_with: raw.goes_with,
            creates_first: raw.creates_first,
        })
    }
}
