//! Addresses at which Fly's proxy would answer. Here they are only kept: from the ranges for documentation (RFC 5737, RFC 3849).

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use chrono::Utc;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Here, body::Body};
use crate::machines::{
    app::{Address, App},
    places,
    refusal::Refusal,
};

/// The address that apps share.
const SHARED: &str = "198.51.100.1";

fn shown(address: &Address) -> Value {
    json!({
        "ip": address.ip, "region": address.region, "service_name": address.service_name, "shared": address.shared,
        "egress": address.egress, "created_at": address.created_at,
    })
}

/// `GET /v1/apps/{app}/ip_assignments`
pub(super) async fn list(State(world): Here, Path(app): Path<String>) -> Result<Json<Value>, Refusal> {
    let app = world.app(&app)?;
    Ok(Json(json!({ "ips": app.addresses.iter().map(shown).collect::<Vec<_>>() })))
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    region: String,
    #[serde(default)]
    service_name: String,
}

/// `POST /v1/apps/{app}/ip_assignments`
pub(super) async fn assign(State(world): Here, Path(app): Path<String>, Body(wanted): Body<Wanted>) -> Result<Json<Value>, Refusal> {
    let region = if wanted.region.is_empty() || wanted.region == "global" { "global".to_owned() } else { places::region(&wanted.region)? };
    let taken: Vec<_> = {
        let books = world.books();
        books.apps.values().flat_map(|app| app.addresses.iter().map(|address| address.ip.clone())).collect()
    };
    world.change_app(&app, |app| {
        let ip = choose(app, &wanted.kind, &taken)?;
        let (shared, egress) = (wanted.kind == "shared_v4", wanted.kind.starts_with("egress_"));
        let address = Address { ip, region, service_name: wanted.service_name, shared, egress, created_at: Utc::now() };
        let told = shown(&address);
        app.addresses.push(address);
        Ok(Json(told))
    })
}

fn choose(app: &App, kind: &str, taken: &[String]) -> Result<String, Refusal> {
    let first = |form: &dyn Fn(u32) -> String| {
        let free = (1..250).map(form).find(|ip| !taken.contains(ip));
        free.ok_or_else(|| Refusal::Unprocessable("no address of this kind is left".to_owned()))
    };
    match kind {
        "shared_v4" if app.addresses.iter().any(|address| address.shared) => {
            Err(Refusal::Unprocessable(format!("app {} has a shared address already", app.name)))
        }
        "shared_v4" => Ok(SHARED.to_owned()),
        "v4" | "egress_v4" => first(&|number| format!("203.0.113.{number}")),
        "v6" | "egress_v6" => first(&|number| format!("2001:db8::{number:x}")),
        "private_v6" => first(&|number| format!("fdaa:0:1::{number:x}")),
        other => Err(Refusal::invalid(format!("type {other:?} is unknown; it is v4, v6, shared_v4, private_v6, egress_v4 or egress_v6"))),
    }
}

/// `DELETE /v1/apps/{app}/ip_assignments/{ip}`
pub(super) async fn release(State(world): Here, Path((app, ip)): Path<(String, String)>) -> Result<StatusCode, Refusal> {
    world.change_app(&app, |app| {
        let at = app.addresses.iter().position(|address| address.ip == ip);
        let at = at.ok_or_else(|| Refusal::Missing(format!("app {} has no address {ip:?}", app.name)))?;
        app.addresses.remove(at);
        Ok(StatusCode::NO_CONTENT)
    })
}
