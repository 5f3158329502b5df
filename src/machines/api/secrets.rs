//! Secrets: set, listed and shown by their digests, deleted. No answer holds a value, nor does an error.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, State},
};
use chrono::Utc;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Here, body::Body};
use crate::{
    machines::{
        app::{App, Kept},
        config::is_variable,
        refusal::Refusal,
        world::World,
    },
    resource::Secret,
};

/// The largest that Fly takes, in bytes.
const LONGEST: usize = 64 << 10;

fn shown(world: &World, app: &App) -> Vec<Value> {
    app.secrets.iter().map(|(name, kept)| App::secret(name, kept, &world.home.key)).collect()
}

/// `GET /v1/apps/{app}/secrets`
pub(super) async fn list(State(world): Here, Path(app): Path<String>) -> Result<Json<Value>, Refusal> {
    let app = world.app(&app)?;
    Ok(Json(json!({ "secrets": shown(&world, &app) })))
}

/// `GET /v1/apps/{app}/secrets/{name}`
pub(super) async fn show(State(world): Here, Path((app, name)): Path<(String, String)>) -> Result<Json<Value>, Refusal> {
    let app = world.app(&app)?;
    let kept = app.secrets.get(&name).ok_or_else(|| missing(&name))?;
    Ok(Json(App::secret(&name, kept, &world.home.key)))
}

#[derive(Deserialize)]
pub(super) struct Values {
    #[serde(default)]
    values: BTreeMap<String, Option<Secret>>,
}

/// `POST /v1/apps/{app}/secrets`: several at once; null deletes one.
pub(super) async fn change(State(world): Here, Path(app): Path<String>, Body(sent): Body<Values>) -> Result<Json<Value>, Refusal> {
    world.change_app(&app, |app| {
        for (name, value) in sent.values {
            match value {
                Some(value) => put(app, name, value)?,
                None => drop(app.secrets.remove(&name)),
            }
        }
        app.secrets_version += 1;
        Ok(Json(json!({ "secrets": shown(&world, app), "version": app.secrets_version })))
    })
}

#[derive(Deserialize)]
pub(super) struct One {
    value: Secret,
}

/// `POST /v1/apps/{app}/secrets/{name}`
pub(super) async fn set(
    State(world): Here,
    Path((app, name)): Path<(String, String)>,
    Body(sent): Body<One>,
) -> Result<Json<Value>, Refusal> {
    world.change_app(&app, |app| {
        put(app, name.clone(), sent.value)?;
        app.secrets_version += 1;
        let mut shown = App::secret(&name, &app.secrets[&name], &world.home.key);
        shown["version"] = app.secrets_version.into();
        Ok(Json(shown))
    })
}

/// `DELETE /v1/apps/{app}/secrets/{name}`
pub(super) async fn delete(State(world): Here, Path((app, name)): Path<(String, String)>) -> Result<Json<Value>, Refusal> {
    world.change_app(&app, |app| {
        app.secrets.remove(&name).ok_or_else(|| missing(&name))?;
        app.secrets_version += 1;
        Ok(Json(json!({ "version": app.secrets_version })))
    })
}

fn put(app: &mut App, name: String, value: Secret) -> Result<(), Refusal> {
    if !is_variable(&name) {
        return Err(Refusal::invalid(format!("{name:?} is no name for a secret: it becomes a variable of the environment")));
    }
    if value.expose().len() > LONGEST || value.expose().contains('\0') {
        return Err(Refusal::invalid(format!("the value of {name} has more than {LONGEST} bytes, or a zero in it")));
    }
    let now = Utc::now();
    let created_at = app.secrets.get(&name).map_or(now, |kept| kept.created_at);
    app.secrets.insert(name, Kept { value, created_at, updated_at: now });
    Ok(())
}

fn missing(name: &str) -> Refusal {
    Refusal::Missing(format!("there is no secret {name:?}"))
}
