//! What an engine sees of the small world.

use super::{
    super::{Look, Member, Millis, Role, Seen},
    node::{Frozen, Node, member},
    world::{NOW, TICK, World},
};

impl World {
    /// All that an engine sees that looks now.
    pub(super) fn look(&self) -> Look {
        let members = (0..self.nodes.len()).map(|at| (member(at), self.seen(at))).collect();
        Look {
            store: self.store,
            lease_until: Some(NOW + Millis::from(self.lease) * TICK),
            members,
            pooler: self.pooler.map(|(pooler, _)| pooler),
        }
    }

    fn seen(&self, at: usize) -> Seen {
        if self.answers(at) { self.nodes[at].seen() } else { Seen::default() }
    }
}

impl Node {
    fn seen(&self) -> Seen {
        let end = if self.disk { u64::try_from(self.log.len()).unwrap_or_default() } else { 0 };
        let silent = (self.frozen == Frozen::Server).then_some(NOW - TICK);
        Seen {
            reachable: true,
            alive: self.alive,
            warm_silent_since: silent,
            fresh_silent_since: silent,
            role: self.role,
            term: self.term,
            timeline: if self.disk { u64::from(self.timeline()) } else { 0 },
            history: if self.disk { self.history() } else { vec![] },
            received: end,
            replayed: end,
            receiving: self.receiving,
            follows: self.follows.filter(|_| self.role == Some(Role::Standby)).map(|follows| Member(follows.into())),
            disk: self.disk,
            spoilt: self.spoilt,
            fenced: self.fenced,
            promised_until: (self.promise > 0).then_some(NOW + Millis::from(self.promise) * TICK),
            names: self.names.as_ref().map(|names| names.iter().map(|name| Member((*name).into())).collect()),
            asks: self.asks.iter().map(|asked| Member((*asked).into())).collect(),
            checkpointed: self.checkpointed,
            cron: self.cron,
            outdated: self.outdated,
            busy: false,
        }
    }
}
