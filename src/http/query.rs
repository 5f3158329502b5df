//! What stands behind the question mark, and in the path, or a problem that says what is wrong with it.

use axum::{
    extract::{FromRequestParts, Path, Query},
    http::request::Parts,
};
use serde::{Deserialize, de::DeserializeOwned};

use super::problem::Problem;

/// A query whose every word is known.
pub(super) struct Asked<T>(pub(super) T);

/// A part of the path.
pub(super) struct Named<T>(pub(super) T);

/// Asks for a database.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Setup {
    /// Service names with commas in between.
    pub(super) modules: Option<String>,
    pub(super) region: Option<String>,
    pub(super) rotate: bool,
    /// Five Unix fields in UTC, or `off`.
    pub(super) schedule: Option<String>,
    /// What is to expand into rows, once the database is there.
    pub(super) blueprint: Option<String>,
    /// A JSON object that the blueprint reads.
    pub(super) parameters: Option<String>,
}

/// Asks for a script.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BuildAndPush {
    /// Which database's rows say where to.
    pub(super) db: String,
    /// Whose image.
    #[serde(default = "ourselves")]
    pub(super) blueprint: String,
}

fn ourselves() -> String {
    "iasql_engine".to_owned()
}

/// Asks for a check.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Check {
    pub(super) dry_run: bool,
    pub(super) wait: bool,
    /// The fingerprint of the plan that is approved by this.
    pub(super) plan: Option<String>,
}

impl Default for Check {
    fn default() -> Self {
        Self { dry_run: false, wait: true, plan: None }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(asked)| Self(asked)).map_err(|rejection| Problem::request(rejection.body_text()))
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(named)| Self(named)).map_err(|rejection| Problem::request(rejection.body_text()))
    }
}
