//! What is seen of a cluster, as it goes back into the book.

use chrono::DateTime;

use crate::{
    cluster::{Shown, backup::Backup},
    control::Led,
    failover::{Member, Role, Seen, Standing, Step},
    served::{ClusterBackup, ClusterFailover, ClusterSeen, SeenClusterMember},
};

/// What a cluster is, in the light of what it is to be.
pub(super) fn seen(led: &Led, shown: Option<&Shown>, authority: Option<&str>, trouble: Option<&str>) -> ClusterSeen {
    let authority = authority.map(str::to_owned);
    let Some(shown) = shown else {
        let status = trouble.map_or_else(|| "creating".to_owned(), |why| format!("creating: {why}"));
        return ClusterSeen { change: led.change, status, authority, ..ClusterSeen::default() };
    };
    let (record, lacks) = (&shown.state.record, lacks(led, shown));
    let members = record.members.keys().map(|member| one(shown, *member)).collect();
    let failover = shown.state.last.map(|change| ClusterFailover {
        from: Some(change.from.0.into()),
        to: change.to.0.into(),
        planned: change.planned,
        at: DateTime::from_timestamp_millis(change.begun),
        took_ms: Some(change.took),
    });
    ClusterSeen {
        change: led.change,
        is_done: lacks.is_none(),
        status: lacks.unwrap_or_else(|| "steady".to_owned()),
        primary: record.leader().map(|member| member.0.into()),
        term: record.term.try_into().unwrap_or(i64::MAX),
        authority,
        members,
        failover,
        backups: shown.backups.iter().flat_map(|seen| &seen.backups).map(backup).collect(),
        backup_failure: shown.backups.as_ref().and_then(|seen| seen.failure.clone()),
    }
}

fn backup(backup: &Backup) -> ClusterBackup {
    let Backup { label, started_at, ended_at, bytes, stored_bytes } = backup.clone();
    ClusterBackup { label, started_at, ended_at, bytes, stored_bytes }
}

/// The first thing in which it is not as it is to be.
fn lacks(led: &Led, shown: &Shown) -> Option<String> {
    let record = &shown.state.record;
    let is_wanted = |member: &Member| led.wanted.members.iter().any(|one| one.number == i32::from(member.0));
    if let Some(comes) = led.wanted.members.iter().find(|one| !record.members.keys().any(|member| i32::from(member.0) == one.number)) {
        return Some(format!("member {} is to come", comes.number));
    }
    if let Some(leaves) = record.members.keys().find(|member| !is_wanted(member)) {
        return Some(format!("member {} is leaving", leaves.0));
    }
    if record.step != Step::Steady {
        return Some("another one comes to lead".to_owned());
    }
    if record.synchronous != (led.wanted.synchronous && led.wanted.members.len() > 1) {
        return Some("it changes whether commits wait".to_owned());
    }
    let trouble = record.members.iter().find_map(|(member, standing)| trouble(*member, *standing, shown));
    if trouble.is_some() {
        return trouble;
    }
    match led.wanted.preferred_primary.and_then(|number| u16::try_from(number).ok()) {
        Some(number) if record.primary != Member(number) && record.preferred == Some(Member(number)) => {
            return Some(format!("member {number} is to lead"));
        }
        _ => {}
    }
    let poolers = shown.poolers.values().filter(|pooler| pooler.answers && pooler.current).count();
    match usize::try_from(led.wanted.poolers).unwrap_or_default().max(1) {
        _ if poolers == 0 => Some("no pooler knows who leads yet".to_owned()),
        wanted if poolers < wanted => Some(format!("{poolers} of {wanted} poolers know who leads")),
        _ => None,
    }
}

fn trouble(member: Member, standing: Standing, shown: &Shown) -> Option<String> {
    let Member(number) = member;
    let seen = shown.members.get(&member).filter(|seen| seen.reachable);
    match (seen, standing) {
        (None, _) => Some(format!("member {number} does not answer")),
        (Some(seen), _) if !seen.alive => Some(format!("the server of member {number} does not run")),
        (_, Standing::Apart | Standing::Proving(_)) => Some(format!("member {number} comes after the others")),
        (_, Standing::Leaving) => Some(format!("member {number} is leaving")),
        (Some(_), Standing::Following) if shown.complaints.contains_key(&member) => {
            Some(format!("member {number}: {}", shown.complaints.get(&member).map_or("", String::as_str)))
        }
        (Some(seen), Standing::Following) => seen.outdated.then(|| format!("member {number} has to be restarted")),
    }
}

fn one(shown: &Shown, member: Member) -> SeenClusterMember {
    let (nothing, record) = (Seen::default(), &shown.state.record);
    let seen = shown.members.get(&member).unwrap_or(&nothing);
    let leads = record.leader() == Some(member);
    let end = record.leader().and_then(|leader| shown.members.get(&leader)).filter(|leader| leader.reachable).map(|leader| leader.received);
    let lag = end.filter(|_| seen.reachable && !leads).map(|end| end.saturating_sub(seen.replayed));
    let role = match (leads, seen.role, record.members.get(&member)) {
        (true, ..) => "primary",
        (_, _, Some(Standing::Leaving)) => "leaving",
        (_, Some(Role::Standby), Some(Standing::Following)) => "standby",
        _ => "coming",
    };
    SeenClusterMember {
        number: member.0.into(),
        role: role.to_owned(),
        reachable: seen.reachable,
        // to the megabyte: a position that moves all the time would be written down all the time
        lag_bytes: lag.map(|lag| i64::try_from(lag >> 20 << 20).unwrap_or(i64::MAX)),
        timeline: seen.reachable.then(|| i64::try_from(seen.timeline).unwrap_or(i64::MAX)),
        version: shown.places.get(&member).map(|place| place.postgres.clone()),
        certificate_until: shown.certificates.get(&member).copied(),
    }
}
