//! A version of a database in the gateway's bucket: seen, and never made here.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    resource::{Error, Kind, Observed, Owner, Resource, Scope},
    served::{self, Served},
};

/// A row of `gateway.version`. It can only be referred to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Version {
    domain: String,
    database: String,
    number: i64,
    kind: Option<String>,
    created_at: Option<DateTime<Utc>>,
    made_by: Option<String>,
    size_bytes: Option<i64>,
    stored_bytes: Option<i64>,
}

impl Resource for Version {
    const TABLE: &'static str = "gateway.version";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Served;

    async fn list(served: &Served, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        Ok(served.0.versions().await?.into_iter().map(|version| Observed::of(shown(version)).implicit(true)).collect())
    }

    async fn create(self, _: &Owner, _: &Served) -> Result<Observed<Self>, Error> {
        Err(only_referred_to("make a version"))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, _: &Served) -> Result<Observed<Self>, Error> {
        Ok(was)
    }

    async fn delete(self, _: &Served) -> Result<Option<Observed<Self>>, Error> {
        Err(only_referred_to("remove a version"))
    }
}

fn only_referred_to(operation: &'static str) -> Error {
    Error::new(operation, Kind::Invalid, "versions come when a database falls asleep and go by themselves; a row of gateway.pin keeps one")
}

fn shown(version: served::Version) -> Version {
    let served::Version { domain, label, number, kind, made_at, made_by, size_bytes, stored_bytes } = version;
    Version {
        domain,
        database: label,
        number,
        kind: Some(kind),
        created_at: Some(made_at),
        made_by: Some(made_by),
        size_bytes: Some(size_bytes),
        stored_bytes: Some(stored_bytes),
    }
}
