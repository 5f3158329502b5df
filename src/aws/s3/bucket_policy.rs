//! Who may do what with a bucket.

use aws_sdk_s3::Client;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::facet::Facet;
use crate::{
    aws::{
        canonical_policy::{canonical, spelt},
        error::refused,
    },
    resource::Error,
};

/// A row of `s3.bucket_policy`, in the one spelling that all policies of the same meaning share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BucketPolicy {
    bucket: String,
    policy: Value,
}

impl Facet for BucketPolicy {
    const TABLE: &'static str = "s3.bucket_policy";

    fn bucket(&self) -> &str {
        &self.bucket
    }

    async fn read(&self, s3: &Client) -> Result<Option<Self>, Error> {
        let answer = s3.get_bucket_policy().bucket(&self.bucket).send().await.map_err(refused("GetBucketPolicy"))?;
        let Some(text) = answer.policy else { return Ok(None) };
        Ok(Some(Self { bucket: self.bucket.clone(), policy: spelt("GetBucketPolicy", &text)? }))
    }

    async fn set(self, was: Option<Self>, s3: &Client) -> Result<Self, Error> {
        let now = Self { policy: canonical(self.policy), ..self };
        if was.as_ref() != Some(&now) {
            let asked = s3.put_bucket_policy().bucket(&now.bucket).policy(now.policy.to_string());
            asked.send().await.map_err(refused("PutBucketPolicy"))?;
        }
        Ok(now)
    }

    async fn reset(self, s3: &Client) -> Result<(), Error> {
        s3.delete_bucket_policy().bucket(&self.bucket).send().await.map(drop).map_err(refused("DeleteBucketPolicy"))
    }
}
