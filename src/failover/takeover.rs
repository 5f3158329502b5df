//! From a lost primary to a new one.

use super::{
    Act, Member, Planned, Record, Standing, Step,
    choose::{self, Choice},
    decide::{View, write},
};

/// Nobody leads. The former primary is fenced, the standbys are told and stop receiving, and then one is chosen.
pub(super) fn fence(view: &View, planned: Option<Planned>) -> Vec<Act> {
    match choose::choose(view, planned) {
        Choice::Promote(to) => promoting(view, to),
        Choice::Salvage { from, to } => write(view.record.at(Step::Salvage { from, to })),
        Choice::GiveBack(old) => write(Record { preferred: None, ..promoted(view, old).apart(old) }),
        Choice::Wait => quiet(view),
    }
}

/// What brings everybody to a halt.
fn quiet(view: &View) -> Vec<Act> {
    let record = view.record;
    let mut acts: Vec<_> = view.hold_clients().into_iter().collect();
    if view.rules.fence && view.seen(record.primary).is_none_or(|seen| !seen.fenced || seen.alive || seen.term < record.term) {
        // also where its node does not answer: a machine can be stopped from outside
        acts.push(Act::Fence(record.primary));
    }
    for (member, seen) in view.all().filter(|(member, _)| *member != record.primary) {
        let follows = record.members.get(&member) == Some(&Standing::Following);
        // its node must know the term before its data counts
        let untold = seen.term < record.term;
        match follows {
            _ if !seen.disk || seen.spoilt => {}
            true if !seen.alive => acts.push(Act::Start { member, follow: None }),
            // it would not let go
            true if view.hangs(seen) => acts.push(Act::Fence(member)),
            true if view.rules.detach && (seen.receiving || untold) => acts.push(Act::Detach(member)),
            false if seen.alive || !seen.fenced || untold => acts.push(Act::Fence(member)),
            _ => {}
        }
    }
    acts
}

fn promoting(view: &View, to: Member) -> Vec<Act> {
    write(promoted(view, to))
}

/// Who was not compared, or has more than the one that is chosen, has to be looked at again before it counts.
fn promoted(view: &View, to: Member) -> Record {
    let mut next = view.record.at(Step::Promote { to });
    let chosen = view.seen(to);
    for member in view.record.members.keys().filter(|member| **member != to) {
        let known = view.seen(*member).filter(|seen| choose::is_compared(view, seen)).zip(chosen);
        let compared = known.is_some_and(|(seen, chosen)| seen.leads_to(chosen) && seen.place() <= chosen.place());
        let behind = compared && view.record.members.get(member) == Some(&Standing::Following);
        next = if behind { next } else { next.apart(*member) };
    }
    if next.synchronous {
        // what was acknowledged before may be on him alone, and what comes, on any that follow him
        let follow: Vec<_> = next.followers().filter(|member| *member != to).collect();
        next.holders.extend(follow.into_iter().chain([to]));
    }
    next
}

/// The chosen one gets the rest from a stopped one's disk.
pub(super) fn salvage(view: &View, from: Member, to: Member) -> Vec<Act> {
    let source = view.seen(from).filter(|seen| seen.lies_still());
    let target = view.seen(to).filter(|seen| choose::can_follow_on(view, seen));
    match source.zip(target) {
        Some((source, target)) if target.place() >= source.place() => promoting(view, to),
        Some(_) => view.hold_clients().into_iter().chain([Act::Salvage { from, to }]).collect(),
        None if view.seen(from).is_some_and(|seen| seen.busy) => vec![],
        // a choice holds for one term: what was sent late to the one given up is then refused
        None => write(again(view)),
    }
}

fn again(view: &View) -> Record {
    let mut next = view.record.at(Step::Fence(None));
    next.term += 1;
    next
}

/// The chosen one may lead. Once it is seen to, it is the primary.
pub(super) fn promote(view: &View, to: Member) -> Vec<Act> {
    let record = view.record;
    if view.leading(to).is_some() {
        let mut next = Record { primary: to, ..record.at(Step::Settle) };
        if let Some(standing) = next.members.get_mut(&to).filter(|standing| **standing != Standing::Leaving) {
            *standing = Standing::Following;
        }
        return write(next);
    }
    let given_up = match view.seen(to) {
        None => view.lease_is_over(),
        // a standby that died is fenced as if it had led, for it may have; a former primary is stopped by nature, and starts by being promoted, but for
        // one that made the term's timeline and did not come to lead: a second one of that number there is not
        Some(seen) => {
            let is_spent = seen.timeline >= record.term || record.members.get(&to) == Some(&Standing::Following);
            !seen.disk || seen.spoilt || view.hangs(seen) || !seen.alive && is_spent
        }
    };
    if given_up {
        let mut next = record.fencing(to);
        next.term = view.seen(to).map_or(next.term, |seen| next.term.max(seen.timeline + 1));
        return write(next);
    }
    let names = record.synchronous.then(|| record.holders.iter().copied().filter(|member| *member != to).collect());
    view.hold_clients().into_iter().chain([Act::Promote { member: to, term: record.term, names }]).collect()
}
