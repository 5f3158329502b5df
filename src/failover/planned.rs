//! A change of the primary that was asked for: clients wait, the old one stops in peace, the new one has everything before it leads.

use super::{
    Act, Member, Planned, Record, Role, Seen, Standing, Step,
    decide::{View, write},
};

/// The beginning of a change of the primary, if one is wanted and can be had.
pub(super) fn wanted(view: &View, primary: &Seen) -> Option<Record> {
    let to = target(view, primary)?;
    let until = view.now + view.record.timing.switchover;
    Some(view.record.at(Step::Pause(Planned { to, until })))
}

fn target(view: &View, primary: &Seen) -> Option<Member> {
    let record = view.record;
    let ready = |member: &Member| is_ready(view, *member);
    let furthest = || record.followers().filter(ready).max_by_key(|member| view.seen(*member).map(|seen| seen.replayed));
    if record.members.get(&record.primary) == Some(&Standing::Leaving) {
        return furthest();
    }
    if let Some(preferred) = record.preferred.filter(|preferred| *preferred != record.primary) {
        return record.followers().find(|member| *member == preferred).filter(ready);
    }
    // the others were started anew before
    let renewed = || view.all().all(|(member, seen)| member == record.primary || !seen.outdated);
    if !primary.outdated || !renewed() {
        return None;
    }
    if record.members.len() == 1 { Some(record.primary) } else { furthest() }
}

/// It runs beside the primary, and commits may wait for its word, where they wait.
fn is_ready(view: &View, member: Member) -> bool {
    let holds = !view.record.synchronous || view.record.holders.contains(&member);
    let current = view.seen(member).is_some_and(|seen| !seen.outdated && seen.promised_until.is_none_or(|until| until <= view.now));
    holds && current && view.streams(member)
}

/// Clients are being held. The primary still leads, so all can be taken back.
pub(super) fn pause(view: &View, planned: Planned) -> Vec<Act> {
    let record = view.record;
    if view.is_lost(record.primary) {
        return write(record.fencing(record.primary));
    }
    let alone = planned.to == record.primary;
    if view.now >= planned.until || !alone && !is_ready(view, planned.to) {
        return write(Record { preferred: None, ..record.at(Step::Steady) });
    }
    match view.hold_clients() {
        Some(act) => vec![act],
        None => write(Record { term: record.term + 1, ..record.at(Step::Drain(planned)) }),
    }
}

/// The old one is stopping. It sends its standbys everything before it is gone.
pub(super) fn drain(view: &View, planned: Planned) -> Vec<Act> {
    let record = view.record;
    match view.seen(record.primary) {
        Some(seen) if !seen.alive => write(record.at(Step::Fence(Some(planned)))),
        Some(seen) if view.now < planned.until && seen.role == Some(Role::Primary) => vec![Act::Stop(record.primary)],
        // it does not stop, or nobody sees whether it does: from here on as if it were lost
        _ => write(Record { preferred: None, ..record.at(Step::Fence(None)).apart(record.primary) }),
    }
}
