//! Tigris' object storage: S3's calls, and what Tigris has besides (www.tigrisdata.com/docs); only below here is it called.

mod account;
mod bucket;
mod bucket_cors;
mod bucket_lifecycle;
mod bucket_tagging;
mod error;
mod facet;
mod fork;
mod settings;
mod way;

pub use account::{Account, Keys};
pub use way::Tigris;

use crate::resource::Registry;

/// What there is of it; one line each.
pub fn register(registry: Registry, tigris: &Tigris) -> Registry {
    registry
        .with::<bucket::Bucket>(tigris)
        .with::<bucket_cors::BucketCors>(tigris)
        .with::<bucket_lifecycle::BucketLifecycle>(tigris)
        .with::<bucket_tagging::BucketTagging>(tigris)
}
