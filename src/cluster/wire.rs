//! What controllers and agents say to each other.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::Duration,
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{backup, registry::Addresses};
use crate::failover::{Act, Member, Millis, Seen, Stamp};

/// An act, and the record it was decided on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) stamp: Stamp,
    pub(super) act: Act,
    /// Where others are.
    pub(super) at: BTreeMap<Member, Addresses>,
}

/// What an agent sees. Its clock is no other's, so times are told as how long ago.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Report {
    pub(super) seen: Seen,
    pub(super) warm_silent_for: Option<Millis>,
    pub(super) fresh_silent_for: Option<Millis>,
    /// How long its promise not to lead still holds.
    #[serde(default)]
    pub(super) promised_for: Option<Millis>,
    pub(super) extra: Extra,
}

/// What decides nothing, and has to be looked after too.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Extra {
    /// Where whom it follows was.
    pub(super) follows: Option<SocketAddr>,
    pub(super) settings: BTreeMap<String, String>,
    pub(super) furnished: Option<BTreeSet<String>>,
    pub(super) certificate_ends: DateTime<Utc>,
    #[serde(default)]
    pub(super) backups: Option<backup::Seen>,
}

/// How long this is, for what counts in milliseconds.
pub(super) fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}

impl Report {
    /// By the clock of whoever asked.
    pub(super) fn at(&self, now: Millis) -> Seen {
        let since = |silent: Option<Millis>| silent.map(|silent| now - silent);
        Seen {
            reachable: true,
            promised_until: self.promised_for.map(|left| now + left),
            warm_silent_since: since(self.warm_silent_for),
            fresh_silent_since: since(self.fresh_silent_for),
            ..self.seen.clone()
        }
    }
}

/// How an order went.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) done: bool,
    /// Why not, or that it goes on.
    pub(super) said: String,
}

/// A file of the log of one that is stopped.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Piece {
    pub(super) name: String,
    /// How long the file is, and how much of it was written.
    pub(super) size: u64,
    pub(super) length: u64,
}
