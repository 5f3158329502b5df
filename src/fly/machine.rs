//! A machine: an image that runs, is stopped, or stands still.

use std::collections::BTreeMap;

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    config::{self, OWNER},
    error::strange,
    lease::Lease,
    way::Fly,
};
use crate::resource::{Error, Kind, Observed, Owner, Resource, Scope, gone};

/// How many are told on a page.
const PAGE: &str = "500";
/// How long is waited for a state, in seconds: as long as Fly lets one.
const WAIT: &str = "60";

/// A row of `fly.machine`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(super) app: String,
    pub(super) name: String,
    pub(super) region: String,
    pub(super) image: String,
    pub(super) cpu_kind: Option<String>,
    pub(super) cpus: Option<i32>,
    pub(super) memory_mb: Option<i32>,
    #[serde(default)]
    pub(super) env: BTreeMap<String, String>,
    pub(super) cmd: Option<Value>,
    pub(super) services: Option<Value>,
    pub(super) checks: Option<Value>,
    pub(super) volume: Option<String>,
    pub(super) mount_path: Option<String>,
    pub(super) restart_policy: Option<String>,
    pub(super) restart_max_retries: Option<i32>,
    pub(super) stop_signal: Option<String>,
    pub(super) auto_destroy: Option<bool>,
    #[serde(default)]
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) state: Option<String>,
    pub(super) private_ip: Option<String>,
    pub(super) instance_id: Option<String>,
    pub(super) machine_id: Option<String>,
}

impl Resource for Machine {
    const TABLE: &'static str = "fly.machine";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Fly;

    async fn list(fly: &Fly, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        const OPERATION: &str = "Machines_org_list";
        let (mut all, mut cursor) = (vec![], String::new());
        loop {
            let query = [("limit", PAGE), ("cursor", &*cursor)];
            let query = if cursor.is_empty() { &query[..1] } else { &query[..] };
            let page = fly.get(OPERATION, &["orgs", fly.organization(), "machines"], query).await?;
            let machines = page["machines"].as_array().ok_or_else(|| strange(OPERATION, "machines"))?;
            for machine in machines {
                let app = machine["app_name"].as_str().ok_or_else(|| strange(OPERATION, "app_name"))?;
                all.extend(shown(OPERATION, app, machine)?);
            }
            match page["next_cursor"].as_str() {
                Some(next) if !next.is_empty() && next != cursor => next.clone_into(&mut cursor),
                _ => return Ok(all),
            }
        }
    }

    async fn create(self, owner: &Owner, fly: &Fly) -> Result<Observed<Self>, Error> {
        const OPERATION: &str = "Machines_create";
        // an answer may have been lost: what carries our tag was made for this row
        if let Some(made) = self.made_before(owner, fly).await? {
            return Ok(made);
        }
        let stopped = self.state.as_deref() == Some("stopped");
        let body = json!({ "name": self.name, "region": self.region, "config": config::over(json!({}), &self, &owner.tag), "skip_launch": stopped });
        let made = fly.send(OPERATION, Method::POST, &["apps", &self.app, "machines"], body).await?;
        shown(OPERATION, &self.app, &made)?.ok_or_else(|| strange(OPERATION, "machine"))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, fly: &Fly) -> Result<Observed<Self>, Error> {
        let (app, id) = (was.row.app.clone(), was.row.machine_id.clone().unwrap_or_default());
        let lease = Lease::take(fly, &app, &id).await?;
        let changed = self.change(&was, owner, fly, &lease, &id).await;
        lease.give_back().await;
        changed?;
        let now = fly.get("Machines_show", &["apps", &app, "machines", &id], &[]).await?;
        shown("Machines_show", &app, &now)?.ok_or_else(|| Error::new("Machines_show", Kind::Absent, "it is destroyed"))
    }

    async fn delete(self, fly: &Fly) -> Result<Option<Observed<Self>>, Error> {
        let id = self.machine_id.clone().unwrap_or_default();
        let lease = match Lease::take(fly, &self.app, &id).await {
            Err(error) if error.is_absent() => return Ok(None),
            lease => lease?,
        };
        gone(lease.destroy().await)?;
        let waited =
            fly.get("Machines_wait", &["apps", &self.app, "machines", &id, "wait"], &[("state", "destroyed"), ("timeout", WAIT)]).await;
        match waited {
            Err(error) if error.kind == Kind::Held => Ok(Some(Observed::of(self).pending(Some("destroying".to_owned())))),
            waited => gone(waited).map(|()| None),
        }
    }
}

