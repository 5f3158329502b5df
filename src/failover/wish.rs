//! What is wanted of a cluster, and the next write that brings the record nearer to it.

use std::collections::BTreeSet;

use super::{Look, Member, Record, Standing, Step, Timing};

/// What the record should come to say.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wish {
    /// Who belongs to it.
    pub members: BTreeSet<Member>,
    /// Whether commits wait.
    pub synchronous: bool,
    /// Who should lead, where somebody should.
    pub preferred: Option<Member>,
    /// How long things may take.
    pub timing: Timing,
}

/// The next write towards a wish, where one is due: one thing at a time, and only while nothing else is being done. All that follows from it is `decide`'s.
///
/// A primary is named again only while it would be the primary at once; whoever asks sees to it that this is not tried again and again.
pub fn approach(record: &Record, wish: &Wish, look: &Look) -> Option<Record> {
    if record.step != Step::Steady || wish.members.is_empty() {
        return None;
    }
    if record.timing != wish.timing {
        return Some(Record { timing: wish.timing, ..record.next() });
    }
    // one that is wanted again after all stays, and has to be looked at again
    let comes = wish.members.iter().find(|member| record.members.get(member).is_none_or(|standing| *standing == Standing::Leaving));
    if let Some(member) = comes {
        let standing = if *member == record.primary { Standing::Following } else { Standing::Apart };
        return Some(record.standing(*member, standing));
    }
    if record.synchronous != wish.synchronous {
        return Some(Record { synchronous: wish.synchronous, ..record.next() });
    }
    if let Some(member) = record.members.keys().find(|member| leaves(record, wish, **member)) {
        return Some(record.standing(*member, Standing::Leaving));
    }
    let preferred = wish.preferred.filter(|member| *member != record.primary && record.preferred != Some(*member));
    preferred.filter(|member| can_lead(record, look, *member)).map(|member| Record { preferred: Some(member), ..record.next() })
}

/// It is not wanted any more. While nobody else follows, the primary stays.
fn leaves(record: &Record, wish: &Wish, member: Member) -> bool {
    let others = || record.followers().any(|other| wish.members.contains(&other));
    let is_new = record.members.get(&member) != Some(&Standing::Leaving);
    !wish.members.contains(&member) && is_new && (member != record.primary || others())
}

fn can_lead(record: &Record, look: &Look, member: Member) -> bool {
    let seen = look.members.get(&member).filter(|seen| seen.reachable);
    let streams = seen.is_some_and(|seen| seen.alive && seen.receiving && seen.timeline == record.term && !seen.outdated);
    let holds = !record.synchronous || record.holders.contains(&member);
    record.members.get(&member) == Some(&Standing::Following) && streams && holds
}
