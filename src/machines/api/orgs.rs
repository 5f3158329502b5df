//! All machines of an organization, by when they changed: what Fly calls its feed.

use axum::{
    Json,
    extract::{Path, State},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Here, body::Query};
use crate::machines::{app, refusal::Refusal};

/// How many are told at once where nothing is said, and at most.
const PAGE: usize = 500;
const LARGEST: usize = 1000;

#[derive(Deserialize)]
pub(super) struct Since {
    #[serde(default)]
    include_deleted: bool,
    region: Option<String>,
    state: Option<String>,
    updated_after: Option<DateTime<Utc>>,
    cursor: Option<String>,
    limit: Option<usize>,
}

/// `GET /v1/orgs/{org}/machines`
pub(super) async fn machines(State(world): Here, Path(org): Path<String>, Query(since): Query<Since>) -> Result<Json<Value>, Refusal> {
    let org = app::org(&org)?;
    let limit = since.limit.unwrap_or(PAGE);
    if !(1..=LARGEST).contains(&limit) {
        return Err(Refusal::invalid(format!("limit is 1 to {LARGEST}, not {limit}")));
    }
    let books = world.books();
    let of_org = |app: &str| books.apps.get(app).is_some_and(|app| app.org == org);
    let mut found: Vec<_> = books.machines.values().filter(|machine| of_org(&machine.app)).collect();
    found.retain(|machine| since.include_deleted || since.updated_after.is_some() || !machine.is_gone());
    found.retain(|machine| since.region.as_ref().is_none_or(|region| *region == machine.region));
    found.retain(|machine| since.state.as_deref().is_none_or(|state| state == machine.state.word()));
    found.retain(|machine| since.updated_after.is_none_or(|after| machine.updated_at > after));
    let place = |updated: DateTime<Utc>, id: &str| format!("{:020}-{id}", updated.timestamp_micros());
    found.sort_by_key(|machine| place(machine.updated_at, &machine.id));
    found.retain(|machine| since.cursor.as_ref().is_none_or(|cursor| place(machine.updated_at, &machine.id) > *cursor));
    let more = found.len() > limit;
    found.truncate(limit);
    let shown = found.iter().map(|machine| {
        let mut shown = machine.shown(&world.checks(&machine.id));
        shown["app_name"] = machine.app.clone().into();
        shown["app_id"] = books.apps.get(&machine.app).map(|app| app.id.clone()).into();
        shown
    });
    let last = found.last().filter(|_| more).map(|machine| place(machine.updated_at, &machine.id));
    let updated = found.last().map(|machine| machine.updated_at);
    Ok(Json(json!({ "machines": shown.collect::<Vec<_>>(), "next_cursor": last.unwrap_or_default(), "last_updated_at": updated })))
}
