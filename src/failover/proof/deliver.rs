//! What acts do to the small world.

use std::{collections::BTreeSet, rc::Rc};

use super::{
    super::{
        Act, Member, Millis, Pooler, Record, Role, Stamp, Standing, Step, Told,
        decide::{Rules, decide_by},
        heeds,
    },
    node::Node,
    world::{Late, NOW, OWN, TICK, World},
};

fn place(member: Member) -> usize {
    member.0.into()
}

fn set(names: &BTreeSet<Member>) -> Vec<u8> {
    names.iter().filter_map(|name| u8::try_from(name.0).ok()).collect()
}

impl World {
    /// An act as it leaves an engine that has just looked.
    pub(super) fn sent(&self, act: Act) -> Late {
        Late { act, term: self.record.term, current: true, excused: self.out_of_reach(), then: vec![] }
    }

    /// The same with what follows from it, where it is a write.
    pub(super) fn sent_with_what_follows(&self, rules: &Rules, act: Act) -> Late {
        let then = match &act {
            Act::Write(next) => decide_by(rules, next, &self.look(), NOW),
            _ => vec![],
        };
        let then = if let [Act::Write(_)] = then[..] { vec![] } else { then };
        Late { then, ..self.sent(act) }
    }

    /// The commits that may be lost by whoever is chosen now: none that waited where commits wait, and none where the one that led is fenced and its disk can be read.
    fn out_of_reach(&self) -> u16 {
        if self.can_be_read(place(self.record.primary)) {
            return 0;
        }
        let had = self.record.followers().map(place).filter(|at| self.answers(*at) && self.nodes[*at].disk);
        let lost = !had.fold(0, |all, at| all | self.nodes[at].commits());
        if self.record.synchronous { lost & self.soft } else { lost }
    }

    fn can_be_read(&self, at: usize) -> bool {
        let node = &self.nodes[at];
        self.answers(at) && !node.alive && node.fenced && node.disk
    }

    /// It arrives. Answers whether somebody heeded it.
    pub(super) fn deliver(&mut self, sent: &Late) {
        match &sent.act {
            Act::Write(next) => self.write(next, sent),
            Act::Reroute(_) | Act::PausePooler | Act::ResumePooler => self.at_the_pooler(sent),
            act => {
                if let Some(at) = act.member().map(place).filter(|at| self.answers(*at)) {
                    self.order(at, sent);
                }
            }
        }
    }

    fn write(&mut self, next: &Record, sent: &Late) {
        if !self.store || !sent.current {
            return;
        }
        self.late.iter_mut().for_each(|late| late.current = false);
        match next.step {
            Step::Promote { .. } => self.excused |= sent.excused,
            Step::Steady | Step::Settle => self.excused = 0,
            _ => {}
        }
        // versions are only ever compared with the present one
        self.record = Rc::new(Record { version: self.record.version, ..next.clone() });
        for act in &sent.then {
            let follows = self.sent(act.clone());
            self.deliver(&follows);
        }
    }

    fn at_the_pooler(&mut self, sent: &Late) {
        let Some((pooler, term)) = self.pooler.as_mut().filter(|(_, term)| sent.term >= *term) else { return };
        *term = sent.term;
        match sent.act {
            Act::Reroute(to) => *pooler = Pooler { writes: Some(to), ..*pooler },
            Act::PausePooler => pooler.paused = true,
            _ => pooler.paused = false,
        }
    }

    fn order(&mut self, at: usize, sent: &Late) {
        let version = if sent.current { self.record.version } else { self.record.version - 1 };
        let stamp = Stamp { term: sent.term, version };
        let node = &self.nodes[at];
        let promised_until = (node.promise > 0).then_some(NOW + Millis::from(node.promise) * TICK);
        let (term, alive, role, timeline) = (node.term, node.alive, node.role, u64::from(node.timeline()));
        let told = Told { member: super::node::member(at), term, alive, role, timeline, promised_until };
        let kept = self.reads(at).then(|| self.record.clone());
        if !self.heedless && !heeds(&told, &sent.act, stamp, kept.as_deref(), NOW) {
            return;
        }
        self.nodes[at].term = sent.term;
        match &sent.act {
            Act::Promote { names, .. } => self.promote(at, names.as_ref()),
            Act::Salvage { from, .. } => self.salvage(at, place(*from)),
            Act::Rewind { from, .. } => self.rewind(at, place(*from)),
            Act::Rebuild { from, .. } => self.rebuild(at, place(*from)),
            Act::Stop(_) => self.stop(at),
            act => self.nodes[at].obey(act),
        }
    }

