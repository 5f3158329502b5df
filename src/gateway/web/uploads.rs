//! An upload: one at a time for a database, a few in all. It becomes the newest version, or nothing of it is left.

use std::sync::PoisonError;

use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Web, ask::admitted, refusal::Refusal};
use crate::{
    gateway::{
        here,
        upload::{Error, Upload},
    },
    node, store,
};

pub(super) async fn upload(
    State(web): State<Web>,
    Path(label): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let found = admitted(&web, &label, &headers).await?;
    let _turn = Turn::take(&web, found.id)?;
    let _room = web.0.uploads.try_acquire().map_err(|_| Error::Crowded)?;
    let (node, id) = (web.0.here.node(), found.id.to_string());
    let pglite = web.0.pglite.as_deref();
    let upload = Upload { node, id: &id, first: here::first(&found), limit: found.size_limit, pglite };
    let (side, taken) = upload.take(body).await?;
    node.accept(&id, side).await.map_err(|error| not_accepted(&error))?;
    // where nobody calls it goes to sleep as if somebody had
    web.0.here.rest(&found).map_err(|error| Refusal::for_now("laying the database to rest", &error))?;
    let waits = node.status().into_iter().any(|status| status.id == id && status.next);
    tracing::info!(database = label, waits, "an upload was taken");
    let when = if waits { "when the last session has gone" } else { "at the next call" };
    Ok(Json(json!({ "database": label, "taken": taken, "serves": when })))
}

/// Where another node has the database, or sessions are open whose commits are stored one by one, that is said; the rest is for the log.
fn not_accepted(error: &node::Error) -> Refusal {
    if matches!(error.own(), node::Error::Used(_)) {
        let hint = "End them first: with a durability other than pause nothing takes the place of the files under them.";
        return Refusal::new(StatusCode::CONFLICT, "sessions or prepared transactions are open in the database", hint);
    }
    let error: &(dyn std::error::Error + 'static) = error;
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    if causes.any(|cause| matches!(cause.downcast_ref(), Some(store::Error::Held { .. }))) {
        let hint = "Wait until nobody uses it there, or upload through the gateway that its sessions go through.";
        return Refusal::new(StatusCode::CONFLICT, "another gateway runs the database now", hint);
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
