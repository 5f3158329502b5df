//! Host names for which Fly would have certificates issued. Here they are only kept, and stay unconfigured.

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
    app::{App, Certificate},
    refusal::Refusal,
};

fn shown(host: &str, certificate: &Certificate, app: &App) -> Value {
    json!({
        "hostname": host, "configured": false, "acme_requested": true, "status": "pending_validation", "certificates": [],
        "created_at": certificate.created_at, "updated_at": certificate.created_at,
        "acme_dns_configured": false, "acme_alpn_configured": false, "acme_http_configured": false, "ownership_txt_configured": false,
        "dns_requirements": {
            "acme_challenge": { "name": format!("_acme-challenge.{host}"), "target": format!("{host}.{}.flydns.net", app.id) },
            "cname": format!("{}.fly.dev", app.name),
        },
    })
}

/// `GET /v1/apps/{app}/certificates`
pub(super) async fn list(State(world): Here, Path(app): Path<String>) -> Result<Json<Value>, Refusal> {
    let app = world.app(&app)?;
    let all: Vec<_> = app.certificates.iter().map(|(host, certificate)| shown(host, certificate, &app)).collect();
    Ok(Json(json!({ "total_count": all.len(), "certificates": all, "next_cursor": "" })))
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    hostname: String,
}

/// `POST /v1/apps/{app}/certificates/acme`: one that is there is content.
pub(super) async fn order(
    State(world): Here,
    Path(app): Path<String>,
    Body(wanted): Body<Wanted>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let host = wanted.hostname.to_lowercase();
    let label =
        |label: &str| !label.is_empty() && label.len() <= 63 && label.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-');
    if !host.contains('.') || !host.trim_start_matches("*.").split('.').all(label) {
        return Err(Refusal::Unprocessable(format!("hostname {host:?} is none; it looks like shop.example.com")));
    }
    if world.books().apps.values().any(|other| other.name != app && other.certificates.contains_key(&host)) {
        return Err(Refusal::Unprocessable(format!("hostname {host} is another app's")));
    }
    world.change_app(&app, |app| {
        let certificate = app.certificates.entry(host.clone()).or_insert_with(|| Certificate { created_at: Utc::now() }).clone();
        Ok((StatusCode::CREATED, Json(shown(&host, &certificate, app))))
    })
}

/// `GET /v1/apps/{app}/certificates/{host}`
pub(super) async fn show(State(world): Here, Path((app, host)): Path<(String, String)>) -> Result<Json<Value>, Refusal> {
    let app = world.app(&app)?;
    let certificate = app.certificates.get(&host).ok_or_else(|| missing(&host))?;
    Ok(Json(shown(&host, certificate, &app)))
}

/// `POST /v1/apps/{app}/certificates/{host}/check`: nothing here looks at any DNS.
pub(super) async fn check(here: Here, path: Path<(String, String)>) -> Result<Json<Value>, Refusal> {
    show(here, path).await
}

/// `DELETE /v1/apps/{app}/certificates/{host}`
pub(super) async fn delete(State(world): Here, Path((app, host)): Path<(String, String)>) -> Result<StatusCode, Refusal> {
    world.change_app(&app, |app| app.certificates.remove(&host).map(|_| StatusCode::NO_CONTENT).ok_or_else(|| missing(&host)))
}

fn missing(host: &str) -> Refusal {
    Refusal::Missing(format!("there is no certificate for {host:?}"))
}
