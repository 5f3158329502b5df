//! Everything that can happen next.

use super::{
    super::{
        Act, approach,
        decide::{Rules, decide_by},
    },
    node::{Cut, Frozen},
    world::{NOW, World},
};

/// One thing that happens.
#[expect(dead_code, reason = "what is in it is read by those who read how something came about")]
#[derive(Clone, Debug)]
pub(super) enum Event {
    Tick,
    Commit(usize),
    Stream(usize),
    /// What was under way has arrived, and the receiver ends.
    Ends(usize),
    Act(Act),
    /// An engine decides so, and then takes long, or crashes: what it sent is under way.
    Slow(Act),
    Lands(Act),
    Kill(usize),
    Lose(usize),
    Freeze(usize, Frozen),
    Thaw(usize),
    Cut(usize, Cut),
    Heal(usize),
    StoreGone,
    StoreBack,
}

/// Which faults a scene has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Faults {
    pub(super) kill: bool,
    pub(super) freeze: bool,
    pub(super) cut: bool,
    pub(super) store: bool,
}

impl World {
    /// Every next state.
    pub(super) fn next(&self, rules: &Rules, faults: Faults) -> Vec<(Event, Self)> {
        let mut next = vec![];
        self.by_engines(rules, &mut next);
        self.by_itself(&mut next);
        self.by_healing(&mut next);
        if self.left.faults > 0 {
            self.by_fault(faults, &mut next);
        }
        for (_, world) in &mut next {
            world.settle();
        }
        next
    }

    fn with(&self, event: Event, change: impl FnOnce(&mut Self)) -> (Event, Self) {
        let mut world = self.clone();
        change(&mut world);
        (event, world)
    }

    /// A well engine looks, decides, and does the first thing that changes anything. A slow one did any of it long ago.
    fn by_engines(&self, rules: &Rules, next: &mut Vec<(Event, Self)>) {
        let mut acts = decide_by(rules, &self.record, &self.look(), NOW);
        // of two engines one may know what is wanted and the other not yet
        if let Some(act) = self.wanted() {
            next.extend(self.first(vec![act.clone()]).map(|(act, world)| (Event::Act(act), world)));
            acts.extend((self.left.late > 0).then_some(act));
        }
        if self.left.late > 0 {
            for act in acts.iter().filter(|act| !matches!(act, Act::Verify { .. })) {
                next.push(self.with(Event::Slow(act.clone()), |world| {
                    world.left.late -= 1;
                    world.late.push(self.sent_with_what_follows(rules, act.clone()));
                }));
            }
        }
        next.extend(self.first(acts).map(|(act, world)| (Event::Act(act), world)));
        for at in 0..self.late.len() {
            next.push(self.with(Event::Lands(self.late[at].act.clone()), |world| {
                let late = world.late.remove(at);
                world.deliver(&late);
            }));
        }
    }

    pub(super) fn first(&self, acts: Vec<Act>) -> Option<(Act, Self)> {
        acts.into_iter().find_map(|act| {
            let mut world = self.clone();
            world.deliver(&self.sent(act.clone()));
            (world != *self).then_some((act, world))
        })
    }

    /// What a well engine does next, if anything.
    pub(super) fn after_an_act(&self, rules: &Rules) -> Option<Self> {
        let acts = decide_by(rules, &self.record, &self.look(), NOW);
        let wanted = self.wanted().filter(|_| !matches!(acts[..], [Act::Write(_)]));
        self.first(wanted.into_iter().chain(acts).collect()).map(|(_, world)| world)
    }

    fn wanted(&self) -> Option<Act> {
        let wish = self.wish.as_ref().filter(|_| self.store)?;
        approach(&self.record, wish, &self.look()).map(|next| Act::Write(Box::new(next)))
    }

    fn by_itself(&self, next: &mut Vec<(Event, Self)>) {
        let ticked = self.with(Event::Tick, Self::tick);
        if ticked.1 != *self {
            next.push(ticked);
        }
        for at in 0..self.nodes.len() {
            if self.left.commits > 0 && self.nodes[at].leads() {
                next.push(self.with(Event::Commit(at), |world| world.commit(at)));
            }
            if let Some(world) = self.streamed(at) {
                next.push((Event::Stream(at), world));
            }
            if self.is_over(at) {
                next.push(self.with(Event::Ends(at), |world| world.nodes[at].receiving = false));
            }
        }
    }

    pub(super) fn commit(&mut self, at: usize) {
        // numbered from the end: the next one's number is how many are left
        let entry = (self.left.commits, self.nodes[at].timeline());
        self.nodes[at].log.push(entry);
        self.left.commits -= 1;
    }

    /// One more entry arrives; it may have been under way when the sender died.
    pub(super) fn streamed(&self, at: usize) -> Option<Self> {
        let node = &self.nodes[at];
        let from = self.nodes.0.get(usize::from(node.follows?))?;
        (node.receiving && node.moves() && from.log.len() > node.log.len() && node.begins(from)).then(|| {
            let mut world = self.clone();
            world.nodes[at].take(from, node.log.len() + 1);
            world
        })
    }

    pub(super) fn is_over(&self, at: usize) -> bool {
        let node = &self.nodes[at];
        node.receiving && node.moves() && !node.follows.is_some_and(|from| self.connected(at, from.into()))
    }

    fn by_healing(&self, next: &mut Vec<(Event, Self)>) {
        for at in 0..self.nodes.len() {
            if self.nodes[at].frozen != Frozen::No {
                next.push(self.with(Event::Thaw(at), |world| world.thaw(at)));
            }
            if self.nodes[at].cut != Cut::Nobody {
                next.push(self.with(Event::Heal(at), |world| world.nodes[at].cut = Cut::Nobody));
            }
        }
        if !self.store {
            next.push(self.with(Event::StoreBack, |world| world.store = true));
        }
    }

    /// Its node looks at the lease before its server does anything.
    pub(super) fn thaw(&mut self, at: usize) {
        self.nodes[at].frozen = Frozen::No;
        self.stop_without_lease(at);
    }

    fn by_fault(&self, faults: Faults, next: &mut Vec<(Event, Self)>) {
        let mut fault = |event, change: &dyn Fn(&mut Self)| {
            let (event, mut world) = self.with(event, |world| change(world));
            world.left.faults -= 1;
            next.push((event, world));
        };
        for at in 0..self.nodes.len() {
            let node = &self.nodes[at];
            if faults.kill && node.alive {
                fault(Event::Kill(at), &|world| world.nodes[at].stop());
            }
            if faults.kill && node.disk && self.left.losses > 0 {
                fault(Event::Lose(at), &|world| world.lose(at));
            }
            for frozen in [Frozen::Server, Frozen::Machine] {
                if faults.freeze && node.frozen == Frozen::No && node.alive {
                    fault(Event::Freeze(at, frozen), &|world| world.nodes[at].frozen = frozen);
                }
            }
            for cut in [Cut::Engines, Cut::EnginesAndStore, Cut::All] {
                if faults.cut && node.cut == Cut::Nobody {
                    fault(Event::Cut(at, cut), &|world| world.nodes[at].cut = cut);
                }
            }
        }
        if faults.store && self.store {
            fault(Event::StoreGone, &|world| world.store = false);
        }
    }

    /// The machine is gone with its disk, and an empty one is there.
    fn lose(&mut self, at: usize) {
        self.left.losses -= 1;
        let node = &mut self.nodes[at];
        node.stop();
        // its log stays for a while, as what is still under way to others
        (node.disk, node.role, node.term) = (false, None, 0);
    }
}
