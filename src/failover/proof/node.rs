//! A member of the small world: what its node and its server do.

use std::{
    ops::{Index, IndexMut},
    rc::Rc,
};

use super::super::{Member, Place, Role};

/// A commit and the timeline it was made on.
type Entry = (u8, u8);

/// How a machine stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Frozen {
    No,
    /// Its server hangs; its node is well.
    Server,
    /// All of it, its node too.
    Machine,
}

/// Who can't be reached from a machine, and can't reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Cut {
    Nobody,
    Engines,
    EnginesAndStore,
    All,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Node {
    pub(super) alive: bool,
    pub(super) frozen: Frozen,
    pub(super) cut: Cut,
    pub(super) disk: bool,
    pub(super) spoilt: bool,
    pub(super) fenced: bool,
    pub(super) role: Option<Role>,
    /// The newest term it was told of.
    pub(super) term: u64,
    /// Each timeline it was on, and where that began; the last one is its own.
    pub(super) timelines: Vec<(u8, u8)>,
    pub(super) log: Vec<Entry>,
    /// For how many ticks more it may lead, by its own slow clock.
    pub(super) own: u8,
    /// For how many ticks more it refuses to be promoted.
    pub(super) promise: u8,
    pub(super) receiving: bool,
    pub(super) follows: Option<u8>,
    pub(super) names: Option<Vec<u8>>,
    pub(super) asks: Vec<u8>,
    pub(super) checkpointed: bool,
    pub(super) cron: bool,
    pub(super) outdated: bool,
}

/// All members. Worlds share those that are alike.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Nodes(pub(super) Vec<Rc<Node>>);

impl Nodes {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Index<usize> for Nodes {
    type Output = Node;

    fn index(&self, at: usize) -> &Node {
        &self.0[at]
    }
}

impl IndexMut<usize> for Nodes {
    fn index_mut(&mut self, at: usize) -> &mut Node {
        Rc::make_mut(&mut self.0[at])
    }
}

impl Node {
    pub(super) fn standby(follows: u8) -> Self {
        Self {
            alive: true,
            frozen: Frozen::No,
            cut: Cut::Nobody,
            disk: true,
            spoilt: false,
            fenced: false,
            role: Some(Role::Standby),
            term: 1,
            timelines: vec![(1, 0)],
            log: vec![],
            own: 0,
            promise: 0,
            receiving: true,
            follows: Some(follows),
            names: None,
            asks: vec![],
            checkpointed: true,
            cron: true,
            outdated: false,
        }
    }

    pub(super) fn timeline(&self) -> u8 {
        self.timelines.last().map_or(0, |(timeline, _)| *timeline)
    }

    /// The timelines before its own, and where each ended.
    pub(super) fn history(&self) -> Vec<Place> {
        self.timelines.windows(2).map(|pair| (u64::from(pair[0].0), u64::from(pair[1].1))).collect()
    }

    /// Whether its log is a beginning of the other's.
    pub(super) fn begins(&self, other: &Self) -> bool {
        other.log.starts_with(&self.log)
    }

    /// Takes so many of the other's entries, and with them its timelines.
    pub(super) fn take(&mut self, other: &Self, length: usize) {
        self.log = other.log[..length].to_vec();
        self.timelines = other.timelines.iter().copied().filter(|(_, start)| usize::from(*start) <= length).collect();
    }

    /// Whether it is on the other's timelines as far as its log goes.
    pub(super) fn is_on(&self, other: &Self) -> bool {
        other.timelines.iter().filter(|(_, start)| usize::from(*start) <= self.log.len()).eq(&self.timelines)
    }

    /// One bit for each commit it has.
    pub(super) fn commits(&self) -> u16 {
        self.log.iter().fold(0, |all, (commit, _)| all | 1 << commit)
    }

    /// Its server can do something.
    pub(super) fn moves(&self) -> bool {
        self.alive && self.frozen == Frozen::No
    }

    /// Its server can do something for whoever writes.
    pub(super) fn leads(&self) -> bool {
        self.moves() && self.role == Some(Role::Primary) && self.own > 0
    }

    pub(super) fn stop(&mut self) {
        (self.alive, self.receiving, self.own) = (false, false, 0);
        if self.frozen == Frozen::Server {
            self.frozen = Frozen::No;
        }
    }
}

/// The member with this place in the world.
pub(super) fn member(at: usize) -> Member {
    Member(u16::try_from(at).unwrap_or_default())
}
