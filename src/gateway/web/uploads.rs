//! An upload, or an older version that is to be the newest again: one at a time for a database, a few in all. It becomes the newest version, or
//! nothing of it is left.

use std::sync::PoisonError;

use axum::{
    Json,
    body::Body,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Web, ask::admitted_to_files, asker::Asker, download::version, refusal::Refusal};
use crate::{
    causes,
    control::Found,
    gateway::{
        here,
        upload::{Error, Upload},
    },
    node::{self, Side},
    store,
};

pub(super) async fn upload(State(web): State<Web>, Path(label): Path<String>, asker: Asker, body: Body) -> Result<Json<Value>, Refusal> {
    let found = admitted_to_files(&web, &label, &asker).await?;
    let _turn = Turn::take(&web, found.id)?;
    let _room = web.0.uploads.try_acquire().map_err(|_| Error::Crowded)?;
    let (node, id) = (web.0.here.node(), found.id.to_string());
    let pglite = web.0.pglite.as_deref();
    let upload = Upload { node, id: &id, first: here::first(&found), engine: found.engine, limit: found.size_limit, pglite };
    let (side, taken) = upload.take(body).await?;
    let serves = accepted(&web, &label, &found, side).await?;
    Ok(Json(json!({ "database": label, "taken": taken, "serves": serves })))
}

/// Which version is to be the newest again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Restored {
    version: u64,
}

pub(super) async fn restore(
    State(web): State<Web>,
    Path(label): Path<String>,
    wanted: Result<Query<Restored>, QueryRejection>,
    asker: Asker,
) -> Result<Json<Value>, Refusal> {
    let found = admitted_to_files(&web, &label, &asker).await?;
    let hint = "…/restore?version=<number>; …/versions lists them.";
    let unsaid = |_| Refusal::new(StatusCode::BAD_REQUEST, "it has to be said which version is to be the newest again", hint);
    let Query(Restored { version: number }) = wanted.map_err(unsaid)?;
    let _turn = Turn::take(&web, found.id)?;
    let _room = web.0.uploads.try_acquire().map_err(|_| Error::Crowded)?;
    let side = version(&web, &found, Some(number)).await?;
    let serves = accepted(&web, &label, &found, side).await?;
    Ok(Json(json!({ "database": label, "restored": number, "serves": serves })))
}

/// Has these files become the newest version. Says from when on they are served.
async fn accepted(web: &Web, label: &str, found: &Found, side: Side) -> Result<&'static str, Refusal> {
    let (node, id) = (web.0.here.node(), found.id.to_string());
    node.accept(&id, side).await.map_err(|error| not_accepted(&error))?;
    // where nobody calls it goes to sleep as if somebody had
    web.0.here.rest(found).map_err(|error| Refusal::for_now("laying the database to rest", &error))?;
    let waits = node.status().into_iter().any(|status| status.id == id && status.next);
    tracing::info!(database = label, waits, "a version from outside, or an older one, was taken");
    Ok(if waits { "when the last session has gone" } else { "at the next call" })
}

/// Where another node has the database, or sessions are open whose commits are stored one by one, that is said; the rest is for the log.
fn not_accepted(error: &node::Error) -> Refusal {
    if matches!(error.own(), node::Error::Used(_)) {
        let hint = "End them first: with a durability other than pause nothing takes the place of the files under them.";
        return Refusal::new(StatusCode::CONFLICT, "sessions or prepared transactions are open in the database", hint);
    }
    if let Some(store::Error::Held { by, address, .. }) = causes::all(error).find_map(|cause| cause.downcast_ref()) {
        return Refusal::elsewhere(by, address.as_deref());
    }
    Refusal::for_now("taking the upload over", error)
}

/// That this is the one upload to a database.
struct Turn {
    web: Web,
    id: Uuid,
}

impl Turn {
    fn take(web: &Web, id: Uuid) -> Result<Self, Error> {
        let is_first = web.0.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        if is_first { Ok(Self { web: web.clone(), id }) } else { Err(Error::Busy) }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.web.0.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}
