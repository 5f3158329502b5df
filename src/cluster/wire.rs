//! What controllers and agents say to each other.

use serde::{Deserialize, Serialize};

use crate::failover::{Act, Millis, Seen, Stamp};

/// An act, and the record it was decided on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) stamp: Stamp,
    pub(super) act: Act,
}

/// What an agent sees. Its clock is no other's, so times are told as how long ago.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Report {
    pub(super) seen: Seen,
    pub(super) warm_silent_for: Option<Millis>,
    pub(super) fresh_silent_for: Option<Millis>,
}

impl Report {
    /// By the clock of whoever asked.
    pub(super) fn at(self, now: Millis) -> Seen {
        let since = |silent: Option<Millis>| silent.map(|silent| now - silent);
        Seen {
            reachable: true,
            warm_silent_since: since(self.warm_silent_for),
            fresh_silent_since: since(self.fresh_silent_for),
            ..self.seen
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
}
