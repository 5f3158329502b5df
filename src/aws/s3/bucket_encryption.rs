//! How a bucket encrypts what is put into it.

use aws_sdk_s3::{
    Client,
    types::{ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule},
};
use serde::{Deserialize, Serialize};

use super::facet::Facet;
use crate::{
    aws::error::{empty, refused},
    resource::Error,
};

/// A row of `s3.bucket_encryption`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BucketEncryption {
    bucket: String,
    sse_algorithm: String,
    kms_key: Option<String>,
    bucket_key_enabled: Option<bool>,
}

impl Facet for BucketEncryption {
    const TABLE: &'static str = "s3.bucket_encryption";

    fn bucket(&self) -> &str {
        &self.bucket
    }

    async fn read(&self, s3: &Client) -> Result<Option<Self>, Error> {
        let answer = s3.get_bucket_encryption().bucket(&self.bucket).send().await.map_err(refused("GetBucketEncryption"))?;
        let rule = answer.server_side_encryption_configuration.and_then(|encryption| encryption.rules.into_iter().next());
        let row = rule.and_then(|rule| self.shown(&rule));
        // every bucket has the first setting without being asked; only a row that asks for it has it too
        Ok(row.filter(|row| !row.is_first() || self.is_first()))
    }

    async fn set(self, was: Option<Self>, s3: &Client) -> Result<Self, Error> {
        let kept = was.clone().filter(|was| was.sse_algorithm == self.sse_algorithm);
        let (key, by_bucket) = kept.map(|was| (was.kms_key, was.bucket_key_enabled)).unwrap_or_default();
        // the whole setting is sent, so what nobody asks for must be sent as it is
        let now = Self {
            kms_key: self.kms_key.or(key),
            bucket_key_enabled: Some(self.bucket_key_enabled.or(by_bucket).unwrap_or_default()),
            ..self
        };
        if was.as_ref() != Some(&now) {
            let asked = s3.put_bucket_encryption().bucket(&now.bucket).server_side_encryption_configuration(now.configuration()?);
            asked.send().await.map_err(refused("PutBucketEncryption"))?;
        }
        Ok(now)
    }

    async fn reset(self, s3: &Client) -> Result<(), Error> {
        s3.delete_bucket_encryption().bucket(&self.bucket).send().await.map(drop).map_err(refused("DeleteBucketEncryption"))
    }
}

impl BucketEncryption {
    fn is_first(&self) -> bool {
        self.sse_algorithm == ServerSideEncryption::Aes256.as_str() && !self.bucket_key_enabled.unwrap_or_default()
    }

    fn shown(&self, rule: &ServerSideEncryptionRule) -> Option<Self> {
        let by_default = rule.apply_server_side_encryption_by_default()?;
        Some(Self {
            bucket: self.bucket.clone(),
            sse_algorithm: by_default.sse_algorithm().as_str().to_owned(),
            kms_key: by_default.kms_master_key_id().map(str::to_owned),
            bucket_key_enabled: Some(rule.bucket_key_enabled().unwrap_or_default()),
        })
    }

    fn configuration(&self) -> Result<ServerSideEncryptionConfiguration, Error> {
        let by_default = ServerSideEncryptionByDefault::builder()
            .sse_algorithm(ServerSideEncryption::from(self.sse_algorithm.as_str()))
            .set_kms_master_key_id(self.kms_key.clone())
            .build()
            .map_err(|_| empty("PutBucketEncryption"))?;
        let rule = ServerSideEncryptionRule::builder()
            .apply_server_side_encryption_by_default(by_default)
            .set_bucket_key_enabled(self.bucket_key_enabled)
            .build();
        ServerSideEncryptionConfiguration::builder().rules(rule).build().map_err(|_| empty("PutBucketEncryption"))
    }
}
