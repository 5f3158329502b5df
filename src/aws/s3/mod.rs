//! S3: buckets, what is set on them one by one, and objects.

pub(super) mod bucket;
pub(super) mod bucket_cors;
pub(super) mod bucket_encryption;
pub(super) mod bucket_lifecycle;
pub(super) mod bucket_notification;
pub(super) mod bucket_policy;
pub(super) mod bucket_tagging;
pub(super) mod bucket_versioning;
pub(super) mod bucket_website;
mod facet;
mod lifecycle_rule;
pub(super) mod object;
mod place;
pub(super) mod public_access_block;

use crate::resource::{Error, Kind};

/// S3 takes no empty list of rules.
fn without_rules(operation: &'static str, table: &str) -> Error {
    Error::new(operation, Kind::Invalid, format!("there is no rule for it in {table}"))
}
