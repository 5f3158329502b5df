//! A machine: an image that runs, is stopped, or stands still.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    config::{self, OWNER},
    error::strange,
    lease::Lease,
    rolls::{Group, Turn},
    secret,
    way::{Fly, put},
};
use crate::resource::{Error, Kind, Observed, Owner, Resource, Scope, gone};

/// How many are told on a page.
const PAGE: &str = "500";
/// How long is waited for a state, in seconds: as long as Fly lets one.
const WAIT: &str = "60";
/// How long whoever makes one waits for it to start, in seconds: most have by then, and what has not is looked at again.
const STARTS: &str = "1";
/// Of how many apps it is asked at a time which secrets they have.
const AT_ONCE: usize = 8;

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
    pub(super) stop_seconds: Option<i32>,
    pub(super) auto_destroy: Option<bool>,
    #[serde(default)]
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) rolls_with: Option<String>,
    pub(super) state: Option<String>,
    pub(super) secrets: Option<String>,
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
        let (mut told, mut cursor) = (vec![], String::new());
        loop {
            let query = [("limit", PAGE), ("cursor", &*cursor)];
            let query = if cursor.is_empty() { &query[..1] } else { &query[..] };
            let page = fly.get(OPERATION, &["orgs", fly.organization(), "machines"], query).await?;
            let machines = page["machines"].as_array().ok_or_else(|| strange(OPERATION, "machines"))?;
            for machine in machines {
                let app = machine["app_name"].as_str().ok_or_else(|| strange(OPERATION, "app_name"))?;
                told.push((app.to_owned(), machine.clone()));
            }
            match page["next_cursor"].as_str() {
                Some(next) if !next.is_empty() && next != cursor => next.clone_into(&mut cursor),
                _ => break,
            }
        }
        let secrets = marks(fly, &told).await?;
        let shown = |(app, machine): &(String, Value)| shown(OPERATION, app, machine, secrets.get(app).and_then(Option::as_deref));
        Ok(told.iter().map(shown).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    async fn create(self, owner: &Owner, fly: &Fly) -> Result<Observed<Self>, Error> {
        const OPERATION: &str = "Machines_create";
        // an answer may have been lost: what carries our tag was made for this row
        if let Some(made) = self.made_before(owner, fly).await? {
            return Ok(made);
        }
        let stopped = self.state.as_deref() == Some("stopped");
        let secrets = secret::mark(fly, &self.app).await?;
        let config = config::over(json!({}), &self, &owner.tag, secrets.as_deref());
        let mut body = json!({ "name": self.name, "region": self.region, "config": config, "skip_launch": stopped });
        put(&mut body, "min_secrets_version", fly.secrets_of(&self.app));
        let mut made =
            fly.send(OPERATION, Method::POST, &["apps", &self.app, "machines"], body).await.map_err(|error| match error.kind {
                // there is no lease yet that anybody could hold
                Kind::Held if error.code.as_deref() == Some("409") => Error { kind: Kind::Taken, ..error },
                _ => error,
            })?;
        if let (false, Some(id)) = (stopped, made["id"].as_str().map(str::to_owned)) {
            let path = ["apps", &*self.app, "machines", &id];
            // it is made, whatever is said to that
            if fly.get("Machines_wait", &[&path[..], &["wait"]].concat(), &[("state", "started"), ("timeout", STARTS)]).await.is_ok() {
                made = fly.get("Machines_show", &path, &[]).await.unwrap_or(made);
            }
        }
        shown(OPERATION, &self.app, &made, secrets.as_deref())?.ok_or_else(|| strange(OPERATION, "machine"))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, fly: &Fly) -> Result<Observed<Self>, Error> {
        let (app, id) = (was.row.app.clone(), was.row.machine_id.clone().unwrap_or_default());
        let rolls = self.rolls_with.clone().or_else(|| was.row.rolls_with.clone()).filter(|group| !group.is_empty());
        let lease = match Lease::take(fly, &app, &id).await {
            // whoever changes another one of its group may hold this one, too
            Err(error) if error.kind == Kind::Held && rolls.is_some() => {
                return Ok(was.pending(Some("another one of its group is being changed".to_owned())));
            }
            lease => lease?,
        };
        let changed = match &rolls {
            None => self.change(&was, owner, fly, &lease, &id).await.map(|()| None),
            Some(group) => self.change_in_turn(group, &was, owner, fly, &lease, &id).await,
        };
        lease.give_back().await;
        if let Some(waits) = changed? {
            return Ok(was.pending(Some(waits)));
        }
        let now = fly.get("Machines_show", &["apps", &app, "machines", &id], &[]).await?;
        let secrets = secret::mark(fly, &app).await?;
        shown("Machines_show", &app, &now, secrets.as_deref())?.ok_or_else(|| Error::new("Machines_show", Kind::Absent, "it is destroyed"))
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
        let secrets = if found.is_empty() { None } else { secret::mark(fly, &self.app).await? };
        let shown = |machine| shown(OPERATION, &self.app, machine, secrets.as_deref());
        let all = found.iter().map(shown).collect::<Result<Vec<_>, _>>()?;
        // one that is replaced carries the same tag, and another name or volume
        Ok(all
            .into_iter()
            .flatten()
            .find(|found| found.row.name == self.name && found.row.volume == self.volume && found.row.region == self.region))
    }

    /// The same when it is its turn; else what it waits for.
    async fn change_in_turn(
        &self,
        group: &str,
        was: &Observed<Self>,
        owner: &Owner,
        fly: &Fly,
        lease: &Lease<'_>,
        id: &str,
    ) -> Result<Option<String>, Error> {
        let app = &was.row.app;
        let group = Group::of(fly, app, group).await?;
        match group.turn(fly, app, id).await? {
            Turn::Later(waits) => Ok(Some(waits)),
            Turn::Now(held) => {
                let changed = self.change(was, owner, fly, lease, id).await;
                if let Some(held) = held {
                    held.give_back().await;
                }
                changed.map(|()| None)
            }
        }
    }

    /// The configuration first, and then what it does.
    async fn change(&self, was: &Observed<Self>, owner: &Owner, fly: &Fly, lease: &Lease<'_>, id: &str) -> Result<(), Error> {
        let lacks_secrets = config::lacks_secrets(self, &was.row);
        if was.owner.as_ref() != Some(&owner.tag) || lacks_secrets || config::differs(self, &was.row) {
            let is = fly.get("Machines_show", &["apps", &was.row.app, "machines", id], &[]).await?;
            let secrets = secret::mark(fly, &was.row.app).await?;
            let config = config::over(is["config"].clone(), self, &owner.tag, secrets.as_deref());
            let runs = is["state"].as_str() == Some("started") || lacks_secrets && ended_by_itself(&is).is_some();
            let running = runs && self.state.as_deref() != Some("stopped");
            let mut body = json!({ "config": config, "current_version": is["instance_id"], "skip_launch": !running });
            put(&mut body, "min_secrets_version", fly.secrets_of(&was.row.app));
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

/// What the secrets are known by of those apps that machines of ours are of.
async fn marks(fly: &Fly, told: &[(String, Value)]) -> Result<HashMap<String, Option<String>>, Error> {
    let ours = told.iter().filter(|(_, machine)| machine["config"]["metadata"][OWNER].is_string());
    let apps: BTreeSet<String> = ours.map(|(app, _)| app.clone()).collect();
    let one = |app: String| async move { secret::mark(fly, &app).await.map(|mark| (app, mark)) };
    stream::iter(apps.into_iter().map(one)).buffer_unordered(AT_ONCE).try_collect().await
}

/// With which exit code it failed, where nobody stopped it: a process that lacks a secret may end at once, and is to have another try when it has it.
pub(super) fn ended_by_itself(told: &Value) -> Option<i64> {
    let exit = told["events"].as_array().into_iter().flatten().find(|event| event["type"] == "exit")?;
    let exit = &exit["request"]["exit_event"];
    exit["exit_code"].as_i64().filter(|code| exit["requested_stop"] == false && *code != 0)
}

/// Why its configuration can't be told: then its host is not well, and nothing can be said or done.
fn unseen(told: &Value) -> Option<String> {
    let host = told["host_status"].as_str().filter(|status| *status != "ok")?;
    told["config"].is_null().then(|| format!("its host is {host}"))
}

/// As Fly tells of it; none where it is gone. `secrets` is what those of its app are known by as they are now.
fn shown(operation: &'static str, app: &str, told: &Value, secrets: Option<&str>) -> Result<Option<Observed<Machine>>, Error> {
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
    let pending = if busy { Some(state) } else { unseen(told) };
    let (row, owner) = config::read(&told["config"], blank, secrets);
    Ok(Some(Observed::of(row).owned(owner).pending(pending)))
}
