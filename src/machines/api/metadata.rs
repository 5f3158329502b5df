//! Metadata: words of a machine's configuration that can be changed without another version of it.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Here, body::Body, nonce};
use crate::machines::{machine::Machine, refusal::Refusal, world::World};

/// `GET …/metadata`
pub(super) async fn list(State(world): Here, Path((app, id)): Path<(String, String)>) -> Result<Json<Value>, Refusal> {
    Ok(Json(json!(world.machine(&app, &id)?.config().metadata)))
}

/// `GET …/metadata/{key}`
pub(super) async fn show(State(world): Here, Path((app, id, key)): Path<(String, String, String)>) -> Result<Json<Value>, Refusal> {
    let value = world.machine(&app, &id)?.config().metadata.remove(&key);
    value.map(|value| Json(json!({ "value": value }))).ok_or_else(|| missing(&key))
}

fn missing(key: &str) -> Refusal {
    Refusal::Missing(format!("there is no metadata {key:?}"))
}

#[derive(Deserialize)]
pub(super) struct All {
    metadata: Option<BTreeMap<String, Option<String>>>,
    /// The version of the machine that the client has seen.
    machine_version: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct One {
    value: Option<String>,
    machine_version: Option<String>,
}

/// `PUT …/metadata`: these and no others.
pub(super) async fn replace(
    State(world): Here,
    Path((app, id)): Path<(String, String)>,
    headers: HeaderMap,
    Body(sent): Body<All>,
) -> Result<Json<Value>, Refusal> {
    let all = sent.metadata.ok_or_else(|| Refusal::invalid("metadata is missing"))?;
    write(&world, (&app, &id), &headers, sent.machine_version.as_deref(), |metadata| {
        metadata.clear();
        metadata.extend(all.into_iter().filter_map(|(key, value)| Some((key, value?.into()))));
        Ok(())
    })?;
    list(State(world), Path((app, id))).await
}

/// `PATCH …/metadata`: these beside the others; null deletes one.
pub(super) async fn change(
    State(world): Here,
    Path((app, id)): Path<(String, String)>,
    headers: HeaderMap,
    Body(sent): Body<All>,
) -> Result<Json<Value>, Refusal> {
    let some = sent.metadata.ok_or_else(|| Refusal::invalid("metadata is missing"))?;
    write(&world, (&app, &id), &headers, sent.machine_version.as_deref(), |metadata| {
        for (key, value) in some {
            match value {
                Some(value) => drop(metadata.insert(key, value.into())),
                None => drop(metadata.remove(&key)),
            }
        }
        Ok(())
    })?;
    list(State(world), Path((app, id))).await
}

/// `POST …/metadata/{key}`
pub(super) async fn set(
    State(world): Here,
    Path((app, id, key)): Path<(String, String, String)>,
    headers: HeaderMap,
    Body(sent): Body<One>,
) -> Result<StatusCode, Refusal> {
    let value = sent.value.ok_or_else(|| Refusal::invalid("value is missing: it is a text"))?;
    write(&world, (&app, &id), &headers, sent.machine_version.as_deref(), |metadata| {
        metadata.insert(key, value.into());
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE …/metadata/{key}`
pub(super) async fn delete(
    State(world): Here,
    Path((app, id, key)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    write(&world, (&app, &id), &headers, None, |metadata| metadata.remove(&key).map(drop).ok_or_else(|| missing(&key)))?;
    Ok(StatusCode::NO_CONTENT)
}

fn write(
    world: &World,
    (app, id): (&str, &str),
    headers: &HeaderMap,
    seen: Option<&str>,
    change: impl FnOnce(&mut Map<String, Value>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    world.change(app, id, |machine, now| {
        machine.yields_to(nonce(headers), now)?;
        if let Some(seen) = seen.filter(|seen| *seen != machine.instance_id) {
            let said =
                format!("machine_version {seen:?} is not the current one: machine {} is at version {}", machine.id, machine.instance_id);
            return Err(Refusal::Precondition(said));
        }
        if machine.is_gone() {
            return Err(Refusal::Precondition(format!("machine {} was destroyed", machine.id)));
        }
        change(metadata(machine)?)?;
        machine.updated_at = now;
        Ok(())
    })
}

fn metadata(machine: &mut Machine) -> Result<&mut Map<String, Value>, Refusal> {
    let kept = &mut machine.config["metadata"];
    if !kept.is_object() {
        *kept = json!({});
    }
    kept.as_object_mut().ok_or_else(|| Refusal::invalid("the machine's metadata is none"))
}
