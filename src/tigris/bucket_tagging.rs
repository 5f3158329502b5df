//! The tags of a bucket: as in S3 (www.tigrisdata.com/docs/api/s3/).

use super::facet::{Set, Table};
use crate::aws;

/// A row of `tigris.bucket_tagging`: all the user's tags of one bucket.
pub(super) type BucketTagging = Set<Tagging>;

#[derive(Clone)]
pub(super) struct Tagging;

impl Table for Tagging {
    const NAME: &'static str = "tigris.bucket_tagging";
    type Row = aws::BucketTagging;
}
