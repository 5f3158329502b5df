//! What a pooler says of itself: as a document, and as figures.

use std::{fmt::Write as _, sync::atomic::Ordering};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    cluster::{Cluster, Figures},
    file::Role,
    member::Member,
};

/// All there is to know, for an engine or a person.
pub(super) fn status(cluster: &Cluster, certificate_ends: Option<DateTime<Utc>>) -> Value {
    let view = cluster.view();
    let members: Vec<_> = view.members.iter().map(|(member, role)| one(cluster, member, *role)).collect();
    json!({
        "term": view.term,
        "primary": view.primary().map(|member| &member.named.name),
        "paused": cluster.is_paused(),
        "busy": cluster.busy(),
        "clients": cluster.figures.clients.load(Ordering::Relaxed),
        "members": members,
        "certificate_ends": certificate_ends,
    })
}

fn one(cluster: &Cluster, member: &Member, role: Role) -> Value {
    let counted = member.shelves.counted();
    json!({
        "name": member.named.name,
        "host": member.named.host,
        "port": member.named.port,
        "role": role,
        "answers": member.answers(),
        "follows": member.follows(),
        "position": position(member.position()),
        "timeline": member.timeline(),
        "lag_seconds": lag(cluster, member),
        "sessions": counted.open,
        "idle": counted.idle,
        "waiting": counted.waiting,
        "asked": member.asked.load(Ordering::Relaxed),
    })
}

/// As Postgres writes it: `16/B374D848`.
fn position(position: u64) -> String {
    format!("{:X}/{:X}", position >> 32, position & 0xffff_ffff)
}

/// Nothing for who follows nobody, or was never as far as anything that was seen of the primary.
fn lag(cluster: &Cluster, member: &Member) -> Option<f64> {
    let lag = if member.follows() { cluster.lag(member) } else { None };
    lag.filter(|lag| *lag != std::time::Duration::MAX).map(|lag| lag.as_secs_f64())
}

/// The same in [Prometheus' form](https://prometheus.io/docs/instrumenting/exposition_formats/).
pub(super) fn metrics(cluster: &Cluster, clients: usize) -> String {
    let mut text = String::new();
    let Figures { replayed, buffered, buffered_for, let_down, .. } = &cluster.figures;
    let count = |count: &std::sync::atomic::AtomicU64| count.load(Ordering::Relaxed);
    let (view, waited) = (cluster.view(), std::time::Duration::from_micros(count(buffered_for)).as_secs_f64());
    let whole: [(&str, &str, &str, f64); 8] = [
        ("clients", "gauge", "Clients that are let in.", whole(clients)),
        ("paused", "gauge", "1 while nobody begins a transaction at the primary.", f64::from(u8::from(cluster.is_paused()))),
        ("term", "gauge", "The term of the members.", exact(view.term)),
        ("busy", "gauge", "Transactions that are open at the primary.", whole(cluster.busy())),
        ("replayed_total", "counter", "Batches that a standby did not answer and the primary did.", exact(count(replayed))),
        ("buffered_total", "counter", "Transactions that waited for a primary.", exact(count(buffered))),
        ("buffered_seconds_total", "counter", "For how long they waited in all.", waited),
        ("let_down_total", "counter", "Clients that were let down.", exact(count(let_down))),
    ];
    for (name, kind, help, value) in whole {
        head(&mut text, name, kind, help);
        line(&mut text, name, "", value);
    }
    let of: [Of; 5] = [
        ("member_answers", "gauge", "1 where the member answers.", |_, member| Some(f64::from(u8::from(member.answers())))),
        ("member_follows", "gauge", "1 where it follows another one.", |_, member| Some(f64::from(u8::from(member.follows())))),
        ("member_lag_seconds", "gauge", "How far it is behind, as far as the primary was seen.", lag),
        ("member_sessions", "gauge", "Sessions with it.", |_, member| Some(whole_of(member))),
        ("member_asked_total", "counter", "Batches and transactions that it was given.", |_, member| Some(exact(count_of(member)))),
    ];
    for (name, kind, help, value) in of {
        head(&mut text, name, kind, help);
        for (member, _) in &view.members {
            if let Some(value) = value(cluster, member) {
                line(&mut text, name, &format!("{{member={:?}}}", member.named.name), value);
            }
        }
    }
    text
}

/// A figure of each member.
type Of = (&'static str, &'static str, &'static str, fn(&Cluster, &Member) -> Option<f64>);

fn count_of(member: &Member) -> u64 {
    member.asked.load(Ordering::Relaxed)
}

fn whole_of(member: &Member) -> f64 {
    whole(member.shelves.counted().open)
}

fn whole(count: usize) -> f64 {
    exact(u64::try_from(count).unwrap_or(u64::MAX))
}

/// Exact up to 2^53, which nothing here reaches.
#[expect(clippy::cast_precision_loss, reason = "nothing is counted that far")]
fn exact(count: u64) -> f64 {
    count as f64
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    // a String takes everything
    let _ = write!(text, "# HELP iasql_pooler_{name} {help}\n# TYPE iasql_pooler_{name} {kind}\n");
}

fn line(text: &mut String, name: &str, of: &str, value: f64) {
    let _ = writeln!(text, "iasql_pooler_{name}{of} {value}");
}
