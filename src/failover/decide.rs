//! One look, and what follows from it.

use std::collections::BTreeMap;

use super::{Act, Look, Member, Millis, Record, Role, Seen, Step, lead, planned, takeover};

/// So many times longer one probe alone has to be silent.
const ALONE: Millis = 3;

/// What to do now: one write, or acts that the record allows as it stands. An act takes effect when a later look shows that it did.
pub fn decide(record: &Record, look: &Look, now: Millis) -> Vec<Act> {
    decide_by(&Rules::ALL, record, look, now)
}

/// What keeps a takeover from harm. Tests leave out one at a time, to see that it is needed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// The former primary is stopped for certain, or its lease is over.
    pub(super) fence: bool,
    /// A lease counts until it is over, and a while longer.
    pub(super) lease: bool,
    /// Nobody receives while positions are compared.
    pub(super) receivers: bool,
    /// Who has most is promoted.
    pub(super) furthest: bool,
    /// The new primary has a checkpoint before another is rewound from it.
    pub(super) checkpoint: bool,
    /// What only the stopped one's disk has is replayed first.
    pub(super) salvage: bool,
    /// Where commits wait, all who may have acknowledged one are compared.
    pub(super) holders: bool,
    /// Standbys are told to let go of the former primary.
    pub(super) detach: bool,
}

impl Rules {
    pub(super) const ALL: Self =
        Self { fence: true, lease: true, receivers: true, furthest: true, checkpoint: true, salvage: true, holders: true, detach: true };
}

pub(super) fn decide_by(rules: &Rules, record: &Record, look: &Look, now: Millis) -> Vec<Act> {
    // without the store nothing may be written, so nothing may be begun
    if !look.store {
        return vec![];
    }
    let view = View { rules, record, look, now };
    match record.step {
        Step::Steady | Step::Settle => lead::led(&view),
        Step::Pause(planned) => planned::pause(&view, planned),
        Step::Drain(planned) => planned::drain(&view, planned),
        Step::Fence(planned) => takeover::fence(&view, planned),
        Step::Salvage { from, to } => takeover::salvage(&view, from, to),
        Step::Promote { to } => takeover::promote(&view, to),
    }
}

/// The record and a look at its members.
pub(super) struct View<'a> {
    pub(super) rules: &'a Rules,
    pub(super) record: &'a Record,
    pub(super) look: &'a Look,
    pub(super) now: Millis,
}

impl View<'_> {
    /// What is seen of a member whose node answers.
    pub(super) fn seen(&self, member: Member) -> Option<&Seen> {
        self.look.members.get(&member).filter(|seen| seen.reachable)
    }

    /// All members of the record whose nodes answer.
    pub(super) fn all(&self) -> impl Iterator<Item = (Member, &Seen)> {
        self.record.members.keys().filter_map(|member| Some((*member, self.seen(*member)?)))
    }

    /// Those who may be promoted, as far as their nodes answer.
    pub(super) fn followers(&self) -> BTreeMap<Member, &Seen> {
        self.record.followers().filter_map(|member| Some((member, self.seen(member)?))).collect()
    }

    /// Whether nobody can hold the lease any more.
    pub(super) fn lease_is_over(&self) -> bool {
        !self.rules.lease || self.look.lease_until.is_none_or(|until| until + self.record.timing.margin <= self.now)
    }

    /// The primary of this term, while it leads.
    pub(super) fn leading(&self, member: Member) -> Option<&Seen> {
        self.seen(member).filter(|seen| seen.runs(Role::Primary) && seen.timeline == self.record.term)
    }

    /// Whether this one has to be replaced: its node says that it does not run, or nobody knows and its lease is over, or it answers no probe.
    pub(super) fn is_lost(&self, primary: Member) -> bool {
        if self.seen(primary).is_none() {
            return self.lease_is_over();
        }
        let Some(seen) = self.leading(primary) else { return true };
        // where the standbys are silent as well it is no hanging server but a load that all of them have
        let answers = |seen: &&Seen| seen.warm_silent_since.is_none() && seen.fresh_silent_since.is_none();
        self.hangs(seen) && self.followers().values().any(|seen| seen.runs(Role::Standby) && answers(seen))
    }

    /// Its process is there, and has answered neither probe for too long. Each of the two misses what the other one sees, so one alone counts as well,
    /// but only later.
    pub(super) fn hangs(&self, seen: &Seen) -> bool {
        let (patience, warm, fresh) = (self.record.timing.patience, seen.warm_silent_since, seen.fresh_silent_since);
        let over = |since: Option<Millis>, patience| since.is_some_and(|since| since + patience <= self.now);
        seen.alive
            && (over(warm.zip(fresh).map(|(warm, fresh)| warm.max(fresh)), patience)
                || over(warm, ALONE * patience)
                || over(fresh, ALONE * patience))
    }

    /// This one follows the primary of this term now.
    pub(super) fn streams(&self, member: Member) -> bool {
        self.seen(member).is_some_and(|seen| {
            let here = seen.timeline == self.record.term && seen.follows == Some(self.record.primary);
            here && seen.runs(Role::Standby) && seen.receiving && !seen.spoilt && !self.hangs(seen)
        })
    }

    /// Clients wait at the pooler rather than fail.
    pub(super) fn hold_clients(&self) -> Option<Act> {
        self.look.pooler.filter(|pooler| !pooler.paused).map(|_| Act::PausePooler)
    }
}

/// The one write of a look.
pub(super) fn write(record: Record) -> Vec<Act> {
    vec![Act::Write(Box::new(record))]
}
