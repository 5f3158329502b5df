//! A cluster: what it is to be like goes into the book, and an engine leads it from there.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    resource::{Error, Kind, Observed, Owner, Resource, Scope, Secret},
    served::{ClusterKeys, ClusterMember as Member, ClusterWanted as Wanted, Served, clusters},
};

/// For how many seconds it is waited until a cluster is as it is to be. After that it is shown as it is, so that something else can be asked of it.
const PATIENCE: f64 = 300.0;

/// A row of `postgres.cluster`. Its secrets go out sealed, or to its machines, and never come back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cluster {
    name: String,
    app: Option<String>,
    provider: String,
    region: String,
    standbys: i32,
    synchronous: bool,
    preferred_primary: Option<i32>,
    poolers: Option<i32>,
    image: Option<String>,
    memory_mb: Option<i32>,
    instance_class: Option<String>,
    version: Option<String>,
    size_gb: i32,
    #[serde(default)]
    settings: BTreeMap<String, String>,
    databases: Vec<String>,
    password: Option<Secret>,
    password_version: Option<Uuid>,
    bucket: Option<String>,
    endpoint: Option<String>,
    backup_schedule: Option<String>,
    backup_bucket: Option<String>,
    backup_keep: i32,
    restore_from: Option<String>,
    restore_to: Option<DateTime<Utc>>,
    access_key_id: Option<String>,
    secret_access_key: Option<Secret>,
    secret_access_key_version: Option<Uuid>,
    key: Option<Secret>,
    key_version: Option<Uuid>,
    host: Option<String>,
    authority: Option<String>,
    primary_member: Option<i32>,
    term: Option<i64>,
    last_failover_at: Option<DateTime<Utc>>,
    last_failover_from: Option<i32>,
    last_failover_ms: Option<i64>,
    last_failover_planned: Option<bool>,
    backup_url: Option<String>,
    last_backup_at: Option<DateTime<Utc>>,
    backup_failure: Option<String>,
    status: Option<String>,
    #[serde(default)]
    members: Option<Vec<Member>>,
}

impl Resource for Cluster {
    const TABLE: &'static str = "postgres.cluster";
    const SCOPE: Scope = Scope::Global;
    const SHOWS_IN: &'static [&'static str] = &["postgres.member", "postgres.backup"];
    type Cloud = Served;

    async fn list(served: &Served, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        Ok(served.0.clusters().await?.into_iter().map(shown).collect())
    }

    async fn create(self, owner: &Owner, served: &Served) -> Result<Observed<Self>, Error> {
        let missing = || Error::new("lead a cluster", Kind::Row, "there is no key in the row");
        let (name, keys, wanted) = (self.name.clone(), self.keys(), self.wanted(vec![]));
        if keys.is_none() && !wanted.is_on_aws() {
            return Err(missing());
        }
        Ok(shown(served.0.set_cluster(&name, &owner.tag, &wanted, keys.as_ref()).await?))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, served: &Served) -> Result<Observed<Self>, Error> {
        let same_keys = self.key_version == was.row.key_version && self.secret_access_key_version == was.row.secret_access_key_version;
        let keys = if same_keys { None } else { self.keys() };
        let members = self.members.clone().unwrap_or_default();
        let stays = |member: &Member| members.iter().any(|other| other.number == member.number);
        let leaving = was.row.members.into_iter().flatten().filter(|member| !stays(member)).collect();
        let mut wanted = self.wanted(leaving);
        wanted.preferred_primary = wanted.preferred_primary.or(was.row.preferred_primary);
        wanted.access_key_id = wanted.access_key_id.or(was.row.access_key_id);
        wanted.version = wanted.version.or(was.row.version);
        Ok(shown(served.0.set_cluster(&was.row.name, &owner.tag, &wanted, keys.as_ref()).await?))
    }

    async fn delete(self, served: &Served) -> Result<Option<Observed<Self>>, Error> {
        served.0.remove_cluster(&self.name).await?;
        Ok(None)
    }
}

impl Cluster {
    fn keys(&self) -> Option<ClusterKeys> {
        Some(ClusterKeys { key: self.key.clone()?, secret_access_key: self.secret_access_key.clone() })
    }

