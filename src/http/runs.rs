//! One run: how it goes, or how it ended.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use uuid::Uuid;

use super::{doorway::Doorway, events, problem::Problem, query::Named};

/// One document, or events where the client accepts them.
pub(super) async fn show(State(door): State<Doorway>, Named(id): Named<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let id = Uuid::parse_str(&id).map_err(|_| unknown(&id))?;
    let run = door.control.run(id).await?.ok_or_else(|| unknown(&id.to_string()))?;
    Ok(if events::wanted(&headers) { events::of(door, id, &headers) } else { Json(run).into_response() })
}

fn unknown(id: &str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "unknown-run", "No such run", format!("There is no run {id:?}."))
}
