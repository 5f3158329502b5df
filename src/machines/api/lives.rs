//! What can be done with a machine: start, stop, freeze, restart, signal, take out of service, destroy.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use nix::sys::signal::Signal;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Here,
    body::{Body, Query},
    create::ok,
    nonce,
};
use crate::machines::{life::Manner, machine::State as Life, refusal::Refusal, said, world::World};

/// `POST …/start`
pub(super) async fn start(State(world): Here, Path((app, id)): Path<(String, String)>, headers: HeaderMap) -> Result<Json<Value>, Refusal> {
    let before = world.start(&app, &id, nonce(&headers)).await?;
    Ok(Json(json!({ "previous_state": before, "migrated": false, "new_host": "" })))
}

#[derive(Default, Deserialize)]
pub(super) struct How {
    #[serde(default)]
    signal: Value,
    #[serde(default)]
    timeout: Value,
}

/// `POST …/stop`
pub(super) async fn stop(
    State(world): Here,
    Path((app, id)): Path<(String, String)>,
    headers: HeaderMap,
    Body(how): Body<How>,
) -> Result<Json<Value>, Refusal> {
    let manner = manner(&world, &app, &id, &how)?;
    world.stop(&app, &id, nonce(&headers), manner)?;
    Ok(ok())
}

/// What a request says of how to stop, and for the rest what the machine's configuration does; none where it says nothing.
fn manner(world: &World, app: &str, id: &str, how: &How) -> Result<Option<Manner>, Refusal> {
    let (signal, patience) = world.machine(app, id)?.config().stop()?;
    let is_said = |value: &Value| !value.is_null() && value != "";
    let signal = if is_said(&how.signal) { said::signal(&how.signal).ok_or_else(no_signal)? } else { signal };
    let patience = if is_said(&how.timeout) { said::span(&how.timeout).ok_or_else(no_span)? } else { patience };
    Ok((is_said(&how.signal) || is_said(&how.timeout)).then_some((signal, patience)))
}

fn no_signal() -> Refusal {
    Refusal::invalid("signal is none that can be sent; it looks like SIGTERM")
}

fn no_span() -> Refusal {
    Refusal::invalid("timeout is no span; it looks like 10s")
}

/// `POST …/suspend`
pub(super) async fn suspend(
    State(world): Here,
    Path((app, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    world.suspend(&app, &id, nonce(&headers))?;
    Ok(ok())
}

#[derive(Deserialize)]
pub(super) struct Again {
    timeout: Option<String>,
    signal: Option<String>,
    #[serde(default)]
    force_stop: bool,
}

/// `POST …/restart`
pub(super) async fn restart(
    State(world): Here,
    Path((app, id)): Path<(String, String)>,
    Query(again): Query<Again>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let signal = if again.force_stop { Value::from("SIGKILL") } else { again.signal.map(Value::from).unwrap_or_default() };
    let timeout = again.timeout.map(|timeout| said::span_in(&timeout).ok_or_else(no_span)).transpose()?;
    let timeout = timeout.and_then(|timeout| u64::try_from(timeout.as_nanos()).ok()).map(Value::from).unwrap_or_default();
    let manner = manner(&world, &app, &id, &How { signal, timeout })?;
    world.restart(&app, &id, nonce(&headers), manner).await?;
    Ok(ok())
}

/// `POST …/signal`
pub(super) async fn signal(
    State(world): Here,
    Path((app, id)): Path<(String, String)>,
    headers: HeaderMap,
    Body(how): Body<How>,
) -> Result<Json<Value>, Refusal> {
    let signal = said::signal(&how.signal).ok_or_else(no_signal)?;
    let run = world.change(&app, &id, |machine, now| {
        machine.yields_to(nonce(&headers), now)?;
        match machine.state {
            Life::Started | Life::Suspended => Ok(machine.run),
            other => Err(Refusal::Precondition(format!("machine {} is {}: it hears no signal", machine.id, other.word()))),
        }
    })?;
    if signal == Signal::SIGKILL {
        world.send(&id, run, signal).await?
    } else {
        world.tell(&id, run, signal).await?
    }
    Ok(ok())
}

/// `POST …/cordon`
pub(super) async fn cordon(state: Here, path: Path<(String, String)>, headers: HeaderMap) -> Result<Json<Value>, Refusal> {
    cordoned(state, path, &headers, true)
}

/// `POST …/uncordon`
pub(super) async fn uncordon(state: Here, path: Path<(String, String)>, headers: HeaderMap) -> Result<Json<Value>, Refusal> {
    cordoned(state, path, &headers, false)
}

fn cordoned(State(world): Here, Path((app, id)): Path<(String, String)>, headers: &HeaderMap, is: bool) -> Result<Json<Value>, Refusal> {
    world.change(&app, &id, |machine, now| {
        machine.yields_to(nonce(headers), now)?;
        machine.cordoned = is;
        machine.note(if is { "cordon" } else { "uncordon" }, "user", None, now);
        Ok(ok())
    })
}

#[derive(Deserialize)]
pub(super) struct Force {
    #[serde(default)]
    force: bool,
    /// The same, as Fly's own client says it.
    #[serde(default)]
    kill: bool,
}

/// `DELETE /v1/apps/{app}/machines/{id}`
pub(super) async fn destroy(
    State(world): Here,
    Path((app, id)): Path<(String, String)>,
    Query(how): Query<Force>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    world.destroy(&app, &id, nonce(&headers), how.force || how.kill)?;
    Ok(ok())
}
