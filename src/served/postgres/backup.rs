//! A backup of a cluster: seen, and never made here.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    resource::{Error, Kind, Observed, Owner, Resource, Scope},
    served::{Cluster, ClusterBackup, Served},
};

/// A row of `postgres.backup`. It can only be referred to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Backup {
    cluster: String,
    label: String,
    started_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    size_bytes: Option<i64>,
    stored_bytes: Option<i64>,
}

impl Resource for Backup {
    const TABLE: &'static str = "postgres.backup";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Served;

    async fn list(served: &Served, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let of = |Cluster { name, seen, .. }: Cluster| {
            let backups = seen.into_iter().flat_map(|seen| seen.backups);
            backups.map(move |backup| Observed::of(shown(&name, backup)).implicit(true)).collect::<Vec<_>>()
        };
        Ok(served.0.clusters().await?.into_iter().flat_map(of).collect())
    }

    async fn create(self, _: &Owner, _: &Served) -> Result<Observed<Self>, Error> {
        Err(only_referred_to("make a backup"))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, _: &Served) -> Result<Observed<Self>, Error> {
        Ok(was)
    }

    async fn delete(self, _: &Served) -> Result<Option<Observed<Self>>, Error> {
        Err(only_referred_to("remove a backup"))
    }
}

fn only_referred_to(operation: &'static str) -> Error {
    Error::new(operation, Kind::Invalid, "backups come and go with backup_schedule and backup_keep of their cluster")
}

fn shown(cluster: &str, backup: ClusterBackup) -> Backup {
    let ClusterBackup { label, started_at, ended_at, bytes, stored_bytes } = backup;
    let (started_at, ended_at) = (Some(started_at), Some(ended_at));
    Backup { cluster: cluster.to_owned(), label, started_at, ended_at, size_bytes: Some(bytes), stored_bytes: Some(stored_bytes) }
}
