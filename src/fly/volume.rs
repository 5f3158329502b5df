//! A volume: a disk in one region, which a machine of its app has at its path.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    apart,
    error::strange,
    way::{Fly, put},
};
use crate::resource::{Error, Observed, Owner, Resource, Scope, gone};

/// The states of one that is gone, or on its way.
const LEAVING: [&str; 6] = ["destroyed", "destroying", "pending_destroy", "scheduling_destroy", "fork_cleanup", "waiting_for_detach"];

/// A row of `fly.volume`. It has no tag: that it is ours stands in what the engine remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Volume {
    name: String,
    app: String,
    region: String,
    size_gb: i32,
    encrypted: Option<bool>,
    snapshot_retention: Option<i32>,
    auto_backup_enabled: Option<bool>,
    attached_machine_id: Option<String>,
    state: Option<String>,
    volume_id: Option<String>,
}

/// As Fly tells of it.
#[derive(Deserialize)]
struct Told {
    id: String,
    name: String,
    region: String,
    size_gb: i32,
    encrypted: Option<bool>,
    snapshot_retention: Option<i32>,
    auto_backup_enabled: Option<bool>,
    attached_machine_id: Option<String>,
    state: Option<String>,
}

impl Resource for Volume {
    const TABLE: &'static str = "fly.volume";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Fly;

    async fn list(fly: &Fly, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        const OPERATION: &str = "Volumes_list";
        let is_there = |volume: &Value| volume["state"].as_str().is_none_or(|state| !LEAVING.contains(&state));
        let mut all = vec![];
        for (app, answer) in apart::all(fly, OPERATION, "volumes").await? {
            let Value::Array(volumes) = answer else { return Err(strange(OPERATION, "list")) };
            for volume in volumes.into_iter().filter(is_there) {
                all.push(shown(OPERATION, &app, volume)?);
            }
        }
        Ok(all)
    }

    async fn create(self, _: &Owner, fly: &Fly) -> Result<Observed<Self>, Error> {
        const OPERATION: &str = "Volumes_create";
        let mut body = json!({ "name": self.name, "region": self.region, "size_gb": self.size_gb });
        put(&mut body, "encrypted", self.encrypted);
        put(&mut body, "snapshot_retention", self.snapshot_retention);
        put(&mut body, "auto_backup_enabled", self.auto_backup_enabled);
        shown(OPERATION, &self.app, fly.send(OPERATION, Method::POST, &["apps", &self.app, "volumes"], body).await?)
    }

    async fn update(self, was: Observed<Self>, _: &Owner, fly: &Fly) -> Result<Observed<Self>, Error> {
        let id = was.row.volume_id.clone().unwrap_or_default();
        let mut row = was.row.clone();
        if self.size_gb != row.size_gb {
            let path = ["apps", &*row.app, "volumes", &*id, "extend"];
            fly.send("Volumes_extend", Method::PUT, &path, json!({ "size_gb": self.size_gb })).await?;
            row.size_gb = self.size_gb;
        }
        let retention = self.snapshot_retention.filter(|days| row.snapshot_retention != Some(*days));
        let backup = self.auto_backup_enabled.filter(|enabled| row.auto_backup_enabled != Some(*enabled));
        if retention.is_some() || backup.is_some() {
            let mut body = json!({});
            put(&mut body, "snapshot_retention", retention);
            put(&mut body, "auto_backup_enabled", backup);
            fly.send("Volumes_update", Method::PUT, &["apps", &row.app, "volumes", &id], body).await?;
            row.snapshot_retention = retention.or(row.snapshot_retention);
            row.auto_backup_enabled = backup.or(row.auto_backup_enabled);
        }
        Ok(Observed { row, ..was })
    }

    async fn delete(self, fly: &Fly) -> Result<Option<Observed<Self>>, Error> {
        let id = self.volume_id.unwrap_or_default();
        gone(fly.delete("Volumes_delete", &["apps", &self.app, "volumes", &id]).await)?;
        Ok(None)
    }
}

fn shown(operation: &'static str, app: &str, told: Value) -> Result<Observed<Volume>, Error> {
    let told: Told = serde_json::from_value(told).map_err(|_| strange(operation, "volume"))?;
    let pending = told.state.clone().filter(|state| state == "creating");
    let row = Volume {
        name: told.name,
        app: app.to_owned(),
        region: told.region,
        size_gb: told.size_gb,
        encrypted: told.encrypted,
        snapshot_retention: told.snapshot_retention,
        auto_backup_enabled: told.auto_backup_enabled,
        attached_machine_id: told.attached_machine_id,
        state: told.state,
        volume_id: Some(told.id),
    };
    Ok(Observed::of(row).pending(pending))
}
