//! A member of a cluster: seen, and never made here.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    resource::{Error, Kind, Observed, Owner, Resource, Scope},
    served::{Cluster, SeenClusterMember, Served},
};

/// A row of `postgres.member`. It can only be referred to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Member {
    cluster: String,
    number: i32,
    role: Option<String>,
    reachable: Option<bool>,
    lag_bytes: Option<i64>,
    timeline: Option<i64>,
    server_version: Option<String>,
    certificate_until: Option<DateTime<Utc>>,
}

impl Resource for Member {
    const TABLE: &'static str = "postgres.member";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Served;

    async fn list(served: &Served, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let of = |Cluster { name, seen, .. }: Cluster| {
            let members = seen.into_iter().flat_map(|seen| seen.members);
            members.map(move |member| Observed::of(shown(&name, member)).implicit(true)).collect::<Vec<_>>()
        };
        Ok(served.0.clusters().await?.into_iter().flat_map(of).collect())
    }

    async fn create(self, _: &Owner, _: &Served) -> Result<Observed<Self>, Error> {
        Err(only_referred_to("make a member"))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, _: &Served) -> Result<Observed<Self>, Error> {
        Ok(was)
    }

    async fn delete(self, _: &Served) -> Result<Option<Observed<Self>>, Error> {
        Err(only_referred_to("remove a member"))
    }
}

fn only_referred_to(operation: &'static str) -> Error {
    Error::new(operation, Kind::Invalid, "members come and go with the column standbys of their cluster")
}

fn shown(cluster: &str, member: SeenClusterMember) -> Member {
    let SeenClusterMember { number, role, reachable, lag_bytes, timeline, version, certificate_until } = member;
    Member {
        cluster: cluster.to_owned(),
        number,
        role: Some(role),
        reachable: Some(reachable),
        lag_bytes,
        timeline,
        server_version: version,
        certificate_until,
    }
}
