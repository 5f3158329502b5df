//! What is seen of a cluster at one moment.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Member, Millis};

/// All that is seen at one moment. What can't be seen is left out, or says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Look {
    /// Whether the record and the lease can be read now.
    pub store: bool,
    /// Until when the lease may be held, whoever has it, by the clock of this engine: it counts from when this engine first saw this state of it.
    pub lease_until: Option<Millis>,
    /// Every member that was looked for.
    pub members: BTreeMap<Member, Seen>,
    /// The pooler, if there is one that answers.
    pub pooler: Option<Pooler>,
}

/// What is seen of a pooler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pooler {
    /// Whether clients are held.
    pub paused: bool,
    /// Where writes go.
    pub writes: Option<Member>,
}

/// What a server is, as its control file says while it is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// It wrote, or writes.
    Primary,
    /// It recovers.
    Standby,
}

/// A timeline and a position on it. Of two the further one is on the later timeline.
pub type Place = (u64, u64);

/// What is seen of a member. Where its node did not answer, nothing else counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Seen {
    /// Whether its node answers.
    pub reachable: bool,
    /// Whether the server's process is there.
    pub alive: bool,
    /// Since when a connection that stood before has not answered, while the process is there.
    pub warm_silent_since: Option<Millis>,
    /// Since when no new connection could be made, while the process is there.
    pub fresh_silent_since: Option<Millis>,
    /// What it is, running or stopped; nothing without data.
    pub role: Option<Role>,
    /// The newest term that its node was told of.
    pub term: u64,
    /// On which timeline it is.
    pub timeline: u64,
    /// The timelines before, and where each ended.
    pub history: Vec<Place>,
    /// The end of the log it has: flushed or received, or found on the disk of one that is stopped.
    pub received: u64,
    /// How far it has replayed.
    pub replayed: u64,
    /// Whether it is receiving, or what it received last is still being written.
    pub receiving: bool,
    /// Whom it follows.
    pub follows: Option<Member>,
    /// Whether its data is there and can be read.
    pub disk: bool,
    /// Whether the last rewind or start failed for good: only new data helps.
    pub spoilt: bool,
    /// Whether its node has made sure that nothing of it runs, and that nothing will without a new order.
    pub fenced: bool,
    /// Until when it has promised not to be promoted, for it acknowledged a primary that had no store.
    pub promised_until: Option<Millis>,
    /// Who may acknowledge its commits; nothing where none has to.
    pub names: Option<BTreeSet<Member>>,
    /// Whose acknowledgement it would need to go on without the store.
    pub asks: BTreeSet<Member>,
    /// Whether it had a checkpoint since it was promoted.
    pub checkpointed: bool,
    /// Whether its scheduled jobs run on its own port.
    pub cron: bool,
    /// Whether it runs with settings or a version that its row does not ask for.
    pub outdated: bool,
    /// Whether its node is at its data just now: it copies or rewinds it, or looks where that of one that has just ended ends.
    #[serde(default)]
    pub busy: bool,
}

impl Seen {
    /// How far its log goes.
    pub fn place(&self) -> Place {
        (self.timeline, self.received)
    }

    /// Whether its log is the beginning of the other's.
    pub fn leads_to(&self, other: &Self) -> bool {
        self.timeline == other.timeline || other.history.iter().any(|(timeline, end)| *timeline == self.timeline && self.received <= *end)
    }

    /// Its process is there, and somebody could be served.
    pub(super) fn runs(&self, role: Role) -> bool {
        self.reachable && self.alive && self.disk && self.role == Some(role)
    }

    /// Stopped, with data that can be read.
    pub(super) fn lies_still(&self) -> bool {
        self.reachable && !self.alive && self.disk && self.fenced
    }
}
