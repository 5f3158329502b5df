//! How a member comes to follow the primary, and when it is believed to.

use super::{Act, Member, Record, Role, Seen, Standing, decide::View};

/// The next write about a member's standing, if one is due.
pub(super) fn believed(view: &View, primary: &Seen) -> Option<Record> {
    let record = view.record;
    record.members.iter().filter(|(member, _)| **member != record.primary).find_map(|(member, standing)| {
        let seen = view.seen(*member);
        if *standing == Standing::Leaving {
            return without(view, *member, seen);
        }
        let seen = seen.filter(|seen| !seen.busy)?;
        let next = match *standing {
            Standing::Following if !is_sound(seen, primary) || its_turn(view, *member, seen) => Standing::Apart,
            Standing::Apart if view.streams(*member) && !seen.outdated => Standing::Proving(primary.received),
            Standing::Proving(_) if !view.streams(*member) => Standing::Apart,
            // the primary must count on its word before it may be promoted, or it could go on without asking it
            Standing::Proving(position) if seen.replayed >= position && primary.asks.contains(member) => Standing::Following,
            _ => return None,
        };
        Some(record.standing(*member, next))
    })
}

/// It goes once it stopped, or can't be asked; but not while a commit may be on it alone.
fn without(view: &View, member: Member, seen: Option<&Seen>) -> Option<Record> {
    let gone = seen.is_none_or(|seen| !seen.alive) && !view.record.holders.contains(&member);
    gone.then(|| {
        let mut next = view.record.next();
        next.members.remove(&member);
        next.preferred = next.preferred.filter(|preferred| *preferred != member);
        next
    })
}

/// Its data is there, and a beginning of the primary's.
fn is_sound(seen: &Seen, primary: &Seen) -> bool {
    seen.disk && !seen.spoilt && seen.leads_to(primary) && !(seen.alive && seen.role == Some(Role::Primary))
}

/// It has to start anew, and all others are there meanwhile.
fn its_turn(view: &View, member: Member, seen: &Seen) -> bool {
    let stands = |standing: &Standing| matches!(standing, Standing::Following | Standing::Leaving);
    let mut others = view.record.members.iter().filter(|(other, _)| **other != member && **other != view.record.primary);
    seen.outdated && seen.alive && others.all(|(other, standing)| stands(standing) && view.streams(*other))
}

/// What brings a member nearer to following.
pub(super) fn order(view: &View, primary: &Seen, member: Member, seen: &Seen) -> Option<Act> {
    let (record, to) = (view.record, view.record.primary);
    let standing = *record.members.get(&member)?;
    if seen.busy {
        return None;
    }
    let counts = record.holders.contains(&member);
    // another one follows, so that this one will soon count no more
    let spared = counts && record.followers().any(|other| other != member && view.streams(other));
    if view.hangs(seen) || seen.alive && seen.role == Some(Role::Primary) {
        return Some(Act::Fence(member));
    }
    let position = match standing {
        Standing::Leaving => return (seen.alive && !counts).then_some(Act::Stop(member)),
        Standing::Proving(position) => position,
        Standing::Following | Standing::Apart => 0,
    };
    let astray = seen.disk && !seen.leads_to(primary);
    let anew = !seen.disk || seen.spoilt || astray || standing == Standing::Apart && seen.outdated && seen.alive;
    if anew && seen.alive {
        return Some(Act::Stop(member));
    }
    match () {
        // what is on it and on the primary alone is not destroyed
        () if seen.disk && (seen.spoilt || astray) && spared => None,
        () if !seen.disk || seen.spoilt => Some(Act::Rebuild { member, from: to }),
        () if astray && !primary.checkpointed && view.rules.checkpoint => Some(Act::Checkpoint(to)),
        () if astray => Some(Act::Rewind { member, from: to }),
        () if !seen.alive => Some(Act::Start { member, follow: Some(to) }),
        () if seen.follows != Some(to) || seen.term < record.term => Some(Act::Rewire { member, to }),
        () if standing != Standing::Following => Some(Act::Verify { member, position }),
        () => None,
    }
}
