//! The file of a cluster: who its members are and how long things may take. All agents and controllers of one read the same.

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::Error;
use crate::{
    failover::{Member, Millis, Record, Timing},
    resource::Secret,
    store::{Access, Bucket},
};

/// What the file says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// The cluster's name in the bucket: letters, digits and `-`.
    pub name: String,
    /// Where the record is: `s3://bucket/prefix` or `file:///folder`.
    pub bucket: String,
    /// A file with the key that agents ask for.
    pub key_file: PathBuf,
    /// A file with the password of the role `postgres`.
    pub password_file: PathBuf,
    /// Every member by its number.
    pub members: BTreeMap<Member, Peer>,
    /// Whether a commit waits for a standby.
    #[serde(default)]
    pub synchronous: bool,
    /// How long a lease lasts, in milliseconds.
    #[serde(default = "lease")]
    pub lease_ms: u64,
    /// How long things may take besides.
    #[serde(default = "timing")]
    pub timing: Timing,
    /// Settings of Postgres, alike on all members.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
}

/// Where a member is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// Where its agent listens.
    pub agent: SocketAddr,
    /// Where its Postgres listens for the other members.
    pub server: SocketAddr,
    /// Where its agent lets clients through to Postgres for as long as it may.
    pub door: SocketAddr,
}

fn lease() -> u64 {
    5000
}

fn timing() -> Timing {
    Timing { margin: 500, patience: 1500, switchover: 10_000 }
}

impl Sheet {
    /// Reads it.
    ///
    /// # Errors
    /// Where it is not there, or says what it may not.
    pub fn read(file: &Path) -> Result<Self, Error> {
        let bytes = fs::read(file).map_err(Error::disk("read", file))?;
        let sheet: Self = serde_json::from_slice(&bytes).map_err(|error| Error::Said(format!("{}: {error}", file.display())))?;
        let is_name = !sheet.name.is_empty() && sheet.name.bytes().all(|sign| sign.is_ascii_alphanumeric() || sign == b'-');
        if !is_name {
            return Err(Error::Said(format!("{:?} is no name of a cluster: letters, digits and -", sheet.name)));
        }
        if sheet.lease() < 4 * sheet.margin() {
            return Err(Error::Said("a lease has to last at least four times its margin".to_owned()));
        }
        Ok(sheet)
    }

    pub(super) fn peer(&self, member: Member) -> Result<&Peer, Error> {
        self.members.get(&member).ok_or_else(|| Error::Said(format!("the file of the cluster has no member {}", member.0)))
    }

    pub(super) fn lease(&self) -> Duration {
        Duration::from_millis(self.lease_ms)
    }

    pub(super) fn margin(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.timing.margin).unwrap_or_default())
    }

    pub(super) fn key(&self) -> Result<Secret, Error> {
        secret(&self.key_file)
    }

    pub(super) fn password(&self) -> Result<Secret, Error> {
        secret(&self.password_file)
    }

    pub(super) async fn open_bucket(&self) -> Result<Bucket, Error> {
        Ok(Bucket::open(&self.bucket, &Access::default()).await?)
    }

    /// What is written down at first: the member with the lowest number leads.
    pub(super) fn first(&self) -> Result<Record, Error> {
        let mut numbers = self.members.keys().copied();
        let first = numbers.next().ok_or_else(|| Error::Said("the file of the cluster names no member".to_owned()))?;
        Ok(Record::new(first, numbers, self.synchronous, self.timing))
    }
}

fn secret(file: &Path) -> Result<Secret, Error> {
    let text = fs::read_to_string(file).map_err(Error::disk("read", file))?;
    match text.trim() {
        "" => Err(Error::Said(format!("{} is empty", file.display()))),
        word => Ok(Secret::new(word)),
    }
}

/// How long this is, for what counts in milliseconds.
pub(super) fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}
