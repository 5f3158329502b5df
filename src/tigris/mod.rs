//! Tigris' object storage: S3's and IAM's calls, and what Tigris has besides (www.tigrisdata.com/docs); only below here is it called.

mod access_key;
mod account;
mod bucket;
mod bucket_cors;
mod bucket_lifecycle;
mod bucket_tagging;
mod error;
mod facet;
mod fork;
mod key_policy;
mod settings;
mod way;

pub use account::{Account, Keys};
pub use way::Tigris;

use crate::{fly::Fly, resource::Registry};

/// What there is of it, one line each; keys go to the apps of this Fly organization.
pub fn register(registry: Registry, tigris: &Tigris, fly: &Fly) -> Registry {
    registry
        .with::<access_key::AccessKey>(&access_key::Ways { tigris: tigris.clone(), fly: fly.clone() })
        .with::<bucket::Bucket>(tigris)
        .with::<bucket_cors::BucketCors>(tigris)
        .with::<bucket_lifecycle::BucketLifecycle>(tigris)
        .with::<bucket_tagging::BucketTagging>(tigris)
}
