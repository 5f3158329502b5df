//! Whether the server lives, whether it is ready, what it has counted, and what it can be asked.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{doorway::Doorway, problem::Problem};

const OPENAPI: &str = include_str!("openapi.json");
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The process answers.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// The process can work: the metadata database answers, and it is not stopping.
pub(super) async fn ready(State(door): State<Doorway>) -> Result<&'static str, Problem> {
    if door.shutdown.is_cancelled() {
        return Err(not_ready("It is stopping."));
    }
    door.control.ready().await.map_err(|error| {
        tracing::warn!(%error, "not ready");
        not_ready("The metadata database does not answer.")
    })?;
    Ok("ready\n")
}

/// For Prometheus.
pub(super) async fn metrics(State(door): State<Doorway>) -> Result<Response, Problem> {
    let databases = door.control.databases().await?.len();
    let clusters = door.control.clusters_seen().await?;
    let page = door.metrics.page(databases, &clusters).map_err(|error| Problem::internal(&error))?;
    Ok(([(header::CONTENT_TYPE, TEXT)], page).into_response())
}

/// What can be asked, for programs.
pub(super) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI.replace("{version}", env!("CARGO_PKG_VERSION"))).into_response()
}

fn not_ready(detail: &str) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", "Not ready", detail)
}
