//! What a bucket refuses, whatever its policy and its lists say about the public.

use aws_sdk_s3::{Client, types::PublicAccessBlockConfiguration};
use serde::{Deserialize, Serialize};

use super::facet::Facet;
use crate::{aws::error::refused, resource::Error};

/// A row of `s3.public_access_block`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PublicAccessBlock {
    bucket: String,
    block_public_acls: bool,
    ignore_public_acls: bool,
    block_public_policy: bool,
    restrict_public_buckets: bool,
}

impl Facet for PublicAccessBlock {
    const TABLE: &'static str = "s3.public_access_block";

    fn bucket(&self) -> &str {
        &self.bucket
    }

    async fn read(&self, s3: &Client) -> Result<Option<Self>, Error> {
        let answer = s3.get_public_access_block().bucket(&self.bucket).send().await.map_err(refused("GetPublicAccessBlock"))?;
        Ok(answer.public_access_block_configuration.map(|block| Self {
            bucket: self.bucket.clone(),
            block_public_acls: block.block_public_acls.unwrap_or_default(),
            ignore_public_acls: block.ignore_public_acls.unwrap_or_default(),
            block_public_policy: block.block_public_policy.unwrap_or_default(),
            restrict_public_buckets: block.restrict_public_buckets.unwrap_or_default(),
        }))
    }

    async fn set(self, was: Option<Self>, s3: &Client) -> Result<Self, Error> {
        if was.as_ref() != Some(&self) {
            let block = PublicAccessBlockConfiguration::builder()
                .block_public_acls(self.block_public_acls)
                .ignore_public_acls(self.ignore_public_acls)
                .block_public_policy(self.block_public_policy)
                .restrict_public_buckets(self.restrict_public_buckets)
                .build();
            let asked = s3.put_public_access_block().bucket(&self.bucket).public_access_block_configuration(block);
            asked.send().await.map_err(refused("PutPublicAccessBlock"))?;
        }
        Ok(self)
    }

    async fn reset(self, s3: &Client) -> Result<(), Error> {
        s3.delete_public_access_block().bucket(&self.bucket).send().await.map(drop).map_err(refused("DeletePublicAccessBlock"))
    }
}
