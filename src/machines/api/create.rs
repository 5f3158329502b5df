//! A new machine: its name, its place, its image, its volume looked at, then written down, then started.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, State},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Here, body::Body, leases};
use crate::machines::{
    config::{self, Config},
    home, ids, life,
    machine::{Image, Machine, State as Life},
    places,
    refusal::Refusal,
    world::{Books, World},
};

#[derive(Deserialize)]
pub(super) struct New {
    name: Option<String>,
    region: Option<String>,
    #[serde(default)]
    config: Value,
    #[serde(default)]
    skip_launch: bool,
    #[serde(default)]
    skip_secrets: bool,
    lease_ttl: Option<i64>,
    min_secrets_version: Option<u64>,
}

/// `POST /v1/apps/{app}/machines`
pub(super) async fn create(State(world): Here, Path(app): Path<String>, Body(new): Body<New>) -> Result<Json<Value>, Refusal> {
    world.app(&app)?;
    let (config, image) = pulled(&world, new.config.clone()).await?;
    let (machine, nonce) = add(&world, &app, new, config, image)?;
    if machine.state == Life::Starting {
        world.launch(&machine.id, machine.run, Duration::ZERO);
    }
    let mut shown = machine.shown(&world.checks(&machine.id));
    if let Some(nonce) = nonce {
        shown["nonce"] = nonce.into();
    }
    Ok(Json(shown))
}

/// A configuration that was looked at, and the image that it names.
pub(super) async fn pulled(world: &Arc<World>, sent: Value) -> Result<(Value, Image), Refusal> {
    if sent.is_null() {
        return Err(Refusal::invalid("config is missing"));
    }
    let config = config::normal(sent)?;
    let image = world.pull(Config::read(&config)?.image).await?;
    Ok((config, image))
}

fn add(world: &World, app: &str, new: New, config: Value, image: Image) -> Result<(Machine, Option<String>), Refusal> {
    let now = Utc::now();
    let region =
        new.region.filter(|region| !region.is_empty()).map_or_else(|| Ok(world.region.clone()), |region| places::region(&region))?;
    let name = new.name.filter(|name| !name.is_empty()).map_or_else(|| Ok(ids::name()?), |name| named(&name))?;
    let mut books = world.books();
    let owner = books.app(app)?.clone();
    secrets(owner.secrets_version, new.min_secrets_version)?;
    is_free(&books, app, &name, None)?;
    let number = home::free(&books.numbers()).ok_or_else(|| Refusal::Unprocessable("there is no room for another machine".to_owned()))?;
    let mut machine = Machine {
        id: ids::machine()?,
        name,
        app: app.to_owned(),
        region,
        state: Life::Created,
        instance_id: String::new(),
        config: Value::Null,
        created_at: now,
        updated_at: now,
        private_ip: world.home.address(number),
        user: world.home.user(number),
        image,
        secrets: if new.skip_secrets { BTreeMap::new() } else { owner.given() },
        events: vec![],
        versions: vec![],
        lease: None,
        cordoned: false,
        run: 0,
        restarts: 0,
        killed_at: None,
    };
    machine.take(config, ids::ulid(now)?);
    attachable(&books, &machine)?;
    let nonce = lease(&mut machine, new.lease_ttl, now)?;
    machine.note("launch", "user", None, now);
    if !new.skip_launch {
        life::begin(&mut machine, "user", now);
    }
    world.keep_machine(&mut books, machine.clone())?;
    Ok((machine, nonce))
}

fn lease(machine: &mut Machine, ttl: Option<i64>, now: DateTime<Utc>) -> Result<Option<String>, Refusal> {
    let Some(ttl) = ttl.filter(|ttl| *ttl != 0) else { return Ok(None) };
    let lease = leases::new(machine, ttl, String::new(), now)?;
    let nonce = lease.nonce.clone();
    machine.lease = Some(lease);
    Ok(Some(nonce))
}

/// Takes what can be a machine's name: it becomes a host's.
pub(super) fn named(name: &str) -> Result<String, Refusal> {
    let sign = |sign: char| sign.is_ascii_alphanumeric() || sign == '-' || sign == '_';
    if name.len() <= 63 && name.chars().all(sign) {
        return Ok(name.to_owned());
    }
    Err(Refusal::invalid(format!("name {name:?} is none for a machine: up to 63 letters, digits, - and _")))
}

/// Refuses a name that another machine of the app has.
pub(super) fn is_free(books: &Books, app: &str, name: &str, own: Option<&str>) -> Result<(), Refusal> {
    let other = books.living(app).find(|machine| machine.name == name && Some(machine.id.as_str()) != own);
    other.map_or(Ok(()), |other| {
        let said = format!("already_exists: unique machine name violation, machine ID {} already exists with name {name:?}", other.id);
        Err(Refusal::Conflict(said))
    })
}

/// Refuses a volume that is not there, is elsewhere, or is another machine's.
pub(super) fn attachable(books: &Books, machine: &Machine) -> Result<(), Refusal> {
    let Some(id) = machine.volume() else { return Ok(()) };
    let volume = books.volume(&machine.app, &id)?;
    if volume.region != machine.region {
        let said = format!("volume {id} is in {}, and the machine in {}: they have to be in one region", volume.region, machine.region);
        return Err(Refusal::invalid(said));
    }
    match books.attached(&id).filter(|other| other.id != machine.id) {
        Some(other) => Err(Refusal::Precondition(format!("volume {id} is attached to machine {} already", other.id))),
        None => Ok(()),
    }
}

/// Refuses to wait for secrets that are not there yet.
pub(super) fn secrets(version: u64, least: Option<u64>) -> Result<(), Refusal> {
    match least.filter(|least| *least > version) {
        Some(least) => {
            Err(Refusal::Precondition(format!("min_secrets_version is {least}, and the app's secrets are at version {version}")))
        }
        None => Ok(()),
    }
}

/// What every call says that has nothing else to say.
pub(super) fn ok() -> Json<Value> {
    Json(json!({ "ok": true }))
}
