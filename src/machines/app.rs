//! An app: a name that machines, volumes, secrets, addresses and certificates stand below.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refusal::Refusal;
use crate::resource::Secret;

/// What is kept of an app, its secrets included: the file is for nobody else to read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct App {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) org: String,
    pub(super) network: Option<String>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) secrets: BTreeMap<String, Kept>,
    /// Counts the changes of its secrets.
    pub(super) secrets_version: u64,
    pub(super) addresses: Vec<Address>,
    pub(super) certificates: BTreeMap<String, Certificate>,
}

/// A secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) value: Secret,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

/// An address that Fly's proxy would answer at. Here nothing does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Address {
    pub(super) ip: String,
    pub(super) region: String,
    pub(super) service_name: String,
    pub(super) shared: bool,
    pub(super) egress: bool,
    pub(super) created_at: DateTime<Utc>,
}

/// A host name for which Fly would have a certificate issued. Here nobody does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Certificate {
    pub(super) created_at: DateTime<Utc>,
}

impl App {
    /// As a client sees it.
    pub(super) fn shown(&self, machines: usize, volumes: usize) -> Value {
        let status = if machines > 0 { "deployed" } else { "pending" };
        json!({
            "id": self.id, "name": self.name, "internal_numeric_id": 0, "organization": { "name": self.org, "slug": self.org }, "status": status,
            "machine_count": machines, "volume_count": volumes, "network": self.network,
        })
    }

    /// A secret as a client sees it: never its value, but what tells two values apart, by a key that only this home has.
    pub(super) fn secret(name: &str, kept: &Kept, key: &str) -> Value {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), kept.value.expose().as_bytes());
        let digest: String = tag.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        json!({ "name": name, "digest": digest, "created_at": kept.created_at, "updated_at": kept.updated_at })
    }

    /// The secrets as a machine gets them.
    pub(super) fn given(&self) -> BTreeMap<String, Secret> {
        self.secrets.iter().map(|(name, kept)| (name.clone(), kept.value.clone())).collect()
    }
}

/// Takes what can be an app's name: it becomes a host's.
pub(super) fn name(name: &str) -> Result<String, Refusal> {
    let sign = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
    let ends = !name.starts_with('-') && !name.ends_with('-');
    if (1..=63).contains(&name.len()) && name.chars().all(sign) && ends {
        return Ok(name.to_owned());
    }
    let said = format!("Validation failed: Name {name:?} may only have 1 to 63 of a-z, 0-9 and -, and neither begins nor ends with -");
    Err(Refusal::Unprocessable(said))
}

/// Takes what can be an organization's name.
pub(super) fn org(slug: &str) -> Result<String, Refusal> {
    let sign = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
    let is = !slug.is_empty() && slug.chars().all(sign);
    is.then(|| slug.to_owned()).ok_or_else(|| Refusal::invalid("org_slug is missing or none: it looks like personal"))
}
