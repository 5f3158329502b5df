//! Which other websites' pages may use a bucket: as in S3 (www.tigrisdata.com/docs/buckets/cors/).

use super::facet::{Set, Table};
use crate::aws;

/// A row of `tigris.bucket_cors`, with those of `tigris.bucket_cors_rule`.
pub(super) type BucketCors = Set<Cors>;

#[derive(Clone)]
pub(super) struct Cors;

impl Table for Cors {
    const NAME: &'static str = "tigris.bucket_cors";
    type Row = aws::BucketCors;
}
