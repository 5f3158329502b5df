//! What is done, and by what a node knows that an order comes too late.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Member, Millis, Record, Role};

/// One thing to do now. Each may be done twice.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Act {
    /// Set the record, if the store still has the version before.
    Write(Box<Record>),
    /// Stop the whole process tree at once, by whatever way there is, and see that nothing starts again by itself.
    Fence(Member),
    /// Note the term, acknowledge no primary of an older one, and receive from nobody.
    Detach(Member),
    /// Replay what only the other's disk has.
    Salvage {
        /// Stopped; its disk is read.
        from: Member,
        /// A standby.
        to: Member,
    },
    /// Take the lease, replay all there is, and lead on a timeline with the number of the term. One that is stopped starts first.
    Promote {
        /// Who.
        member: Member,
        /// In which term.
        term: u64,
        /// Who may acknowledge its commits. With an empty set they wait; with none they need not.
        names: Option<BTreeSet<Member>>,
    },
    /// Follow this primary, without a restart.
    Rewire {
        /// A running standby.
        member: Member,
        /// The primary.
        to: Member,
    },
    /// Let the jobs run on this server's port.
    RepairCron(Member),
    /// Send writes there, and cut those who write elsewhere.
    Reroute(Member),
    /// Without one, a rewind from a new primary finds nothing to do.
    Checkpoint(Member),
    /// Take back what the primary does not have.
    Rewind {
        /// Stopped.
        member: Member,
        /// The primary.
        from: Member,
    },
    /// Copy all data anew.
    Rebuild {
        /// Stopped.
        member: Member,
        /// The primary.
        from: Member,
    },
    /// Ask again soon whether it has replayed so far.
    Verify {
        /// A standby.
        member: Member,
        /// A position on the primary's timeline.
        position: u64,
    },
    /// Start as a standby.
    Start {
        /// Stopped.
        member: Member,
        /// The primary, or nobody yet.
        follow: Option<Member>,
    },
    /// Say whose acknowledgement a commit waits for.
    Synchronise {
        /// The primary.
        member: Member,
        /// As in `Promote`.
        names: Option<BTreeSet<Member>>,
    },
    /// Hold clients.
    PausePooler,
    /// Let them go on.
    ResumePooler,
    /// Stop in peace: a primary sends its standbys everything first.
    Stop(Member),
}

impl Act {
    /// Whose node carries it out; nobody's where it is the engine's own doing.
    pub fn member(&self) -> Option<Member> {
        match self {
            Self::Fence(member) | Self::Detach(member) | Self::Stop(member) | Self::RepairCron(member) | Self::Checkpoint(member) => {
                Some(*member)
            }
            Self::Salvage { to, .. } => Some(*to),
            Self::Promote { member, .. } | Self::Rewire { member, .. } | Self::Rewind { member, .. } | Self::Rebuild { member, .. } => {
                Some(*member)
            }
            Self::Verify { member, .. } | Self::Start { member, .. } | Self::Synchronise { member, .. } => Some(*member),
            Self::Write(_) | Self::Reroute(_) | Self::PausePooler | Self::ResumePooler => None,
        }
    }
}

/// Which record an act was decided on. It goes with every act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// The record's term.
    pub term: u64,
    /// The record's version.
    pub version: u64,
}

/// What a node knows of itself when an order comes. It handles one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Told {
    /// Whom the order is for.
    pub member: Member,
    /// The newest term it was told of; kept on its disk.
    pub term: u64,
    /// Whether its server runs.
    pub alive: bool,
    /// What its server is.
    pub role: Option<Role>,
    /// Its timeline.
    pub timeline: u64,
    /// As in `Seen`.
    pub promised_until: Option<Millis>,
}

/// Whether a node does what it is told: the other half of every decision. `kept` is the record as the store has it at this moment, if it can be read.
///
/// 1. Nothing of an older term.
/// 2. A primary is not stopped, nor made a standby, by its own term.
/// 3. Whoever is promoted is the one whom the record names now, has commits wait if it says so now, and keeps what it promised.
/// 4. What destroys data, or changes whose word a commit needs, only while the record is the one it was decided on; and never under a running server.
pub fn heeds(told: &Told, act: &Act, stamp: Stamp, kept: Option<&Record>, now: Millis) -> bool {
    let leads = told.alive && told.role == Some(Role::Primary) && told.timeline == stamp.term;
    let standby = told.alive && told.role == Some(Role::Standby);
    let still_so = kept.is_some_and(|kept| kept.version == stamp.version);
    stamp.term >= told.term
        && match act {
            Act::Fence(_) | Act::Stop(_) | Act::Detach(_) => !leads,
            Act::Start { .. } => !told.alive && told.role.is_some(),
            Act::Rewire { .. } | Act::Salvage { .. } => standby,
            Act::Promote { term, names, .. } => {
                let free = told.promised_until.is_none_or(|until| until <= now);
                let is_meant = |kept: &Record| kept.may_lead(told.member, *term) && kept.synchronous == names.is_some();
                !leads && free && told.role.is_some() && kept.is_some_and(is_meant)
            }
            Act::Rewind { .. } | Act::Rebuild { .. } => !told.alive && still_so,
            Act::Synchronise { .. } => leads && still_so,
            Act::RepairCron(_) | Act::Checkpoint(_) => leads,
            Act::Verify { .. } => true,
            Act::Write(_) | Act::Reroute(_) | Act::PausePooler | Act::ResumePooler => false,
        }
}
