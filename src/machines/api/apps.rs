//! Apps: listed, made, shown, deleted.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use chrono::Utc;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Here,
    body::{Body, Query},
    nonce,
};
use crate::machines::{
    app::{self, App},
    file, ids,
    refusal::Refusal,
    world::World,
};

/// How long machines have to be gone that are destroyed with their app.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
pub(super) struct Of {
    #[serde(default)]
    org_slug: String,
}

/// `GET /v1/apps`
pub(super) async fn list(State(world): Here, Query(of): Query<Of>) -> Result<Json<Value>, Refusal> {
    let org = app::org(&of.org_slug)?;
    let books = world.books();
    let apps: Vec<_> = books.apps.values().filter(|app| app.org == org).collect();
    let shown = apps.iter().map(|app| app.shown(books.living(&app.name).count(), books.volumes_of(&app.name).count()));
    Ok(Json(json!({ "total_apps": apps.len(), "apps": shown.collect::<Vec<_>>() })))
}

#[derive(Deserialize)]
pub(super) struct New {
    #[serde(default)]
    app_name: String,
    #[serde(default)]
    org_slug: String,
    network: Option<String>,
}

/// `POST /v1/apps`
pub(super) async fn create(State(world): Here, Body(new): Body<New>) -> Result<(StatusCode, Json<Value>), Refusal> {
    let (name, org, created_at) = (app::name(&new.app_name)?, app::org(&new.org_slug)?, Utc::now());
    let id = ids::machine()?;
    let mut books = world.books();
    if books.apps.contains_key(&name) {
        return Err(Refusal::Unprocessable("Validation failed: Name has already been taken".to_owned()));
    }
    let (secrets, certificates) = Default::default();
    let app =
        App { id: id.clone(), name, org, network: new.network, created_at, secrets, secrets_version: 0, addresses: vec![], certificates };
    world.keep_app(&mut books, app)?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id, "created_at": created_at.timestamp_millis() }))))
}

/// `GET /v1/apps/{app}`
pub(super) async fn show(State(world): Here, Path(name): Path<String>) -> Result<Json<Value>, Refusal> {
    let books = world.books();
    let app = books.app(&name)?;
    Ok(Json(app.shown(books.living(&name).count(), books.volumes_of(&name).count())))
}

#[derive(Deserialize)]
pub(super) struct How {
    #[serde(default)]
    force: bool,
}

/// `DELETE /v1/apps/{app}`: its volumes go with it, and where that is meant, its machines.
pub(super) async fn delete(
    State(world): Here,
    Path(name): Path<String>,
    Query(how): Query<How>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let machines: Vec<_> = {
        let books = world.books();
        books.app(&name)?;
        books.living(&name).map(|machine| machine.id.clone()).collect()
    };
    if !machines.is_empty() && !how.force {
        let said = format!("app {name} has {} machines: destroy them first, or say force=true", machines.len());
        return Err(Refusal::Precondition(said));
    }
    for id in &machines {
        world.destroy(&name, id, nonce(&headers), true)?;
    }
    gone(&world, &name).await?;
    let mut books = world.books();
    if books.living(&name).next().is_some() {
        return Err(Refusal::Precondition(format!("app {name} has got a machine meanwhile")));
    }
    let volumes: Vec<_> = books.volumes_of(&name).map(|volume| volume.id.clone()).collect();
    let machines: Vec<_> = books.machines.values().filter(|machine| machine.app == name).map(|machine| machine.id.clone()).collect();
    // the app last: what is left after a crash can be deleted again
    for id in volumes {
        world.drop_volume(&mut books, &id)?;
    }
    for id in machines {
        file::remove(&world.home.machine(&id))?;
        books.machines.remove(&id);
    }
    file::remove(&world.home.app(&name))?;
    books.apps.remove(&name);
    Ok(StatusCode::ACCEPTED)
}

async fn gone(world: &Arc<World>, app: &str) -> Result<(), Refusal> {
    let mut changes = world.changes();
    let wait = async {
        while world.books().living(app).next().is_some() {
            drop(changes.changed().await);
        }
    };
    let waited = tokio::time::timeout(PATIENCE, wait).await;
    waited.map_err(|_| Refusal::Late(format!("the machines of app {app} are not gone yet; ask again")))
}
