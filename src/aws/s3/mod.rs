//! S3: buckets, and what is set on them one by one.

pub(super) mod bucket;
pub(super) mod bucket_encryption;
pub(super) mod bucket_policy;
pub(super) mod bucket_tagging;
pub(super) mod bucket_versioning;
mod facet;
mod place;
pub(super) mod public_access_block;
