//! Machines as they are: listed, shown, with their events, versions, processes and logs.

use std::{collections::BTreeMap, fs};

use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::IntoResponse,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Here, body::Query};
use crate::machines::{machine::Machine, refusal::Refusal};

/// How much of a log is told where nothing is said, and at most, in bytes.
const TOLD: u64 = 64 << 10;
const MOST: u64 = 8 << 20;

#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    include_deleted: bool,
    region: Option<String>,
    state: Option<String>,
    /// `metadata.<key>=<value>`
    #[serde(flatten)]
    more: BTreeMap<String, String>,
}

/// `GET /v1/apps/{app}/machines`
pub(super) async fn list(State(world): Here, Path(app): Path<String>, Query(which): Query<Which>) -> Result<Json<Value>, Refusal> {
    let books = world.books();
    books.app(&app)?;
    let all = books.machines.values().filter(|machine| machine.app == app && which.fits(machine));
    Ok(Json(all.map(|machine| machine.shown(&world.checks(&machine.id))).collect()))
}

impl Which {
    fn fits(&self, machine: &Machine) -> bool {
        let is = |said: &Option<String>, is: &str| said.as_deref().is_none_or(|said| said.split(',').any(|one| one == is));
        let metadata = self.more.iter().filter_map(|(name, value)| Some((name.strip_prefix("metadata.")?, value)));
        let config = machine.config();
        (self.include_deleted || !machine.is_gone())
            && is(&self.region, &machine.region)
            && is(&self.state, machine.state.word())
            && metadata.into_iter().all(|(key, value)| config.metadata.get(key) == Some(value))
    }
}

/// `GET /v1/apps/{app}/machines/{id}`
pub(super) async fn show(State(world): Here, Path((app, id)): Path<(String, String)>) -> Result<Json<Value>, Refusal> {
    Ok(Json(world.machine(&app, &id)?.shown(&world.checks(&id))))
}

/// `GET /v1/apps/{app}/machines/{id}/events`
pub(super) async fn events(State(world): Here, Path((app, id)): Path<(String, String)>) -> Result<Json<Value>, Refusal> {
    Ok(Json(json!(world.machine(&app, &id)?.events)))
}

/// `GET /v1/apps/{app}/machines/{id}/versions`
pub(super) async fn versions(State(world): Here, Path((app, id)): Path<(String, String)>) -> Result<Json<Value>, Refusal> {
    Ok(Json(json!(world.machine(&app, &id)?.versions)))
}

/// `GET /v1/apps/{app}/machines/{id}/ps`: the names of what runs, never its words: they may be secrets.
pub(super) async fn processes(State(world): Here, Path((app, id)): Path<(String, String)>) -> Result<Json<Value>, Refusal> {
    let machine = world.machine(&app, &id)?;
    let pids = if machine.state.is_at_rest() { vec![] } else { world.processes(&id, machine.run).await? };
    let name = |pid: &nix::unistd::Pid| fs::read_to_string(format!("/proc/{pid}/comm")).ok();
    let shown = pids.iter().filter_map(|pid| Some(json!({ "pid": pid.as_raw(), "command": name(pid)?.trim() })));
    Ok(Json(shown.collect()))
}

#[derive(Deserialize)]
pub(super) struct Much {
    bytes: Option<u64>,
}

/// `GET /v1/apps/{app}/machines/{id}/logs?bytes=`: an addition of ours, for Fly has its logs elsewhere.
pub(super) async fn logs(
    State(world): Here,
    Path((app, id)): Path<(String, String)>,
    Query(much): Query<Much>,
) -> Result<impl IntoResponse, Refusal> {
    let machine = world.machine(&app, &id)?;
    let said = world.said(&id, machine.run, much.bytes.unwrap_or(TOLD).min(MOST)).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], said))
}