impl Machine {
    async fn made_before(&self, owner: &Owner, fly: &Fly) -> Result<Option<Observed<Self>>, Error> {
        const OPERATION: &str = "Machines_list";
        let of = format!("metadata.{OWNER}");
        let found = fly.get(OPERATION, &["apps", &self.app, "machines"], &[(&of, &owner.tag)]).await?;
        let found = found.as_array().ok_or_else(|| strange(OPERATION, "list"))?;
        let all = found.iter().map(|machine| shown(OPERATION, &self.app, machine)).collect::<Result<Vec<_>, _>>()?;
        // one that is replaced carries the same tag, and another name or volume
        Ok(all
            .into_iter()
            .flatten()
            .find(|found| found.row.name == self.name && found.row.volume == self.volume && found.row.region == self.region))
    }

    /// The configuration first, and then what it does.
    async fn change(&self, was: &Observed<Self>, owner: &Owner, fly: &Fly, lease: &Lease<'_>, id: &str) -> Result<(), Error> {
        if was.owner.as_ref() != Some(&owner.tag) || config::differs(self, &was.row) {
            let is = fly.get("Machines_show", &["apps", &was.row.app, "machines", id], &[]).await?;
            let config = config::over(is["config"].clone(), self, &owner.tag);
            let running = is["state"].as_str() == Some("started") && self.state.as_deref() != Some("stopped");
            let body = json!({ "config": config, "current_version": is["instance_id"], "skip_launch": !running });
            lease.send("Machines_update", &[], body).await?;
            if running {
                let path = ["apps", &*was.row.app, "machines", id, "wait"];
                fly.get("Machines_wait", &path, &[("state", "started"), ("timeout", WAIT)]).await?;
            }
        }
        match (self.state.as_deref(), was.row.state.as_deref()) {
            (Some(should), is) if is != Some(should) => self.lead(should, fly, lease, &was.row.app, id).await,
            _ => Ok(()),
        }
    }

    /// Has it do what it should.
    async fn lead(&self, should: &str, fly: &Fly, lease: &Lease<'_>, app: &str, id: &str) -> Result<(), Error> {
        let word = match should {
            "started" => ("Machines_start", "start"),
            "stopped" => ("Machines_stop", "stop"),
            _ => ("Machines_suspend", "suspend"),
        };
        lease.send(word.0, &[word.1], json!({})).await?;
        let now = fly.get("Machines_show", &["apps", app, "machines", id], &[]).await?;
        let version = now["instance_id"].as_str().unwrap_or_default();
        // `stopped` can be waited for of one version only
        let query = [("state", should), ("timeout", WAIT), ("instance_id", version)];
        fly.get("Machines_wait", &["apps", app, "machines", id, "wait"], &query).await.map(drop)
    }
}

/// As Fly tells of it; none where it is gone, or where nobody can say how it is.
fn shown(operation: &'static str, app: &str, told: &Value) -> Result<Option<Observed<Machine>>, Error> {
    let text = |name: &str| told[name].as_str().map(str::to_owned);
    let state = text("state").ok_or_else(|| strange(operation, "state"))?;
    if matches!(&*state, "destroyed" | "replaced") {
        return Ok(None);
    }
    let id = text("id").ok_or_else(|| strange(operation, "id"))?;
    let busy =
        matches!(&*state, "creating" | "starting" | "stopping" | "suspending" | "restarting" | "updating" | "replacing" | "destroying");
    let blank = Machine {
        app: app.to_owned(),
        name: text("name").unwrap_or_else(|| id.clone()),
        region: text("region").unwrap_or_default(),
        state: Some(if state == "created" { "stopped".to_owned() } else { state.clone() }),
        private_ip: text("private_ip"),
        instance_id: text("instance_id"),
        machine_id: Some(id),
        ..Machine::default()
    };
    let (row, owner) = config::read(&told["config"], blank);
    Ok(Some(Observed::of(row).owned(owner).pending(busy.then_some(state))))
}