    fn promote(&mut self, at: usize, names: Option<&BTreeSet<Member>>) {
        let node = &mut self.nodes[at];
        if !node.disk || node.spoilt {
            return;
        }
        let began = u8::try_from(node.log.len()).unwrap_or_default();
        node.timelines.push((u8::try_from(node.term).unwrap_or_default(), began));
        (node.alive, node.fenced, node.role, node.follows) = (true, false, Some(Role::Primary), None);
        (node.receiving, node.checkpointed, node.cron) = (false, false, false);
        (node.names, node.own, node.outdated) = (names.map(set), OWN, false);
        self.take_lease(at);
        self.acknowledged &= self.nodes[at].commits() | !self.excused;
        self.excused = 0;
    }

    fn salvage(&mut self, at: usize, from: usize) {
        if self.can_be_read(from) && self.nodes[at].begins(&self.nodes[from]) {
            let source = self.nodes[from].clone();
            self.nodes[at].take(&source, source.log.len());
        }
    }

    fn rewind(&mut self, at: usize, from: usize) {
        let source = self.nodes[from].clone();
        if !source.leads() || !self.answers(from) || !self.nodes[at].disk {
            return;
        }
        if !source.checkpointed {
            self.nodes[at].spoilt = true;
            self.harm = Some("a rewind that found nothing to do left a standby that never starts");
            return;
        }
        self.nodes[at].copy(&source);
    }

    fn rebuild(&mut self, at: usize, from: usize) {
        let source = self.nodes[from].clone();
        if source.leads() && self.answers(from) {
            self.nodes[at].copy(&source);
        }
    }

    fn stop(&mut self, at: usize) {
        for other in (0..self.nodes.len()).filter(|other| self.nodes[at].moves() && self.connected(*other, at)).collect::<Vec<_>>() {
            let source = self.nodes[at].clone();
            self.nodes[other].take(&source, source.log.len());
        }
        self.settle();
        self.nodes[at].stop();
    }

    /// Whom the record calls following, and who could not.
    pub(super) fn strays(&self) -> bool {
        let Some(primary) = self.nodes.0.get(place(self.record.primary)) else { return false };
        let leads = u64::from(primary.timeline()) == self.record.term && primary.role == Some(Role::Primary);
        let follows = |at: &usize| self.record.members.get(&super::node::member(*at)) == Some(&Standing::Following);
        leads && (0..self.nodes.len()).filter(follows).any(|at| self.nodes[at].disk && !self.nodes[at].begins(primary))
    }
}

impl Node {
    fn obey(&mut self, act: &Act) {
        match act {
            Act::Fence(_) => {
                self.stop();
                self.fenced = true;
            }
            Act::Detach(_) => (self.follows, self.receiving) = (None, false),
            Act::Start { follow, .. } if self.disk && !self.spoilt => {
                (self.alive, self.fenced, self.receiving, self.outdated) = (true, false, false, false);
                (self.role, self.follows) = (Some(Role::Standby), follow.and_then(|follow| u8::try_from(follow.0).ok()));
            }
            Act::Rewire { to, .. } if self.follows.map(u16::from) != Some(to.0) => {
                (self.follows, self.receiving) = (u8::try_from(to.0).ok(), false);
            }
            Act::Checkpoint(_) => self.checkpointed = true,
            Act::RepairCron(_) => self.cron = true,
            Act::Synchronise { names, .. } => self.names = names.as_ref().map(set),
            _ => {}
        }
    }

    fn copy(&mut self, source: &Self) {
        self.take(source, source.log.len());
        (self.disk, self.spoilt, self.role) = (true, false, Some(Role::Standby));
        (self.follows, self.receiving) = (None, false);
    }
}
