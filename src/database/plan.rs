//! The plan, read from its view.

use serde_json::Value;
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use super::{Database, Error};
use crate::plan::{Action, Limits, Step};

#[derive(FromRow)]
struct Raw {
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

/// A row as a provider takes it.
#[derive(FromRow)]
pub struct Resolved {
    /// The region; `None` for a service without regions.
    pub region: Option<String>,
    /// The row with the cloud's ids. May hold secrets: not to be printed.
    pub desired: Json<Value>,
    /// The parents that are not there yet.
    pub lacks: Vec<String>,
}

impl Database {
    /// Every step of the plan as it stands.
    pub async fn steps(&self) -> Result<Vec<Step>, Error> {
        let rows: Vec<Raw> =
            sqlx::query_as(include_str!("sql/steps.sql")).fetch_all(self.pool()).await.map_err(Error::of("reading the plan"))?;
        rows.into_iter().map(Step::try_from).collect()
    }

    /// How far a plan may go here.
    pub async fn limits(&self) -> Result<Limits, Error> {
        let deletes = self.setting("max_deletes").await?.and_then(|value| value.parse().ok());
        Ok(Limits { max_deletes: deletes.unwrap_or(usize::MAX) })
    }

    /// One desired row as a provider takes it; `None` when it is no longer there.
    pub async fn desired(&self, resource: &str, row: Uuid) -> Result<Option<Resolved>, Error> {
        let found = sqlx::query_as("select * from iasql.desired($1, $2)").bind(resource).bind(row);
        found.fetch_optional(self.pool()).await.map_err(Error::of("reading a row"))
    }

    /// One observed thing as a provider takes it; `None` when it is no longer there.
    pub async fn seen(&self, resource: &str, id: i64) -> Result<Option<Value>, Error> {
        let found = sqlx::query_scalar("select iasql.seen($1, $2)").bind(resource).bind(id);
        let found: Option<Json<Value>> = found.fetch_one(self.pool()).await.map_err(Error::of("reading what was seen"))?;
        Ok(found.map(|Json(value)| value))
    }
}

impl TryFrom<Raw> for Step {
    type Error = Error;

    fn try_from(raw: Raw) -> Result<Self, Error> {
        let action = Action::from_word(&raw.action).ok_or_else(|| Error::Nonsense(format!("the action {}", raw.action)))?;
        Ok(Self {
            id: raw.id,
            resource: raw.resource,
            region: raw.region,
            key: raw.key.0,
            name: raw.name,
            action,
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
