//! A machine: what is kept of it, and what of that a client is shown.

use std::{collections::BTreeMap, net::Ipv4Addr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Error, config::Config, refusal::Refusal};
use crate::{causes::in_one_line, resource::Secret};

/// How many events and versions are kept of a machine.
const EVENTS: usize = 50;
const VERSIONS: usize = 20;

/// Where a machine is in its life, in Fly's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Created,
    Starting,
    Started,
    Stopping,
    Stopped,
    Suspending,
    Suspended,
    Restarting,
    Replacing,
    Destroying,
    Destroyed,
    Failed,
}

impl State {
    /// The word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Starting => "starting",
            Self::Started => "started",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Suspending => "suspending",
            Self::Suspended => "suspended",
            Self::Restarting => "restarting",
            Self::Replacing => "replacing",
            Self::Destroying => "destroying",
            Self::Destroyed => "destroyed",
            Self::Failed => "failed",
        }
    }

    /// Whether there is no process, and none on its way.
    pub(super) fn is_at_rest(self) -> bool {
        matches!(self, Self::Created | Self::Stopped | Self::Destroyed | Self::Failed)
    }
}

/// What is kept of a machine. Clients see what [`Machine::shown`] makes of it, and nothing else.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Machine {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) app: String,
    pub(super) region: String,
    pub(super) state: State,
    pub(super) instance_id: String,
    pub(super) config: Value,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    pub(super) private_ip: Ipv4Addr,
    /// The number of the user who runs it; none where we can't choose.
    pub(super) user: Option<u32>,
    pub(super) image: Image,
    /// As they were when the machine was made, or last updated.
    pub(super) secrets: BTreeMap<String, Secret>,
    pub(super) events: Vec<Event>,
    pub(super) versions: Vec<Version>,
    pub(super) lease: Option<Lease>,
    pub(super) cordoned: bool,
    /// Counts the processes that this machine has had.
    pub(super) run: u64,
    /// How often it was started again since somebody started it.
    pub(super) restarts: u32,
    /// When the process is killed that is asked to stop.
    pub(super) killed_at: Option<DateTime<Utc>>,
}

/// An image as it was when the machine was made from it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Image {
    pub(super) registry: String,
    pub(super) repository: String,
    pub(super) tag: String,
    pub(super) digest: String,
    /// The name of its folder in the home; where Docker runs it, the engine's id of it.
    pub(super) folder: String,
}

/// Something that has happened to a machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    status: String,
    source: String,
    /// Milliseconds since 1970.
    timestamp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Value>,
}

/// A configuration that the machine has or had.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Version {
    version: String,
    user_config: Value,
}

/// Whose the machine is for a while.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Lease {
    pub(super) nonce: String,
    /// Seconds since 1970.
    pub(super) expires_at: i64,
    pub(super) owner: String,
    pub(super) description: String,
    pub(super) version: String,
}

/// How one of its checks stands.
#[derive(Clone, Debug, Serialize)]
pub(super) struct CheckStatus {
    pub(super) name: String,
    pub(super) status: &'static str,
    pub(super) output: String,
    pub(super) updated_at: DateTime<Utc>,
}

impl Machine {
    /// What its configuration says. It was looked at before it was kept.
    pub(super) fn config(&self) -> Config {
        Config::read(&self.config).unwrap_or_default()
    }

    /// The volume that it has, where it has one.
    pub(super) fn volume(&self) -> Option<String> {
        self.config().mounts.first().map(|mount| mount.volume.clone())
    }

    pub(super) fn is_gone(&self) -> bool {
        self.state == State::Destroyed
    }

    /// Notes what has happened, the newest first.
    pub(super) fn note(&mut self, kind: &str, source: &str, request: Option<Value>, now: DateTime<Utc>) {
        let id = super::ids::ulid(now).unwrap_or_default();
        let (kind, status, source) = (kind.to_owned(), self.state.word().to_owned(), source.to_owned());
        self.events.insert(0, Event { id, kind, status, source, timestamp: now.timestamp_millis(), request });
        self.events.truncate(EVENTS);
        if self.is_gone() {
            self.secrets.clear();
        }
        self.updated_at = now;
    }

    /// Goes into another state.
    pub(super) fn enter(&mut self, state: State, kind: &str, source: &str, now: DateTime<Utc>) {
        self.state = state;
        self.note(kind, source, None, now);
    }

    /// Goes into another state because something failed, and says what.
    pub(super) fn note_failure(&mut self, state: State, error: &Error, now: DateTime<Utc>) {
        (self.state, self.killed_at) = (state, None);
        self.note("launch", "flyd", Some(json!({ "error": in_one_line(error) })), now);
    }

    /// Takes a configuration; it is another version then.
    pub(super) fn take(&mut self, config: Value, version: String) {
        self.instance_id.clone_from(&version);
        self.config = config.clone();
        self.versions.insert(0, Version { version, user_config: config });
        self.versions.truncate(VERSIONS);
    }

    /// The lease that holds now.
    pub(super) fn lease(&self, now: DateTime<Utc>) -> Option<&Lease> {
        self.lease.as_ref().filter(|lease| lease.expires_at > now.timestamp())
    }

    /// Refuses somebody who does not hold the lease, where there is one.
    pub(super) fn yields_to(&self, nonce: Option<&str>, now: DateTime<Utc>) -> Result<(), Refusal> {
        match self.lease(now) {
            Some(lease) if nonce != Some(lease.nonce.as_str()) => Err(Refusal::Conflict(format!(
                "lease held: machine {} is held by {} until {}; its nonce goes into the header fly-machine-lease-nonce",
                self.id, lease.owner, lease.expires_at
            ))),
            None if nonce.is_some() => Err(Refusal::Conflict(format!("lease not held: machine {} has no lease with this nonce", self.id))),
            _ => Ok(()),
        }
    }

    /// As a client sees it.
    pub(super) fn shown(&self, checks: &[CheckStatus]) -> Value {
        let image = &self.image;
        json!({
            "id": self.id, "name": self.name, "state": self.state, "region": self.region, "instance_id": self.instance_id,
            "private_ip": self.private_ip, "config": self.config, "created_at": self.created_at, "updated_at": self.updated_at,
            "image_ref": {
                "registry": image.registry, "repository": image.repository, "tag": image.tag, "digest": image.digest, "labels": {}
            },
            "events": self.events, "checks": checks, "host_status": "ok", "cordoned": self.cordoned,
        })
    }
}
