//! Every state that can be reached, breadth first, and what is asked of each.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
};

use super::{
    super::{Standing, Step, decide::Rules},
    happen::{Event, Faults},
    node::{Cut, Frozen},
    world::World,
};

/// What was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) states: usize,
    pub(super) deepest: usize,
    /// What is broken, and how it came about.
    pub(super) harm: Option<(&'static str, Vec<String>)>,
}

fn fingerprint(world: &World) -> u64 {
    let mut hasher = DefaultHasher::new();
    world.hash(&mut hasher);
    hasher.finish()
}

/// Looks at every state that can follow from this one, until something is broken.
pub(super) fn explore(rules: &Rules, faults: Faults, begin: World) -> Found {
    let mut ways: HashMap<u64, (u64, Option<Event>, usize)> = HashMap::new();
    let mut quiet = HashSet::new();
    let mut left = VecDeque::new();
    ways.insert(fingerprint(&begin), (0, None, 0));
    left.push_back(begin);
    let mut deepest = 0;
    while let Some(world) = left.pop_front() {
        let at = fingerprint(&world);
        deepest = ways.get(&at).map_or(deepest, |(.., depth)| *depth);
        if let Some(harm) = harm(&world).or_else(|| unrest(rules, &world, &mut quiet)) {
            return Found { states: ways.len(), deepest, harm: Some((harm, way(&ways, at, &world))) };
        }
        for (event, next) in world.next(rules, faults) {
            ways.entry(fingerprint(&next)).or_insert_with(|| {
                left.push_back(next);
                (at, Some(event), deepest + 1)
            });
        }
    }
    Found { states: ways.len(), deepest, harm: None }
}

/// How it came to this.
fn way(ways: &HashMap<u64, (u64, Option<Event>, usize)>, mut at: u64, world: &World) -> Vec<String> {
    let mut steps = vec![format!("{world:#?}")];
    while let Some((before, Some(event), _)) = ways.get(&at) {
        steps.push(format!("{event:?}"));
        at = *before;
    }
    steps.reverse();
    steps
}

/// What must not be, in any state.
fn harm(world: &World) -> Option<&'static str> {
    let all = 0..world.nodes.len();
    if all.clone().filter(|at| world.takes_commits(*at)).count() > 1 {
        return Some("two primaries take commits");
    }
    if all.into_iter().any(|at| world.takes_commits(at) && world.acknowledged & !world.nodes[at].commits() != 0) {
        return Some("a commit that was acknowledged is lost");
    }
    if world.strays() {
        return Some("one that is said to follow went another way");
    }
    world.harm
}

/// How many steps a cluster may take to come to rest.
const STEPS: usize = 200;

/// When faults end, the cluster comes to rest: a primary that all others follow. What has been seen to come to rest is known.
fn unrest(rules: &Rules, world: &World, quiet: &mut HashSet<u64>) -> Option<&'static str> {
    let mut world = without_faults(world);
    if world.is_beyond_help() {
        return None;
    }
    let mut seen = vec![];
    for _ in 0..STEPS {
        let at = fingerprint(&world);
        if quiet.contains(&at) || world.rests() {
            quiet.extend(seen);
            quiet.insert(at);
            return None;
        }
        seen.push(at);
        match world.after_an_act(rules) {
            Some(next) => world = next,
            None => world.pass(),
        }
        world.settle();
        if let Some(harm) = harm(&world) {
            return Some(harm);
        }
    }
    Some("it does not come to rest")
}

fn without_faults(world: &World) -> World {
    let mut world = world.clone();
    world.store = true;
    for at in 0..world.nodes.len() {
        world.nodes[at].cut = Cut::Nobody;
        if world.nodes[at].frozen != Frozen::No {
            world.thaw(at);
        }
    }
    (world.left.faults, world.left.late, world.left.commits, world.left.losses) = (0, 0, 0, 0);
    for late in std::mem::take(&mut world.late) {
        world.deliver(&late);
        world.settle();
    }
    world.settle();
    world
}

impl World {
    /// What is under way arrives, and a while passes.
    pub(super) fn pass(&mut self) {
        for at in 0..self.nodes.len() {
            while let Some(next) = self.streamed(at) {
                *self = next;
            }
            self.settle();
            if self.is_over(at) {
                self.nodes[at].receiving = false;
            }
        }
        self.tick();
    }

    /// A disk is gone that may have had what no other has: nobody is promoted without a human word.
    fn is_beyond_help(&self) -> bool {
        let gone = |member: &super::super::Member| self.nodes.0.get(usize::from(member.0)).is_some_and(|node| !node.disk);
        self.record.holders.iter().any(gone)
    }

    pub(super) fn rests(&self) -> bool {
        let primary = usize::from(self.record.primary.0);
        let follows = |at: usize| at == primary || self.connected(at, primary) && self.nodes[at].log == self.nodes[primary].log;
        let pooler = self.pooler.is_none_or(|(pooler, _)| !pooler.paused && pooler.writes == Some(self.record.primary));
        self.record.step == Step::Steady
            && self.takes_commits(primary)
            && self.record.members.values().all(|standing| *standing == Standing::Following)
            && (0..self.nodes.len()).all(follows)
            && self.record.preferred.is_none_or(|preferred| preferred == self.record.primary)
            && self.nodes.0.iter().all(|node| !node.outdated)
            && self.nodes[primary].cron
            && self.wish.as_ref().is_none_or(|wish| wish.synchronous == self.record.synchronous)
            && pooler
    }
}
