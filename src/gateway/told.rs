//! What a gateway tells an instance of the database that its client comes to: an instance has no registry, and believes whoever is of its kin.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    control::{Found, Replica},
    served::{Durability, Engine},
};

/// The startup parameter that it comes in. No client's goes any further than here.
pub(super) const PARAMETER: &str = "_iasql.database";

/// A database that an instance runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Told {
    id: Uuid,
    role: String,
    verifier: String,
    engine: Engine,
    idle_seconds: u64,
    size_limit: u64,
    durability: String,
    durability_seconds: Option<i32>,
    /// Whose files it only reads, and what that one is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replica: Option<(Option<Uuid>, String)>,
}

impl Told {
    pub(super) fn of(found: &Found) -> Self {
        Self {
            id: found.id,
            role: found.role.clone(),
            verifier: found.verifier.clone(),
            engine: found.engine,
            idle_seconds: found.idle.as_secs(),
            size_limit: found.size_limit,
            durability: found.durability.word().to_owned(),
            durability_seconds: found.durability.seconds(),
            replica: found.replica.as_ref().map(|replica| (replica.of, replica.label.clone())),
        }
    }

    /// As it is said; nothing where it is nonsense.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }

    /// As it is to be said.
    pub(super) fn text(&self) -> Vec<u8> {
        // a startup parameter ends with a zero byte, and JSON has none
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// As if a registry had been asked.
    pub(super) fn found(self) -> Found {
        Found {
            id: self.id,
            role: self.role,
            verifier: self.verifier,
            engine: self.engine,
            machine: None,
            branch: None,
            replica: self.replica.map(|(of, label)| Replica { of, label }),
            idle: Duration::from_secs(self.idle_seconds),
            size_limit: self.size_limit,
            // an instance measures what it runs
            size: 0,
            durability: Durability::of(&self.durability, self.durability_seconds),
            location: None,
            // that is between the gateway and its client
            hold: false,
        }
    }
}
