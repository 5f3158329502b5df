//! What is written down of a cluster: the one thing that engines agree on.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Member;

/// Milliseconds by the engine's clock.
pub type Millis = i64;

/// What is written down of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Record {
    /// Counts the writes: a write takes effect only while the store has the version before.
    pub version: u64,
    /// Counts the leaderships, and those that were only tried. A primary's timeline has the number of its term.
    pub term: u64,
    /// Who leads, or led last; during a takeover the one that is fenced.
    pub primary: Member,
    /// What is being done.
    pub step: Step,
    /// Every member, and what is known of its data.
    pub members: BTreeMap<Member, Standing>,
    /// Whether a commit waits for a standby.
    pub synchronous: bool,
    /// Every acknowledged commit is on one of these, where commits wait: whoever is promoted is compared with all of them.
    pub holders: BTreeSet<Member>,
    /// Who should lead, if somebody was named. Taken back when it could not be had, and by a failover.
    pub preferred: Option<Member>,
    /// How long things may take.
    pub timing: Timing,
}

/// What is being done, and why it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Step {
    /// Nothing: there is a primary.
    Steady,
    /// There is a new primary, and the rest is put in order behind it.
    Settle,
    /// Clients are held before a planned change of the primary. It still leads.
    Pause(Planned),
    /// The primary is stopped in peace. From here to `Promote` nobody may lead.
    Drain(Planned),
    /// The former primary is fenced, and a new one chosen: the planned one if there is one.
    Fence(Option<Planned>),
    /// One gets what only a stopped member has.
    Salvage {
        /// Whose disk is read.
        from: Member,
        /// Who will be promoted.
        to: Member,
    },
    /// This one may lead from now on.
    Promote {
        /// Who was chosen.
        to: Member,
    },
}

/// A change of the primary that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Planned {
    /// Who is to lead.
    pub to: Member,
    /// When the old one is taken back.
    pub until: Millis,
}

/// What is known of a member's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Standing {
    /// It has what the primary had when it was looked at last, and may be promoted. The primary itself has this standing.
    Following,
    /// It may have gone another way, or has no data yet. Never promoted while one that follows is there.
    Apart,
    /// It is followed again, and has to reach this position to be believed.
    Proving(u64),
    /// It is to go.
    Leaving,
}

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Timing {
    /// How long a lease lasts.
    pub lease: Millis,
    /// A lease that is not renewed counts for this much longer than it says: what clocks may differ by while it lasts.
    pub margin: Millis,
    /// For how long both probes may fail while the process lives; one alone for three times as long.
    pub patience: Millis,
    /// How long a planned change of the primary may take.
    pub switchover: Millis,
}

impl Default for Timing {
    fn default() -> Self {
        Self { lease: 5000, margin: 250, patience: 700, switchover: 10_000 }
    }
}

impl Record {
    /// A new cluster: the first member has its data already, and leads in term 1 on timeline 1.
    pub fn new(primary: Member, standbys: impl IntoIterator<Item = Member>, synchronous: bool, timing: Timing) -> Self {
        let mut members: BTreeMap<_, _> = standbys.into_iter().map(|member| (member, Standing::Apart)).collect();
        members.insert(primary, Standing::Following);
        let holders = BTreeSet::new();
        Self { version: 1, term: 1, primary, step: Step::Settle, members, synchronous, holders, preferred: None, timing }
    }

    /// Who may hold the lease in this record's term, if anybody may.
    pub fn leader(&self) -> Option<Member> {
        match self.step {
            Step::Steady | Step::Settle | Step::Pause(_) => Some(self.primary),
            Step::Promote { to } => Some(to),
            Step::Drain(_) | Step::Fence(_) | Step::Salvage { .. } => None,
        }
    }

    /// Whether this member may take or renew the lease in this term. The store asks so, in the same transaction.
    pub fn may_lead(&self, member: Member, term: u64) -> bool {
        self.term == term && self.leader() == Some(member)
    }

    /// Who may be promoted and is not the primary.
    pub fn followers(&self) -> impl Iterator<Item = Member> {
        self.members
            .iter()
            .filter(|(member, standing)| **standing == Standing::Following && **member != self.primary)
            .map(|(member, _)| *member)
    }

    pub(super) fn next(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }

    pub(super) fn at(&self, step: Step) -> Self {
        Self { step, ..self.next() }
    }

    pub(super) fn standing(&self, member: Member, standing: Standing) -> Self {
        let mut next = self.next();
        next.members.insert(member, standing);
        next
    }

    /// This one led, or may have: it is to be fenced, in a new term.
    pub(super) fn fencing(&self, old: Member) -> Self {
        let mut next = self.at(Step::Fence(None)).apart(old);
        (next.term, next.primary, next.preferred) = (self.term + 1, old, None);
        next
    }

    pub(super) fn apart(mut self, member: Member) -> Self {
        if let Some(standing) = self.members.get_mut(&member).filter(|standing| **standing != Standing::Leaving) {
            *standing = Standing::Apart;
        }
        self
    }
}
