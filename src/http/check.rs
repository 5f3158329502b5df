//! Makes a database's cloud what its tables say.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::{
    doorway::Doorway,
    problem::Problem,
    query::{Asked, Check, Named},
};
use crate::{control::RunInfo, engine::Kind, plan::NoFingerprint};

/// How often a run is looked at while somebody waits for it.
const LOOK: Duration = Duration::from_millis(250);

/// Asks for a run and waits for its end; answers with its id where it takes too long, or nobody wants to wait.
pub(super) async fn check(State(door): State<Doorway>, Named(db): Named<String>, Asked(asked): Asked<Check>) -> Result<Response, Problem> {
    let until = Instant::now() + door.patience;
    let kind = kind(&asked)?;
    let run = door.control.request(&db, kind, "http").await?;
    if !asked.wait {
        return begun(&door, run).await;
    }
    match timeout_at(until, end(&door, run)).await {
        Ok(info) => Ok(Json(info?).into_response()),
        Err(_) => begun(&door, run).await,
    }
}

/// A plan is approved by its fingerprint; else everything is done, or nothing.
fn kind(asked: &Check) -> Result<Kind, Problem> {
    match &asked.plan {
        Some(_) if asked.dry_run => Err(Problem::request("a dry run carries out no plan: leave out dry_run or plan".to_owned())),
        Some(plan) => plan.parse().map(Kind::Approved).map_err(|error: NoFingerprint| Problem::request(error.to_string())),
        None => Ok(if asked.dry_run { Kind::Plan } else { Kind::Check }),
    }
}

/// Waits for the end of a run, wherever it runs.
async fn end(door: &Doorway, run: Uuid) -> Result<RunInfo, Problem> {
    loop {
        let info = found(door, run).await?;
        if info.ended() {
            return Ok(info);
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = heard_out(door, run) => {}
            () = door.shutdown.cancelled() => return Err(stopping(run)),
        }
    }
}

/// Ends when a run of this process does; never where it is not of this process.
async fn heard_out(door: &Doorway, run: Uuid) {
    use tokio::sync::broadcast::error::RecvError;
    let Some(mut listener) = door.control.progress().listen(run) else { return std::future::pending().await };
    while !matches!(listener.live.recv().await, Err(RecvError::Closed)) {}
}

async fn begun(door: &Doorway, run: Uuid) -> Result<Response, Problem> {
    let info = found(door, run).await?;
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, format!("/runs/{run}"))], Json(info)).into_response())
}

async fn found(door: &Doorway, run: Uuid) -> Result<RunInfo, Problem> {
    door.control.run(run).await?.ok_or_else(|| stopping(run))
}

fn stopping(run: Uuid) -> Problem {
    let detail = format!("The run goes on without this server; another one tells how at /runs/{run}.");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", "The server is stopping", detail)
}
