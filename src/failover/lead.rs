//! What is done while there is a primary.

use std::collections::BTreeSet;

use super::{
    Act, Member, Record, Seen, Step,
    decide::{View, write},
    follow, planned,
};

/// A primary leads, or should.
pub(super) fn led(view: &View) -> Vec<Act> {
    let record = view.record;
    if view.is_lost(record.primary) {
        return write(record.fencing(record.primary));
    }
    // it may live and hold its lease: nothing can be done about it, nor behind its back
    let Some(primary) = view.leading(record.primary) else { return vec![] };
    if let Some(next) = holders(view, primary).or_else(|| follow::believed(view, primary)) {
        return write(next);
    }
    let acts = order(view, primary);
    match record.step {
        Step::Settle if acts.iter().all(takes_long) => write(record.at(Step::Steady)),
        Step::Steady => planned::wanted(view, primary).map(write).unwrap_or(acts),
        _ => acts,
    }
}

/// Everything that is not yet as it should be behind this primary.
fn order(view: &View, primary: &Seen) -> Vec<Act> {
    let at = view.record.primary;
    let mut acts = vec![];
    if let Some(pooler) = view.look.pooler {
        match pooler.writes == Some(at) {
            false => acts.push(Act::Reroute(at)),
            true if pooler.paused => acts.push(Act::ResumePooler),
            true => {}
        }
    }
    let names = names(view, primary);
    if primary.names != names {
        acts.push(Act::Synchronise { member: at, names });
    }
    let others = view.all().filter(|(member, _)| *member != at).filter_map(|(member, seen)| follow::order(view, primary, member, seen));
    let (slow, quick): (Vec<_>, Vec<_>) = others.partition(takes_long);
    acts.extend(quick);
    if !primary.cron {
        acts.push(Act::RepairCron(at));
    }
    if !primary.checkpointed && view.rules.checkpoint {
        acts.push(Act::Checkpoint(at));
    }
    acts.extend(slow);
    acts
}

/// What nobody waits for: a member that comes back by and by.
fn takes_long(act: &Act) -> bool {
    matches!(act, Act::Start { .. } | Act::Rewind { .. } | Act::Rebuild { .. } | Act::Verify { .. })
}

/// Whose word commits should wait for: of all who follow. While nobody does, they wait for whom they waited before.
fn names(view: &View, primary: &Seen) -> Option<BTreeSet<Member>> {
    let before =
        || primary.names.clone().unwrap_or_else(|| view.record.holders.iter().copied().filter(|at| *at != view.record.primary).collect());
    let ready: BTreeSet<_> = view.record.followers().filter(|member| view.streams(*member)).collect();
    view.record.synchronous.then(|| if ready.is_empty() { before() } else { ready })
}

/// Who has to be compared is written before anybody new may acknowledge, and taken back only when one of those left has all.
fn holders(view: &View, primary: &Seen) -> Option<Record> {
    let record = view.record;
    let with = |holders: BTreeSet<Member>| Some(Record { holders, ..record.next() });
    let Some(names) = names(view, primary) else {
        return if primary.names.is_none() && !record.holders.is_empty() { with(BTreeSet::new()) } else { None };
    };
    if !names.is_subset(&record.holders) {
        return with(&record.holders | &names);
    }
    let has_all = |member: &Member| view.streams(*member) && view.seen(*member).is_some_and(|seen| seen.received >= primary.received);
    (primary.names.as_ref() == Some(&names) && names != record.holders && names.iter().any(has_all)).then_some(names).and_then(with)
}
