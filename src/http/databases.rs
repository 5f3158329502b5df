//! The users' databases.

use axum::{Json, extract::State};
use serde::Serialize;

use super::{doorway::Doorway, problem::Problem};
use crate::control::DatabaseInfo;

#[derive(Serialize)]
pub(super) struct Databases {
    databases: Vec<DatabaseInfo>,
}

/// All of them, by name.
pub(super) async fn list(State(door): State<Doorway>) -> Result<Json<Databases>, Problem> {
    Ok(Json(Databases { databases: door.control.databases().await? }))
}
