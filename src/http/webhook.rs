//! Where a database tells what happens in it. Addresses of private networks are for an operator at the command line to allow.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    doorway::Doorway,
    problem::Problem,
    query::{Asked, Named},
};
use crate::{
    control::{Webhook, WebhookWish},
    resource::Secret,
};

/// Sets a webhook.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Wish {
    url: Option<String>,
    /// Names with commas in between.
    events: Option<String>,
    rotate: bool,
}

/// A webhook; the secret stands here the one time that it is told.
#[derive(Serialize)]
pub(super) struct Told {
    webhook: Option<Webhook>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<Secret>,
}

#[derive(Serialize)]
pub(super) struct Removed {
    removed: bool,
}

#[derive(Serialize)]
pub(super) struct Sent {
    id: Uuid,
}

pub(super) async fn show(State(door): State<Doorway>, Named(db): Named<String>) -> Result<Json<Told>, Problem> {
    let webhook = door.control.webhook(&db).await?;
    Ok(Json(Told { webhook, secret: None }))
}

pub(super) async fn set(State(door): State<Doorway>, Named(db): Named<String>, Asked(wish): Asked<Wish>) -> Result<Json<Told>, Problem> {
    let events = wish.events.map(|names| names.split(',').map(|name| name.trim().to_owned()).collect());
    let wish = WebhookWish { url: wish.url, events, is_private: false, rotate: wish.rotate };
    let secret = door.control.set_webhook(&db, wish).await?;
    Ok(Json(Told { webhook: door.control.webhook(&db).await?, secret }))
}

pub(super) async fn remove(State(door): State<Doorway>, Named(db): Named<String>) -> Result<Json<Removed>, Problem> {
    Ok(Json(Removed { removed: door.control.remove_webhook(&db).await? }))
}

/// It is sent by whichever engine looks first; `GET /webhook/<db>` tells how that went.
pub(super) async fn test(State(door): State<Doorway>, Named(db): Named<String>) -> Result<Json<Sent>, Problem> {
    Ok(Json(Sent { id: door.control.test_webhook(&db).await? }))
}
