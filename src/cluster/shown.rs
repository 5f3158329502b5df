//! A cluster as its controller knows it: all that somebody may want to be told.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    backup,
    book::State,
    registry::{Peer, PoolerPlace},
};
use crate::failover::{Member, Seen};

/// A cluster, as it is written down and seen.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// What is written down: the record, the lease, the last change of the primary.
    pub state: State,
    /// What is seen of each member.
    pub members: BTreeMap<Member, Seen>,
    /// Where each is, and what it runs.
    pub places: BTreeMap<Member, Peer>,
    /// When each one's certificate ends, as far as it answers; it is renewed before.
    pub certificates: BTreeMap<Member, DateTime<Utc>>,
    /// What whoever leads says of backups.
    pub backups: Option<backup::Seen>,
    /// Which settings could not be had, and why.
    pub complaints: BTreeMap<Member, String>,
    /// The poolers, by what they are called in the registry.
    pub poolers: BTreeMap<String, ShownPooler>,
}

/// A pooler.
#[derive(Clone, Debug, Serialize)]
pub struct ShownPooler {
    /// Where it is, and what it runs.
    pub place: PoolerPlace,
    /// Whether it answers.
    pub answers: bool,
    /// Whether it holds clients.
    pub paused: bool,
    /// Whether it knows the members and who leads, as they are written down now.
    pub current: bool,
    /// How many clients it has.
    pub clients: u64,
    /// When its certificate ends; it is renewed before.
    pub certificate_ends: Option<DateTime<Utc>>,
}
