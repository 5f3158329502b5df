//! Who is to lead: comparing what each one has.

use super::{Member, Place, Planned, Role, Seen, Standing, decide::View};

/// What follows from comparing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Not everything that counts is known yet.
    Wait,
    /// This one has all.
    Promote(Member),
    /// This one will have all, once it has what only that one's disk has.
    Salvage { from: Member, to: Member },
    /// The planned one is not there in time: the old one leads again.
    GiveBack(Member),
}

/// Who is to lead, once the former primary is out and nobody receives.
pub(super) fn choose(view: &View, planned: Option<Planned>) -> Choice {
    let record = view.record;
    let out = match view.seen(record.primary) {
        Some(seen) => seen.fenced && !seen.alive && seen.term >= record.term,
        None => view.lease_is_over(),
    };
    if view.rules.fence && !out {
        return Choice::Wait;
    }
    // where one ends is known when it has let go, or lies still
    let holds_on = |seen: &&Seen| {
        let receives = seen.alive && (seen.receiving || seen.term < record.term || view.hangs(seen));
        receives || seen.busy && seen.disk
    };
    if view.rules.receivers && view.followers().values().any(holds_on) {
        return Choice::Wait;
    }
    // what the others have counts as soon as they lie still
    let counts = |member: Member, seen: &Seen| {
        let follows = record.members.get(&member) == Some(&Standing::Following);
        follows || !seen.disk || seen.spoilt || seen.lies_still() && seen.term >= record.term
    };
    if view.rules.fence && !view.all().all(|(member, seen)| counts(member, seen)) {
        return Choice::Wait;
    }
    match planned {
        Some(planned) => as_planned(view, planned),
        None => furthest(view),
    }
}

fn as_planned(view: &View, Planned { to, until }: Planned) -> Choice {
    let old = view.record.primary;
    let able = view.followers().get(&to).copied().filter(|seen| can_follow_on(view, seen) && is_free(view, seen));
    let Some((able, left)) = able.zip(view.seen(old)) else {
        let back = view.seen(old).is_some_and(|seen| seen.lies_still() && !seen.spoilt);
        return match view.now < until {
            true if to != old => Choice::Wait,
            _ if back => Choice::GiveBack(old),
            _ => furthest(view),
        };
    };
    match left.lies_still() {
        false => furthest(view),
        true if able.place() >= left.place() => Choice::Promote(to),
        true if able.leads_to(left) => Choice::Salvage { from: old, to },
        true => Choice::GiveBack(old),
    }
}

fn furthest(view: &View) -> Choice {
    let followers = view.followers();
    let standbys = || followers.iter().filter(|(_, seen)| can_follow_on(view, seen)).map(|(member, seen)| (*member, *seen));
    let best = match view.rules.furthest {
        true => standbys().max_by_key(|(member, seen)| rank(view, *member, seen)),
        false => standbys().min_by_key(|(member, seen)| rank(view, *member, seen)),
    };
    let lying = || view.all().filter(|(_, seen)| seen.lies_still() && seen.term >= view.record.term);
    let source = lying().max_by_key(|(_, seen)| seen.place());
    let most = standbys().chain(source).map(|(_, seen)| seen.place()).max();
    if view.rules.holders && !most.is_some_and(|most| is_whole(view, most)) {
        return Choice::Wait;
    }
    // one that is starting, and has more
    let more = |seen: &&Seen| !seen.alive && seen.disk && !seen.spoilt && Some(seen.place()) > most;
    if view.rules.furthest && followers.values().any(more) {
        return Choice::Wait;
    }
    match (best, source) {
        (None, None) => Choice::Wait,
        (Some((to, seen)), Some((from, source))) if view.rules.salvage && source.place() > seen.place() => {
            // one that went another way can't be helped on: the other one starts again
            if seen.leads_to(source) { Choice::Salvage { from, to } } else { Choice::Promote(from) }
        }
        (Some((to, seen)), _) => {
            if is_free(view, seen) {
                Choice::Promote(to)
            } else {
                Choice::Wait
            }
        }
        // nobody follows on: the one that has most starts again, if it is the last to have led or that one's data is gone
        (None, Some((from, source))) => {
            let last = view.seen(view.record.primary).is_some_and(|seen| !seen.disk || seen.spoilt || seen.place() <= source.place());
            if last && !source.spoilt { Choice::Promote(from) } else { Choice::Wait }
        }
    }
}

/// Among equals: whose word commits waited for, who should lead, and the first.
fn rank(view: &View, member: Member, seen: &Seen) -> (Place, bool, bool, std::cmp::Reverse<Member>) {
    let record = view.record;
    (seen.place(), record.holders.contains(&member), record.preferred == Some(member), std::cmp::Reverse(member))
}

/// Where commits wait: whether somebody who has so much has every commit that was acknowledged. So it is when the one that led can be read, for it had
/// all; or when all are seen who may have acknowledged one.
fn is_whole(view: &View, most: Place) -> bool {
    if !view.record.synchronous {
        return true;
    }
    let known = |member: &Member| view.seen(*member).filter(|seen| is_compared(view, seen)).is_some_and(|seen| seen.place() <= most);
    known(&view.record.primary) || view.record.holders.iter().all(known)
}

/// Its place is known and will not change.
pub(super) fn is_compared(view: &View, seen: &Seen) -> bool {
    let still = seen.lies_still() || seen.reachable && seen.disk && if seen.alive { seen.role == Some(Role::Standby) } else { true };
    still && (seen.term >= view.record.term && !seen.receiving || !view.rules.receivers)
}

/// It runs as a standby that knows this term.
pub(super) fn can_follow_on(view: &View, seen: &Seen) -> bool {
    seen.runs(Role::Standby) && !seen.spoilt && !view.hangs(seen) && (seen.term >= view.record.term || !view.rules.receivers)
}

/// It promised nobody to wait, or the promise is over.
fn is_free(view: &View, seen: &Seen) -> bool {
    !view.rules.lease || seen.promised_until.is_none_or(|until| until <= view.now)
}
