//! What becomes of a bucket's objects with time.

use aws_sdk_s3::{Client, types::BucketLifecycleConfiguration};
use serde::{Deserialize, Serialize};

use super::{
    facet::Facet,
    lifecycle_rule::{Rule, Spelt},
    without_rules,
};
use crate::{
    aws::error::{empty, refused},
    resource::Error,
};

/// A row of `s3.bucket_lifecycle`, with those of `s3.bucket_lifecycle_rule`; others who speak S3 have rules of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BucketLifecycle<R = Rule> {
    bucket: String,
    #[serde(default = "Option::default")]
    rules: Option<Vec<R>>,
}

impl<R: Spelt> Facet for BucketLifecycle<R> {
    const TABLE: &'static str = "s3.bucket_lifecycle";

    fn bucket(&self) -> &str {
        &self.bucket
    }

    async fn read(&self, s3: &Client) -> Result<Option<Self>, Error> {
        let answer = s3.get_bucket_lifecycle_configuration().bucket(&self.bucket).send().await;
        let answer = answer.map_err(refused("GetBucketLifecycleConfiguration"))?;
        let rules = answer.rules.unwrap_or_default().into_iter().map(R::told).collect();
        Ok(Some(Self { bucket: self.bucket.clone(), rules: Some(rules) }))
    }

    async fn set(self, was: Option<Self>, s3: &Client) -> Result<Self, Error> {
        const OPERATION: &str = "PutBucketLifecycleConfiguration";
        let before = was.and_then(|was| was.rules);
        let rules = self.rules.or_else(|| before.clone()).ok_or_else(|| without_rules(OPERATION, "bucket_lifecycle_rule"))?;
        if before.as_ref() != Some(&rules) {
            let sent = rules.iter().map(R::sent).collect::<Result<Vec<_>, _>>();
            let configuration = sent.and_then(|rules| BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build());
            let configuration = configuration.map_err(|_| empty(OPERATION))?;
            let asked = s3.put_bucket_lifecycle_configuration().bucket(&self.bucket).lifecycle_configuration(configuration);
            asked.send().await.map_err(refused(OPERATION))?;
        }
        Ok(Self { bucket: self.bucket, rules: Some(rules) })
    }

    async fn reset(self, s3: &Client) -> Result<(), Error> {
        s3.delete_bucket_lifecycle().bucket(&self.bucket).send().await.map(drop).map_err(refused("DeleteBucketLifecycle"))
    }
}
