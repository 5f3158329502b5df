//! The small world: its state, and what follows in it by itself.

use std::rc::Rc;

use super::{
    super::{Act, Member, Millis, Pooler, Record, Role, Standing, Step, Timing, Wish},
    node::{Cut, Frozen, Node, Nodes},
};

/// Now, always: what is written down of times moves instead.
pub(super) const NOW: Millis = 1_000_000;
pub(super) const TICK: Millis = 1000;
/// How many ticks a lease says it lasts.
const LEASE: i8 = 1;
/// The margin, and by how much a holder's clock may be slow.
pub(super) const MARGIN: i8 = 1;
/// By a slow clock.
pub(super) const OWN: u8 = 2;

/// What can still happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Left {
    pub(super) faults: u8,
    pub(super) late: u8,
    pub(super) commits: u8,
    pub(super) losses: u8,
}

/// An act on its way from an engine that was slow, or has crashed since.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Late {
    pub(super) act: Act,
    pub(super) term: u64,
    /// Whether the record is still the one it was decided on.
    pub(super) current: bool,
    pub(super) excused: u16,
    /// What follows from a write, by the look it was decided on: an engine does not look again before it has that done.
    pub(super) then: Vec<Act>,
}

/// A state of the small world.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct World {
    pub(super) record: Rc<Record>,
    pub(super) nodes: Nodes,
    pub(super) store: bool,
    /// For how many ticks more the store says that the lease is held.
    pub(super) lease: i8,
    pub(super) late: Vec<Late>,
    /// The commits that somebody was told of.
    pub(super) acknowledged: u16,
    /// Of these, whom nobody had to wait for when they were made, while commits have not begun to wait since they should.
    pub(super) soft: u16,
    /// Commits have begun to wait.
    pub(super) waits: bool,
    /// What is wanted, where that is not what is written down.
    pub(super) wish: Option<Wish>,
    pub(super) pooler: Option<(Pooler, u64)>,
    /// When the next one was chosen, these commits could not be had: the last one's disk was out of reach, and no standby that answered had them.
    pub(super) excused: u16,
    /// What must never happen, and did.
    pub(super) harm: Option<&'static str>,
    /// Nodes do whatever they are told, however late: to see what `heeds` is for.
    pub(super) heedless: bool,
    pub(super) left: Left,
}

impl World {
    pub(super) fn new(synchronous: bool, pooler: bool, left: Left) -> Self {
        let timing =
            Timing { lease: Millis::from(LEASE) * TICK, margin: Millis::from(MARGIN) * TICK, patience: TICK, switchover: 2 * TICK };
        let all = [Member(0), Member(1), Member(2)];
        let mut record = Record::new(all[0], all, synchronous, timing);
        record.step = Step::Steady;
        record.members = all.into_iter().map(|member| (member, Standing::Following)).collect();
        record.holders = if synchronous { [all[1], all[2]].into() } else { [].into() };
        record.version = 10;
        let mut primary = Node::standby(0);
        (primary.role, primary.follows, primary.receiving) = (Some(Role::Primary), None, false);
        (primary.own, primary.asks, primary.names) = (OWN, vec![1, 2], synchronous.then(|| vec![1, 2]));
        let nodes = Nodes([primary, Node::standby(0), Node::standby(0)].map(Rc::new).into());
        let pooler = pooler.then_some((Pooler { paused: false, writes: Some(all[0]) }, 1));
        Self {
            record: Rc::new(record),
            nodes,
            store: true,
            lease: LEASE,
            late: vec![],
            acknowledged: 0,
            soft: 0,
            waits: synchronous,
            wish: None,
            pooler,
            excused: 0,
            harm: None,
            heedless: false,
            left,
        }
    }

    /// An engine reaches its node.
    pub(super) fn answers(&self, at: usize) -> bool {
        self.nodes[at].cut == Cut::Nobody && self.nodes[at].frozen != Frozen::Machine
    }

    /// Its node reads the store.
    pub(super) fn reads(&self, at: usize) -> bool {
        let node = &self.nodes[at];
        self.store && matches!(node.cut, Cut::Nobody | Cut::Engines) && node.frozen != Frozen::Machine
    }

    /// The two machines reach each other.
    fn linked(&self, one: usize, other: usize) -> bool {
        [one, other].iter().all(|at| self.nodes[*at].cut != Cut::All && self.nodes[*at].frozen != Frozen::Machine)
    }

    /// The standby receives from one that sends.
    pub(super) fn connected(&self, standby: usize, primary: usize) -> bool {
        let (to, from) = (&self.nodes[standby], &self.nodes[primary]);
        to.receiving
            && to.follows == u8::try_from(primary).ok()
            && to.moves()
            && from.moves()
            && from.role == Some(Role::Primary)
            && self.linked(standby, primary)
    }

