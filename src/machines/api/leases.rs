//! Leases: a machine that is somebody's for a while, who shows a nonce.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Here,
    body::{Body, Query},
    create::ok,
    nonce,
};
use crate::machines::{
    ids,
    machine::{Lease, Machine},
    refusal::Refusal,
};

/// How long a lease lasts where nothing is said, and at most, in seconds.
const ORDINARY: i64 = 300;
const LONGEST: i64 = 24 * 3600;

fn shown(lease: &Lease) -> Json<Value> {
    Json(json!({ "status": "success", "data": lease }))
}

/// A lease that begins now.
pub(super) fn new(machine: &Machine, ttl: i64, description: String, now: DateTime<Utc>) -> Result<Lease, Refusal> {
    if !(1..=LONGEST).contains(&ttl) {
        return Err(Refusal::invalid(format!("ttl is 1 to {LONGEST} seconds, not {ttl}")));
    }
    let (expires_at, owner, version) = (now.timestamp() + ttl, "token".to_owned(), machine.instance_id.clone());
    Ok(Lease { nonce: ids::nonce()?, expires_at, owner, description, version })
}

/// `GET …/lease`
pub(super) async fn show(State(world): Here, Path((app, id)): Path<(String, String)>) -> Result<Json<Value>, Refusal> {
    let machine = world.machine(&app, &id)?;
    machine.lease(Utc::now()).map(shown).ok_or_else(|| Refusal::Missing(format!("lease not found: nobody holds machine {id}")))
}

#[derive(Deserialize)]
pub(super) struct Long {
    ttl: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    ttl: Option<i64>,
    #[serde(default)]
    description: String,
}

/// `POST …/lease`: taken, or made longer by whoever holds it.
pub(super) async fn take(
    State(world): Here,
    Path((app, id)): Path<(String, String)>,
    Query(long): Query<Long>,
    headers: HeaderMap,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Value>, Refusal> {
    let ttl = wanted.ttl.or(long.ttl).unwrap_or(ORDINARY);
    world.change(&app, &id, |machine, now| {
        machine.yields_to(nonce(&headers), now)?;
        if machine.is_gone() {
            return Err(Refusal::Precondition(format!("machine {} was destroyed", machine.id)));
        }
        let mut lease = new(machine, ttl, wanted.description, now)?;
        if let Some(held) = machine.lease(now) {
            lease.nonce.clone_from(&held.nonce);
        }
        let told = shown(&lease);
        machine.lease = Some(lease);
        Ok(told)
    })
}

/// `DELETE …/lease`
pub(super) async fn release(
    State(world): Here,
    Path((app, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    world.change(&app, &id, |machine, now| {
        if machine.lease(now).is_none() {
            return Err(Refusal::Missing(format!("lease not found: nobody holds machine {}", machine.id)));
        }
        machine.yields_to(nonce(&headers), now)?;
        machine.lease = None;
        Ok(ok())
    })
}
