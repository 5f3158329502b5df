//! Waiting until a machine is in a state, for a minute at most.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;

use super::{Here, body::Query, create::ok};
use crate::machines::{
    machine::{Machine, State as Life},
    refusal::Refusal,
    world::World,
};

/// How long is waited where nothing is said, and at most, in seconds.
const LONGEST: u64 = 60;

#[derive(Deserialize)]
pub(super) struct What {
    state: Option<String>,
    instance_id: Option<String>,
    /// The same by its newer name.
    version: Option<String>,
    timeout: Option<u64>,
}

/// `GET …/wait`
pub(super) async fn wait(
    State(world): Here,
    Path((app, id)): Path<(String, String)>,
    Query(what): Query<What>,
) -> Result<Json<Value>, Refusal> {
    world.machine(&app, &id)?;
    let state = state(what.state.as_deref().unwrap_or("started"))?;
    let version = what.instance_id.or(what.version).filter(|version| !version.is_empty());
    if state == Life::Stopped && version.is_none() {
        return Err(Refusal::invalid("instance_id is needed where stopped is waited for: a machine can be stopped again and again"));
    }
    let seconds = what.timeout.unwrap_or(LONGEST);
    if !(1..=LONGEST).contains(&seconds) {
        return Err(Refusal::invalid(format!("timeout is 1 to {LONGEST} seconds, not {seconds}")));
    }
    let waited = timeout(Duration::from_secs(seconds), until(&world, &app, &id, state, version.as_deref()));
    match world.stopping.run_until_cancelled(waited).await {
        Some(Ok(reached)) => reached.map(|()| ok()),
        Some(Err(_)) => Err(Refusal::Late("timeout reached waiting for machine's state to change".to_owned())),
        None => Err(Refusal::Stopping),
    }
}

fn state(word: &str) -> Result<Life, Refusal> {
    match word {
        "started" => Ok(Life::Started),
        "stopped" => Ok(Life::Stopped),
        "suspended" => Ok(Life::Suspended),
        "destroyed" => Ok(Life::Destroyed),
        other => Err(Refusal::invalid(format!("state {other:?} can't be waited for; there are started, stopped, suspended and destroyed"))),
    }
}

async fn until(world: &World, app: &str, id: &str, state: Life, version: Option<&str>) -> Result<(), Refusal> {
    let mut changes = world.changes();
    loop {
        if is_there(&world.machine(app, id)?, state, version)? {
            return Ok(());
        }
        if changes.changed().await.is_err() {
            return Err(Refusal::Stopping);
        }
    }
}

fn is_there(machine: &Machine, state: Life, version: Option<&str>) -> Result<bool, Refusal> {
    if version.is_some_and(|version| version != machine.instance_id) {
        let said = format!("instance_id is not the current one: machine {} is at version {}", machine.id, machine.instance_id);
        return Err(Refusal::invalid(said));
    }
    if machine.is_gone() && state != Life::Destroyed {
        return Err(Refusal::invalid(format!("machine {} was destroyed, and will be in no other state", machine.id)));
    }
    Ok(machine.state == state)
}
