//! Another configuration for a machine: the whole of it, in the same place and with the same volume.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use chrono::Utc;
use serde::Deserialize;
use serde_json::Value;

use super::{Here, body::Body, create, nonce};
use crate::machines::{config::Config, ids, machine::Machine, refusal::Refusal};

#[derive(Deserialize)]
pub(super) struct Changed {
    name: Option<String>,
    region: Option<String>,
    #[serde(default)]
    config: Value,
    /// The version that the client has seen.
    current_version: Option<String>,
    #[serde(default)]
    skip_launch: bool,
    #[serde(default)]
    skip_secrets: bool,
    min_secrets_version: Option<u64>,
}

/// `POST /v1/apps/{app}/machines/{id}`
pub(super) async fn update(
    State(world): Here,
    Path((app, id)): Path<(String, String)>,
    headers: HeaderMap,
    Body(sent): Body<Changed>,
) -> Result<Json<Value>, Refusal> {
    let machine = world.machine(&app, &id)?;
    // before an image is looked for: who may not change it need not know whether there is one
    machine.yields_to(nonce(&headers), Utc::now())?;
    let (config, image) = create::pulled(&world, sent.config.clone()).await?;
    let owner = world.app(&app)?;
    create::secrets(owner.secrets_version, sent.min_secrets_version)?;
    let version = ids::ulid(Utc::now())?;
    world.replace(&app, &id, !sent.skip_launch, |machine, now| {
        machine.yields_to(nonce(&headers), now)?;
        fits(machine, &sent, &config)?;
        if !sent.skip_secrets {
            machine.secrets = owner.given();
        }
        machine.image = image;
        machine.take(config, version);
        Ok(())
    })?;
    let machine = world.machine(&app, &id)?;
    Ok(Json(machine.shown(&world.checks(&id))))
}

/// Refuses what can't be changed, and what somebody else has changed meanwhile.
fn fits(machine: &Machine, sent: &Changed, config: &Value) -> Result<(), Refusal> {
    if let Some(seen) = sent.current_version.as_ref().filter(|seen| !seen.is_empty() && **seen != machine.instance_id) {
        let said = format!("current_version {seen:?} is not the current one: machine {} is at version {}", machine.id, machine.instance_id);
        return Err(Refusal::Precondition(said));
    }
    let same = [("name", &sent.name, &machine.name), ("region", &sent.region, &machine.region)];
    if let Some((what, ..)) =
        same.into_iter().find(|(_, wanted, is)| wanted.as_ref().is_some_and(|wanted| !wanted.is_empty() && wanted != *is))
    {
        return Err(Refusal::invalid(format!("the {what} of a machine can't be changed")));
    }
    let volume = Config::read(config)?.mounts.first().map(|mount| mount.volume.clone());
    if volume != machine.volume() {
        return Err(Refusal::invalid("config.mounts: the volume of a machine can't be changed"));
    }
    Ok(())
}
