//! What members are being told at this moment: each its orders one after the other, and nobody waits for one that is slow. A later look shows what came of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{sync::Notify, task::JoinHandle};

use super::{look::Agents, outside::Outside};
use crate::{
    causes::in_one_line,
    failover::{Act, Member, Record, Seen, Stamp},
};

/// What is on its way to one member.
struct Errand {
    stamp: Stamp,
    acts: Vec<Act>,
    /// Not to its agent, but to its machine.
    outside: bool,
    task: JoinHandle<()>,
}

impl Drop for Errand {
    fn drop(&mut self) {
        // an agent finishes what it has begun
        self.task.abort();
    }
}

/// What is on its way to all.
#[derive(Default)]
pub(super) struct Errands {
    under_way: BTreeMap<Member, Errand>,
    /// Whose machine was ended from outside, and whose agent has not answered since.
    ended: Arc<Mutex<BTreeSet<Member>>>,
}

impl Errands {
    /// Tells one that answers. What is under way by the same record is not begun a second time; what is under way by an older one is given up.
    pub(super) fn tell(&mut self, agents: &Agents, member: Member, stamp: Stamp, acts: Vec<Act>) {
        let fences = |acts: &[Act]| acts.iter().any(|act| matches!(act, Act::Fence(_)));
        if let Some(errand) = self.under_way.get(&member) {
            let stays = errand.stamp == stamp && (!fences(&acts) || errand.acts == acts);
            if stays && !errand.task.is_finished() {
                return;
            }
        }
        let (agents, orders) = (agents.clone(), acts.clone());
        let task = tokio::spawn(async move {
            for act in orders {
                let shown = format!("{act:?}");
                match agents.order(member, stamp, act).await {
                    Ok(answer) if answer.done => {}
                    Ok(answer) => tracing::debug!(act = shown, answer.said, "not done"),
                    Err(error) => tracing::debug!(act = shown, error = in_one_line(&error), "not done"),
                }
            }
        });
        self.under_way.insert(member, Errand { stamp, acts, outside: false, task });
    }

    /// Has the machine ended of one that does not answer.
    pub(super) fn end(&mut self, outside: &Arc<dyn Outside>, wake: &Arc<Notify>, member: Member, stamp: Stamp) {
        let is_asked = |errand: &Errand| errand.outside && !errand.task.is_finished();
        if self.under_way.get(&member).is_some_and(is_asked) || self.ended().contains(&member) {
            return;
        }
        let (outside, wake, ended) = (Arc::clone(outside), Arc::clone(wake), Arc::clone(&self.ended));
        let task = tokio::spawn(async move {
            if outside.end(member).await {
                ended.lock().unwrap_or_else(PoisonError::into_inner).insert(member);
                wake.notify_one();
            }
        });
        self.under_way.insert(member, Errand { stamp, acts: vec![], outside: true, task });
    }

    fn ended(&self) -> BTreeSet<Member> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was seen. One whose machine was ended is out, and its disk can't be read, until its agent answers.
    pub(super) fn with_ended(&mut self, record: &Record, mut members: BTreeMap<Member, Seen>) -> BTreeMap<Member, Seen> {
        let answers = |member: &Member| members.get(member).is_none_or(|seen| seen.reachable);
        // it came back meanwhile, and may have been told to lead since
        self.under_way.retain(|member, errand| !(errand.outside && answers(member)));
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).retain(|member| !answers(member));
        for member in self.ended() {
            members.insert(member, Seen { reachable: true, fenced: true, term: record.term, ..Seen::default() });
        }
        members
    }
}
