//! What is counted of clusters: how each was seen last, by whichever engine.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};

use crate::served::ClusterSeen;

type Of<L> = Family<L, Gauge<f64, AtomicU64>>;

/// The gauges of all clusters. Cheap to clone; all clones are the same ones.
#[derive(Clone, Default)]
pub(super) struct Clusters {
    steady: Of<Cluster>,
    term: Of<Cluster>,
    failover: Of<Cluster>,
    backup: Of<Cluster>,
    backup_bytes: Of<Cluster>,
    backup_fails: Of<Cluster>,
    reachable: Of<Member>,
    leads: Of<Member>,
    lag: Of<Member>,
    certificate: Of<Member>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Cluster {
    database: String,
    cluster: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Member {
    database: String,
    cluster: String,
    member: i32,
}

impl Clusters {
    pub(super) fn registered(registry: &mut Registry) -> Self {
        let all = Self::default();
        registry.register("cluster_steady", "1 where a cluster is as its row asks", Of::clone(&all.steady));
        registry.register("cluster_term", "How often another one has come to lead", Of::clone(&all.term));
        registry.register("cluster_last_failover_seconds", "How long writes were away the last time", Of::clone(&all.failover));
        registry.register("cluster_last_backup_timestamp_seconds", "When the last backup was over", Of::clone(&all.backup));
        registry.register("cluster_last_backup_bytes", "How much of the bucket it takes", Of::clone(&all.backup_bytes));
        registry.register(
            "cluster_backup_failing",
            "1 where there should be a newer one, or the log is not archived",
            Of::clone(&all.backup_fails),
        );
        registry.register("cluster_member_reachable", "1 where a member's agent answers", Of::clone(&all.reachable));
        registry.register("cluster_member_leads", "1 for the primary", Of::clone(&all.leads));
        registry.register("cluster_member_lag_bytes", "How much of the log a member has not replayed", Of::clone(&all.lag));
        registry.register(
            "cluster_member_certificate_end_timestamp_seconds",
            "When a member's certificate ends",
            Of::clone(&all.certificate),
        );
        all
    }

    /// These and no others.
    pub(super) fn set(&self, seen: &[(String, String, ClusterSeen)]) {
        for family in [&self.steady, &self.term, &self.failover, &self.backup, &self.backup_bytes, &self.backup_fails] {
            family.clear();
        }
        for family in [&self.reachable, &self.leads, &self.lag, &self.certificate] {
            family.clear();
        }
        for (database, name, seen) in seen {
            let cluster = Cluster { database: database.clone(), cluster: name.clone() };
            set(&self.steady, &cluster, Some(i64::from(seen.is_done)));
            set(&self.term, &cluster, Some(seen.term));
            let took = seen.failover.as_ref().and_then(|failover| failover.took_ms);
            if let Some(took) = took.and_then(|took| u32::try_from(took).ok()) {
                self.failover.get_or_create(&cluster).set(f64::from(took) / 1000.0);
            }
            let last = seen.backups.last();
            set(&self.backup, &cluster, last.map(|backup| backup.ended_at.timestamp()));
            set(&self.backup_bytes, &cluster, last.map(|backup| backup.stored_bytes));
            let fails = seen.backup_failure.is_some();
            set(&self.backup_fails, &cluster, (fails || last.is_some()).then_some(i64::from(fails)));
            for one in &seen.members {
                let member = Member { database: database.clone(), cluster: name.clone(), member: one.number };
                set(&self.reachable, &member, Some(i64::from(one.reachable)));
                set(&self.leads, &member, Some(i64::from(one.role == "primary")));
                set(&self.lag, &member, one.lag_bytes);
                set(&self.certificate, &member, one.certificate_until.map(|until| until.timestamp()));
            }
        }
    }
}

fn set<L: Clone + std::hash::Hash + Eq>(family: &Of<L>, of: &L, value: Option<i64>) {
    if let Some(value) = value {
        #[expect(clippy::cast_precision_loss, reason = "what is counted here is far below 2^53")]
        family.get_or_create(of).set(value as f64);
    }
}
