//! Of the book, the clusters that engines lead: what each is to be like, and what was last seen of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Told;
use crate::resource::Secret;

/// The clusters of one user's rows.
pub trait Clusters: Send + Sync {
    /// All of them, without their keys.
    fn clusters(&self) -> Told<'_, Vec<Cluster>>;
    /// Has engines lead it as it is to be; answers how it is now. Where there are no keys those that are there stay.
    ///
    /// Fails with [`Kind::Invalid`](crate::resource::Kind::Invalid), and for good, where somebody else's cluster has its bucket.
    fn set_cluster<'a>(&'a self, name: &'a str, owner: &'a str, wanted: &'a Wanted, keys: Option<&'a ClusterKeys>) -> Told<'a, Cluster>;
    /// Has engines lead it no longer. That it is gone already is no failure.
    fn remove_cluster<'a>(&'a self, name: &'a str) -> Told<'a, ()>;
}

/// A cluster, as it stands in the book.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Its name among those of its user.
    pub name: String,
    /// The ownership tag.
    pub owner: String,
    /// What it is to be like. The keys' versions are nil where the engine's own key is another by now, so that they are written again.
    pub wanted: Wanted,
    /// Counts what was changed in that.
    pub change: i64,
    /// For how many seconds it is to be like that.
    pub since: f64,
    /// What an engine saw last.
    pub seen: Option<Seen>,
}

/// What nobody is to read.
#[derive(Clone, Debug)]
pub struct ClusterKeys {
    /// What members, poolers and engines know each other by.
    pub key: Secret,
    /// The secret of the key to the bucket, where there is one of its own.
    pub secret_access_key: Option<Secret>,
}

/// What a cluster is to be like.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// The app of Fly that its machines are of; empty where it has none, as what else is said of machines.
    pub app: String,
    /// Where it runs.
    pub provider: String,
    /// In which region.
    pub region: String,
    /// How many follow.
    pub standbys: i32,
    /// Whether a commit waits for one of them.
    pub synchronous: bool,
    /// Who is to lead whenever it can.
    pub preferred_primary: Option<i32>,
    /// How many machines have a pooler.
    pub poolers: i32,
    /// The image of its machines.
    pub image: String,
    /// The memory of each.
    pub memory_mb: i32,
    /// The hardware of each, on AWS.
    pub instance_class: Option<String>,
    /// The version of Postgres, on AWS.
    pub version: Option<String>,
    /// The disk of each.
    pub size_gb: i32,
    /// Settings of Postgres.
    pub settings: BTreeMap<String, String>,
    /// Its databases; the first one is the pooler's.
    pub databases: Vec<String>,
    /// The bucket, without what its objects' names begin with.
    pub bucket: String,
    /// Where that is reached.
    pub endpoint: String,
    /// When backups are made, in five fields of cron; `None`: none are.
    pub backup_schedule: Option<String>,
    /// In which bucket they are.
    pub backup_bucket: Option<String>,
    /// How many are kept.
    pub backup_keep: i32,
    /// The backups of another cluster that it begins with.
    pub restore_from: Option<String>,
    /// And as of when; `None`: the newest there is.
    pub restore_to: Option<DateTime<Utc>>,
    /// With which key; `None`: with the engine's own.
    pub access_key_id: Option<String>,
    /// Another one for each password of its pooler.
    pub password_version: Option<Uuid>,
    /// Another one for each key.
    pub key_version: Option<Uuid>,
    /// Another one for each secret of the key to the bucket.
    pub secret_access_key_version: Option<Uuid>,
    /// Its members.
    pub members: Vec<Member>,
    /// Who was a member, and may not have left yet.
    pub leaving: Vec<Member>,
}

impl Wanted {
    /// Where the backups are of a cluster of this name, whose row has this id: one that is made anew has nothing to do with the one before.
    pub fn backup_url(&self, name: &str, row: &str) -> Option<String> {
        let (bucket, row) = (self.backup_bucket.as_ref()?, row.split('-').next()?);
        self.backup_schedule.as_ref().map(|_| format!("s3://{bucket}/{name}-{row}"))
    }

    /// Whether RDS leads it, and no engine does. Nothing is written down of it in a bucket.
    pub fn is_on_aws(&self) -> bool {
        self.provider == "aws"
    }
}

/// A member, and where it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Member {
    /// Its number.
    pub number: i32,
    /// The app of its machine.
    pub app: String,
    /// The id of its machine.
    pub machine: String,
}

/// What an engine saw of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// As of which change of what it is to be like.
    pub change: i64,
    /// Whether all of that is so: members have come and gone, and the pooler knows who leads.
    pub is_done: bool,
    /// In words.
    pub status: String,
    /// Who leads.
    pub primary: Option<i32>,
    /// How often another one has come to lead.
    pub term: i64,
    /// The certificate of its authority, in PEM.
    pub authority: Option<String>,
    /// All that it has, also those that are leaving.
    pub members: Vec<SeenMember>,
    /// The last time that another one came to lead.
    pub failover: Option<Failover>,
    /// The backups that there are, the oldest first.
    pub backups: Vec<Backup>,
    /// Why there is no newer one.
    pub backup_failure: Option<String>,
}

/// A backup that is in its bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backup {
    /// What pgBackRest calls it.
    pub label: String,
    /// When it was begun.
    pub started_at: DateTime<Utc>,
    /// When it was over.
    pub ended_at: DateTime<Utc>,
    /// How many bytes the data had.
    pub bytes: i64,
    /// How many it takes.
    pub stored_bytes: i64,
}

/// What was seen of a member.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeenMember {
    /// Its number.
    pub number: i32,
    /// `primary`, `standby`, or what it is on the way to.
    pub role: String,
    /// Whether its agent answers.
    pub reachable: bool,
    /// How many bytes of the log it has not replayed.
    pub lag_bytes: Option<i64>,
    /// Its timeline.
    pub timeline: Option<i64>,
    /// The version of its Postgres.
    pub version: Option<String>,
    /// Until when its certificate is valid.
    pub certificate_until: Option<DateTime<Utc>>,
}

/// Another one has come to lead.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Failover {
    /// Who led.
    pub from: Option<i32>,
    /// Who leads since.
    pub to: i32,
    /// Whether it was asked for.
    pub planned: bool,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// How long nobody led, in milliseconds.
    pub took_ms: Option<i64>,
}
