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

pub(crate) use bucket_cors::BucketCors;
pub(crate) use bucket_lifecycle::BucketLifecycle;
pub(crate) use bucket_tagging::BucketTagging;
pub(crate) use facet::Facet;
pub(crate) use lifecycle_rule::Spelt;
pub(crate) use place::listed;

use super::Aws;
use crate::resource::{Error, Kind, Registry};

/// What there is of it; one line each.
pub(super) fn register(registry: Registry, aws: &Aws) -> Registry {
    registry
        .with::<bucket::Bucket>(aws)
        .with::<bucket_cors::BucketCors>(aws)
        .with::<bucket_encryption::BucketEncryption>(aws)
        .with::<bucket_lifecycle::BucketLifecycle>(aws)
        .with::<bucket_notification::BucketNotification>(aws)
        .with::<bucket_policy::BucketPolicy>(aws)
        .with::<bucket_tagging::BucketTagging>(aws)
        .with::<bucket_versioning::BucketVersioning>(aws)
        .with::<bucket_website::BucketWebsite>(aws)
        .with::<object::Object>(aws)
        .with::<public_access_block::PublicAccessBlock>(aws)
}

/// S3 takes no empty list of rules.
fn without_rules(operation: &'static str, table: &str) -> Error {
    Error::new(operation, Kind::Invalid, format!("there is no rule for it in {table}"))
}
