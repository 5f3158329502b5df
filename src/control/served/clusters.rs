//! The clusters of the book: those of one user's rows, and all of them for whoever leads them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Failed, Rows, failed, fly_account, refused};
use crate::{
    control::{Control, procs::ServedClustersOf},
    resource::{Error, Kind, Secret},
    served::{Cluster, ClusterKeys, ClusterSeen, ClusterWanted, Clusters, Told},
};

const LEAD: &str = "lead a cluster";
/// The places of clusters that have no bucket.
const LED_BY_RDS: &str = "rds:";

/// A cluster that engines are to lead.
#[derive(Clone, Debug)]
pub struct Led {
    /// The user's database whose row it is.
    pub database: String,
    /// Its name there.
    pub name: String,
    /// What it is to be like.
    pub wanted: ClusterWanted,
    /// Counts what was changed in that.
    pub change: i64,
    /// What its objects' names in the bucket begin with: its row.
    pub prefix: String,
    /// What nobody is to read; `None`: it can't be opened.
    pub keys: Option<ClusterKeys>,
    /// Whose organization its machines are in, where its user's database has one of its own.
    pub account: Option<super::Organization>,
}

/// As it is sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    key: Secret,
    secret_access_key: Option<Secret>,
}

impl Control {
    /// All clusters that engines are to lead.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn clusters_to_lead(&self) -> Result<Vec<Led>, Failed> {
        let (rows, keys) = (self.services.reconciler.procs.served_clusters().await?, self.keys().await);
        let open = |place: &str, sealed: &str| {
            let opened = keys.kept(place, sealed);
            opened.inspect_err(|error| tracing::warn!("{place} can't be opened: {error}")).ok()
        };
        let led = rows.into_iter().filter_map(|row| {
            let token = |sealed: &String| open(&fly_account::place(&row.database), sealed);
            let account = row.fly_organization.as_ref().zip(row.fly_sealed.as_ref());
            let kept = open(&place(&row.database, &row.name), &row.sealed);
            Some(Led {
                wanted: serde_json::from_value(row.wanted).ok()?,
                change: row.change,
                prefix: row.owner.rsplit('/').next().unwrap_or_default().to_owned(),
                keys: kept
                    .and_then(|kept| serde_json::from_str(kept.expose()).ok())
                    .map(|Kept { key, secret_access_key }| ClusterKeys { key, secret_access_key }),
                account: account.map(|(name, sealed)| super::Organization { name: name.clone(), token: token(sealed) }),
                database: row.database,
                name: row.name,
            })
        });
        Ok(led.collect())
    }

    /// What was last seen of all clusters, by their databases and names.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn clusters_seen(&self) -> Result<Vec<(String, String, ClusterSeen)>, Failed> {
        let rows = self.services.http.procs.served_clusters_seen().await?;
        Ok(rows.into_iter().filter_map(|row| Some((row.database, row.name, serde_json::from_value(row.seen).ok()?))).collect())
    }

    /// Notes what is seen of a cluster.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn note_cluster(&self, database: &str, name: &str, seen: &ClusterSeen) -> Result<(), Failed> {
        Ok(self.services.reconciler.procs.served_cluster_note(database, name, &serde_json::json!(seen)).await?)
    }
}

impl Clusters for Rows {
    fn clusters(&self) -> Told<'_, Vec<Cluster>> {
        Box::pin(async move {
            let rows = self.services.reconciler.procs.served_clusters_of(&self.database).await;
            let (rows, mark) = (rows.map_err(failed("list the clusters"))?, self.keys().await.mark());
            rows.into_iter().map(|row| cluster(row, mark.as_deref())).collect()
        })
    }

    fn set_cluster<'a>(
        &'a self,
        name: &'a str,
        owner: &'a str,
        wanted: &'a ClusterWanted,
        keys: Option<&'a ClusterKeys>,
    ) -> Told<'a, Cluster> {
        Box::pin(async move {
            let kept = keys.map(|ClusterKeys { key, secret_access_key }| {
                let kept = Kept { key: key.clone(), secret_access_key: secret_access_key.clone() };
                serde_json::to_string(&kept).map(Secret::new).map_err(|_| Error::new(LEAD, Kind::Row, "its keys are no text"))
            });
            let sealed = self.sealed(LEAD, &place(&self.database, name), kept.transpose()?.as_ref()).await?;
            let (mut sealed, mut mark) = sealed.unzip();
            let mut at = format!("{}/{}", wanted.endpoint, wanted.bucket);
            if wanted.is_on_aws() {
                // there is nothing to seal, and no bucket
                (sealed, mark, at) = (Some(String::new()), Some(String::new()), format!("{LED_BY_RDS}{}/{name}", self.database));
            }
            let procs = &self.services.reconciler.procs;
            let body = serde_json::json!(wanted);
            let set = procs.served_cluster_set(&self.database, name, owner, &at, &body, sealed.as_deref(), mark.as_deref()).await;
            if !set.map_err(failed(LEAD))? {
                return Err(refused(LEAD, format!("the bucket {} is another cluster's already; another one may be free", wanted.bucket)));
            }
            let found = self.clusters().await?.into_iter().find(|cluster| cluster.name == name);
            found.ok_or_else(|| Error::new(LEAD, Kind::Absent, "it was removed meanwhile"))
        })
    }

    fn remove_cluster<'a>(&'a self, name: &'a str) -> Told<'a, ()> {
        Box::pin(async move {
            let removed = self.services.reconciler.procs.served_cluster_remove(&self.database, name).await;
            removed.map_err(failed("lead a cluster no longer"))
        })
    }
}

/// Keys that nobody can open any more are none of their versions, so that they are sealed again.
fn cluster(row: ServedClustersOf, mark: Option<&str>) -> Result<Cluster, Error> {
    let strange = |_| Error::new("list the clusters", Kind::Broken, "what a cluster is to be like can't be read");
    let mut wanted: ClusterWanted = serde_json::from_value(row.wanted).map_err(strange)?;
    if mark.is_some_and(|mark| mark != row.sealed_with) && !wanted.is_on_aws() {
        wanted.key_version = Some(Uuid::nil());
    }
    let seen: Option<ClusterSeen> = row.seen.and_then(|seen| serde_json::from_value(seen).ok());
    Ok(Cluster { name: row.name, owner: row.owner, wanted, change: row.change, since: row.since, seen })
}

/// What sealed keys are sealed as: those of another cluster are not opened.
fn place(database: &str, name: &str) -> String {
    format!("the keys of the cluster {name} of {database}")
}