    /// A commit on this one would be acknowledged.
    pub(super) fn takes_commits(&self, at: usize) -> bool {
        let node = &self.nodes[at];
        node.leads() && node.names.as_ref().is_none_or(|names| names.iter().any(|name| self.connected((*name).into(), at)))
    }

    /// What happens without anybody's doing: connections come about, commits are acknowledged.
    pub(super) fn settle(&mut self) {
        for at in 0..self.nodes.len() {
            let Some(from) = self.nodes[at].follows.map(usize::from) else { continue };
            let (to, sender) = (&self.nodes[at], &self.nodes[from]);
            let both = to.moves() && sender.moves() && sender.role == Some(Role::Primary) && self.linked(at, from);
            let begins = both && at != from && to.role == Some(Role::Standby) && !to.spoilt && to.begins(sender);
            if begins && !(to.receiving && to.is_on(sender)) {
                let (sender, length) = (sender.clone(), to.log.len());
                self.nodes[at].receiving = true;
                self.nodes[at].take(&sender, length);
            }
        }
        for at in 0..self.nodes.len() {
            for (place, (commit, _)) in self.nodes[at].log.iter().enumerate().filter(|_| self.nodes[at].leads()) {
                let told = |name: &u8| self.connected((*name).into(), at) && self.nodes[usize::from(*name)].log.len() > place;
                let (bit, names) = (1 << commit, self.nodes[at].names.as_ref());
                let waited = names.is_some_and(|names| names.iter().any(told));
                if names.is_none() && self.acknowledged & bit == 0 && !self.waits {
                    self.soft |= bit;
                }
                if waited {
                    self.soft &= !bit;
                }
                if names.is_none() || waited {
                    self.acknowledged |= bit;
                }
            }
            self.waits |= self.record.synchronous && self.nodes[at].leads() && self.nodes[at].names.is_some();
        }
    }

    /// A while passes: leases run down, and whoever may renews his.
    pub(super) fn tick(&mut self) {
        self.lease = (self.lease - 1).max(-MARGIN);
        if let Some(until) = self.record.step.until() {
            Rc::make_mut(&mut self.record).step.set_until((until - TICK).max(NOW - TICK));
        }
        for at in (0..self.nodes.len()).filter(|at| self.nodes[*at].own + self.nodes[*at].promise > 0).collect::<Vec<_>>() {
            let node = &mut self.nodes[at];
            (node.own, node.promise) = (node.own.saturating_sub(1), node.promise.saturating_sub(1));
        }
        for at in 0..self.nodes.len() {
            let node = &self.nodes[at];
            if node.alive && node.role == Some(Role::Primary) && node.frozen != Frozen::Machine {
                self.renew(at);
            }
            self.stop_without_lease(at);
        }
    }

    fn renew(&mut self, at: usize) {
        let term = u64::from(self.nodes[at].timeline());
        if self.reads(at) {
            if self.record.may_lead(super::node::member(at), term) {
                self.take_lease(at);
            }
            return;
        }
        let asks: Vec<usize> = self.nodes[at].asks.iter().map(|member| usize::from(*member)).collect();
        if asks.iter().all(|other| self.linked(at, *other) && self.nodes[*other].term <= term) && self.nodes[at].own > 0 {
            asks.iter().for_each(|other| self.nodes[*other].promise = OWN);
            self.nodes[at].own = OWN;
        }
    }

    pub(super) fn take_lease(&mut self, at: usize) {
        let others = self.record.members.keys().filter(|member| **member != super::node::member(at));
        self.nodes[at].asks = others.filter_map(|member| u8::try_from(member.0).ok()).collect();
        (self.nodes[at].own, self.lease) = (OWN, LEASE);
    }

    /// A node whose lease is over stops its server, as soon as it can.
    pub(super) fn stop_without_lease(&mut self, at: usize) {
        let node = &self.nodes[at];
        if node.role == Some(Role::Primary) && node.alive && node.own == 0 && node.frozen != Frozen::Machine {
            self.nodes[at].stop();
        }
    }
}

impl Step {
    fn until(&self) -> Option<Millis> {
        match self {
            Self::Pause(planned) | Self::Drain(planned) | Self::Fence(Some(planned)) => Some(planned.until),
            _ => None,
        }
    }

    fn set_until(&mut self, until: Millis) {
        if let Self::Pause(planned) | Self::Drain(planned) | Self::Fence(Some(planned)) = self {
            planned.until = until;
        }
    }
}
