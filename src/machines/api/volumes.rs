//! Volumes: made, listed, changed, extended, deleted.

use axum::{
    Json,
    extract::{Path, State},
};
use chrono::Utc;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Here, body::Body};
use crate::machines::{
    ids, places,
    refusal::Refusal,
    volume::{self, Volume},
    world::World,
};

/// How large a volume is of which nothing is said, in GB.
const ORDINARY: u64 = 3;
/// For how many days Fly keeps snapshots where nothing is said, and at most.
const DAYS: u64 = 5;
const MOST_DAYS: u64 = 60;

fn shown(world: &World, volume: &Volume, state: &str) -> Result<Value, Refusal> {
    let attached = world.books().attached(&volume.id).map(|machine| machine.id.clone());
    let used = volume::used(&world.home.volume(&volume.id).join("data"))?;
    Ok(volume.shown(state, attached.as_deref(), used))
}

/// `GET /v1/apps/{app}/volumes`
pub(super) async fn list(State(world): Here, Path(app): Path<String>) -> Result<Json<Value>, Refusal> {
    let volumes: Vec<_> = {
        let books = world.books();
        books.app(&app)?;
        books.volumes_of(&app).cloned().collect()
    };
    let shown = volumes.iter().map(|volume| shown(&world, volume, "created")).collect::<Result<Vec<_>, _>>()?;
    Ok(Json(shown.into()))
}

/// `GET /v1/apps/{app}/volumes/{id}`
pub(super) async fn show(State(world): Here, Path((app, id)): Path<(String, String)>) -> Result<Json<Value>, Refusal> {
    let volume = world.volume(&app, &id)?;
    Ok(Json(shown(&world, &volume, "created")?))
}

#[derive(Deserialize)]
pub(super) struct New {
    #[serde(default)]
    name: String,
    #[serde(default)]
    region: String,
    size_gb: Option<u64>,
    encrypted: Option<bool>,
    snapshot_retention: Option<u64>,
    auto_backup_enabled: Option<bool>,
    snapshot_id: Option<String>,
    source_volume_id: Option<String>,
}

/// `POST /v1/apps/{app}/volumes`
pub(super) async fn create(State(world): Here, Path(app): Path<String>, Body(new): Body<New>) -> Result<Json<Value>, Refusal> {
    if new.snapshot_id.is_some() || new.source_volume_id.is_some() {
        return Err(Refusal::Unprocessable("there are no snapshots and no forks of volumes here".to_owned()));
    }
    let region = if new.region.is_empty() { world.region.clone() } else { places::region(&new.region)? };
    let volume = Volume {
        id: ids::volume()?,
        name: volume::name(&new.name)?,
        app: app.clone(),
        region,
        size_gb: volume::size(new.size_gb.unwrap_or(ORDINARY))?,
        encrypted: new.encrypted.unwrap_or(true),
        snapshot_retention: days(new.snapshot_retention.unwrap_or(DAYS))?,
        auto_backup_enabled: new.auto_backup_enabled.unwrap_or(true),
        created_at: Utc::now(),
    };
    {
        let mut books = world.books();
        books.app(&app)?;
        world.keep_volume(&mut books, volume.clone())?;
    }
    Ok(Json(shown(&world, &volume, "created")?))
}

#[derive(Deserialize)]
pub(super) struct Changed {
    snapshot_retention: Option<u64>,
    auto_backup_enabled: Option<bool>,
}

/// `POST /v1/apps/{app}/volumes/{id}`
pub(super) async fn update(
    State(world): Here,
    Path((app, id)): Path<(String, String)>,
    Body(sent): Body<Changed>,
) -> Result<Json<Value>, Refusal> {
    let retention = sent.snapshot_retention.map(days).transpose()?;
    change(&world, &app, &id, |volume| {
        volume.snapshot_retention = retention.unwrap_or(volume.snapshot_retention);
        volume.auto_backup_enabled = sent.auto_backup_enabled.unwrap_or(volume.auto_backup_enabled);
        Ok(())
    })
    .map(Json)
}

#[derive(Deserialize)]
pub(super) struct Size {
    #[serde(default)]
    size_gb: u64,
}

/// `PUT /v1/apps/{app}/volumes/{id}/extend`: in place, while a machine has it.
pub(super) async fn extend(
    State(world): Here,
    Path((app, id)): Path<(String, String)>,
    Body(size): Body<Size>,
) -> Result<Json<Value>, Refusal> {
    let size_gb = volume::size(size.size_gb)?;
    let shown = change(&world, &app, &id, |volume| {
        if size_gb < volume.size_gb {
            return Err(Refusal::invalid(format!("size_gb {size_gb} is less than {}: a volume only grows", volume.size_gb)));
        }
        volume.size_gb = size_gb;
        Ok(())
    })?;
    Ok(Json(json!({ "volume": shown, "needs_restart": false })))
}

fn change(world: &World, app: &str, id: &str, change: impl FnOnce(&mut Volume) -> Result<(), Refusal>) -> Result<Value, Refusal> {
    let volume = {
        let mut books = world.books();
        let mut volume = books.volume(app, id)?.clone();
        change(&mut volume)?;
        world.keep_volume(&mut books, volume.clone())?;
        volume
    };
    shown(world, &volume, "created")
}

fn days(days: u64) -> Result<u64, Refusal> {
    if (1..=MOST_DAYS).contains(&days) {
        return Ok(days);
    }
    Err(Refusal::invalid(format!("snapshot_retention is 1 to {MOST_DAYS} days, not {days}")))
}

/// `DELETE /v1/apps/{app}/volumes/{id}`: refused while a machine has it.
pub(super) async fn delete(State(world): Here, Path((app, id)): Path<(String, String)>) -> Result<Json<Value>, Refusal> {
    let mut books = world.books();
    let volume = books.volume(&app, &id)?.clone();
    if let Some(machine) = books.attached(&id) {
        let said = format!("volume {id} is attached to machine {}: destroy that one first", machine.id);
        return Err(Refusal::Precondition(said));
    }
    world.drop_volume(&mut books, &id)?;
    Ok(Json(volume.shown("destroyed", None, 0)))
}

/// `GET /v1/apps/{app}/volumes/{id}/snapshots`: there are none here.
pub(super) async fn snapshots(State(world): Here, Path((app, id)): Path<(String, String)>) -> Result<Json<Value>, Refusal> {
    world.volume(&app, &id)?;
    Ok(Json(json!([])))
}
