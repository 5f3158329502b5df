//! How a database is, and which versions of it there are. Wakes nothing.

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::{Value, json};

use super::{Web, ask::admitted, asker::Asker, refusal::Refusal};
use crate::{node::Tier, store::Version};

pub(super) async fn status(State(web): State<Web>, Path(id): Path<String>, asker: Asker) -> Result<Json<Value>, Refusal> {
    let found = admitted(&web, &id, &asker).await?;
    let (node, key) = (web.0.here.node(), found.id.to_string());
    let newest = listed(&web, &key).await?.and_then(|mut versions| versions.pop());
    let here = node.status().into_iter().find(|status| status.id == key);
    let tier = match here.as_ref().map(|status| status.tier) {
        Some(Tier::Awake) => "awake",
        Some(Tier::Frozen) => "frozen",
        Some(Tier::Stopped) => "stopped",
        Some(Tier::Away) | None if newest.is_some() || found.replica.is_some() => "away",
        Some(Tier::Away) | None => "new",
    };
    let on_disk = node.size(&key).await.map_err(|error| Refusal::for_now("measuring the database", &error))?;
    Ok(Json(json!({
        "database": id,
        "engine": found.engine.word(),
        "tier": tier,
        "sessions": here.as_ref().map_or(0, |status| status.sessions),
        "newest_version": newest.as_ref().map(|version| version.number),
        "size_bytes": on_disk.or(newest.as_ref().map(|version| version.size)),
        "size_limit_bytes": found.size_limit,
        "upload_waits": here.is_some_and(|status| status.next),
    })))
}

pub(super) async fn versions(State(web): State<Web>, Path(id): Path<String>, asker: Asker) -> Result<Json<Value>, Refusal> {
    let found = admitted(&web, &id, &asker).await?;
    let versions = listed(&web, &found.id.to_string()).await?.unwrap_or_default();
    Ok(Json(json!({ "versions": versions.iter().map(shown).collect::<Vec<_>>() })))
}

async fn listed(web: &Web, id: &str) -> Result<Option<Vec<Version>>, Refusal> {
    let Some(bucket) = web.0.here.bucket() else { return Ok(None) };
    bucket.versions(id).await.map(Some).map_err(|error| Refusal::for_now("listing the versions", &*error))
}

fn shown(version: &Version) -> Value {
    let pins: Vec<_> = version.pins.iter().map(ToString::to_string).collect();
    json!({ "version": version.number, "kind": version.kind.word(), "at": version.at, "size_bytes": version.size, "stored_bytes": version.stored, "pins": pins })
}