    fn wanted(self, leaving: Vec<Member>) -> Wanted {
        Wanted {
            app: self.app.unwrap_or_default(),
            provider: self.provider,
            region: self.region,
            standbys: self.standbys,
            synchronous: self.synchronous,
            preferred_primary: self.preferred_primary,
            poolers: self.poolers.unwrap_or_default(),
            image: self.image.unwrap_or_default(),
            memory_mb: self.memory_mb.unwrap_or_default(),
            instance_class: self.instance_class,
            version: self.version,
            size_gb: self.size_gb,
            settings: self.settings,
            databases: self.databases,
            bucket: self.bucket.unwrap_or_default(),
            endpoint: self.endpoint.unwrap_or_default(),
            backup_schedule: self.backup_schedule,
            backup_bucket: self.backup_bucket,
            backup_keep: self.backup_keep,
            restore_from: self.restore_from,
            restore_to: self.restore_to,
            access_key_id: self.access_key_id,
            password_version: self.password_version,
            key_version: self.key_version,
            secret_access_key_version: self.secret_access_key_version,
            members: self.members.unwrap_or_default(),
            leaving,
        }
    }
}

/// How it is while no engine has looked at it since it was last changed.
fn unseen(before: bool, on_aws: bool) -> String {
    let status = match (before, on_aws) {
        // the rows of its servers tell, and the trigger of this one writes it
        (false, true) => "as RDS says",
        (false, false) => "creating",
        (true, _) => "changing",
    };
    status.to_owned()
}

/// As an engine has seen it since it was last changed, where one has looked.
fn shown(cluster: clusters::Cluster) -> Observed<Cluster> {
    let clusters::Cluster { name, owner, wanted, change, since, seen } = cluster;
    let on_aws = wanted.is_on_aws();
    let said = |text: String| Some(text).filter(|text| !text.is_empty());
    let counted = |number: i32| Some(number).filter(|_| !on_aws);
    let now = seen.as_ref().filter(|seen| seen.change == change);
    let status = now.map_or_else(|| unseen(seen.is_some(), on_aws), |seen| seen.status.clone());
    let is_waited_for = !on_aws && since < PATIENCE && !now.is_some_and(|seen| seen.is_done);
    let is_there = |member: &Member| now.is_none_or(|seen| seen.members.iter().any(|other| other.number == member.number));
    let backup_url = wanted.backup_url(&name, owner.rsplit('/').next().unwrap_or_default());
    let leaving = wanted.leaving.into_iter().filter(is_there);
    let failover = seen.as_ref().and_then(|seen| seen.failover.as_ref());
    let row = Cluster {
        name,
        backup_url,
        last_backup_at: seen.as_ref().and_then(|seen| seen.backups.last()).map(|backup| backup.ended_at),
        backup_failure: seen.as_ref().and_then(|seen| seen.backup_failure.clone()),
        host: Some(format!("{}.fly.dev", wanted.app)).filter(|_| !on_aws),
        app: said(wanted.app),
        provider: wanted.provider,
        region: wanted.region,
        standbys: wanted.standbys,
        synchronous: wanted.synchronous,
        preferred_primary: wanted.preferred_primary,
        // one that was written down before there could be more has one
        poolers: counted(wanted.poolers.max(1)),
        image: said(wanted.image),
        memory_mb: counted(wanted.memory_mb),
        instance_class: wanted.instance_class,
        version: wanted.version,
        size_gb: wanted.size_gb,
        settings: wanted.settings,
        databases: wanted.databases,
        password: None,
        password_version: wanted.password_version,
        bucket: said(wanted.bucket),
        endpoint: said(wanted.endpoint),
        backup_schedule: wanted.backup_schedule,
        backup_bucket: wanted.backup_bucket,
        backup_keep: wanted.backup_keep,
        restore_from: wanted.restore_from,
        restore_to: wanted.restore_to,
        access_key_id: wanted.access_key_id,
        secret_access_key: None,
        secret_access_key_version: wanted.secret_access_key_version,
        key: None,
        key_version: wanted.key_version,
        authority: seen.as_ref().and_then(|seen| seen.authority.clone()),
        primary_member: seen.as_ref().and_then(|seen| seen.primary),
        term: seen.as_ref().map(|seen| seen.term),
        last_failover_at: failover.and_then(|failover| failover.at),
        last_failover_from: failover.and_then(|failover| failover.from),
        last_failover_ms: failover.and_then(|failover| failover.took_ms),
        last_failover_planned: failover.map(|failover| failover.planned),
        status: Some(status.clone()),
        members: Some(wanted.members.into_iter().chain(leaving).collect()),
    };
    Observed::of(row).owned(Some(owner)).pending(is_waited_for.then_some(status))
}
