//! The tags of a bucket.

use aws_sdk_s3::{
    Client,
    types::{Tag, Tagging},
};
use serde::{Deserialize, Serialize};

use super::facet::Facet;
use crate::{
    aws::{
        error::{empty, refused},
        tags::Tags,
    },
    resource::Error,
};

/// A row of `s3.bucket_tagging`: all the user's tags of one bucket, `Name` among them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BucketTagging {
    bucket: String,
    tags: Tags,
}

impl Facet for BucketTagging {
    const TABLE: &'static str = "s3.bucket_tagging";

    fn bucket(&self) -> &str {
        &self.bucket
    }

    async fn read(&self, s3: &Client) -> Result<Option<Self>, Error> {
        let (tags, _) = self.told(s3).await?;
        Ok((!tags.is_empty()).then(|| Self { bucket: self.bucket.clone(), tags }))
    }

    async fn set(self, was: Option<Self>, s3: &Client) -> Result<Self, Error> {
        if was.as_ref() != Some(&self) {
            let (_, reserved) = self.told(s3).await?;
            self.write(self.tags.iter().chain(&reserved), s3).await?;
        }
        Ok(self)
    }

    async fn reset(self, s3: &Client) -> Result<(), Error> {
        let (_, reserved) = self.told(s3).await?;
        if !reserved.is_empty() {
            return self.write(reserved.iter(), s3).await;
        }
        s3.delete_bucket_tagging().bucket(&self.bucket).send().await.map(drop).map_err(refused("DeleteBucketTagging"))
    }
}

impl BucketTagging {
    /// The user's tags, and those that AWS and we reserve: a write replaces all of them, so they must be sent along.
    async fn told(&self, s3: &Client) -> Result<(Tags, Tags), Error> {
        let answer = s3.get_bucket_tagging().bucket(&self.bucket).send().await.map_err(refused("GetBucketTagging"));
        let tags = match answer {
            Err(error) if error.code.as_deref() == Some("NoSuchTagSet") => Vec::new(),
            answer => answer?.tag_set,
        };
        let tags = tags.into_iter().map(|tag| (tag.key, tag.value));
        Ok(tags.partition(|(key, _)| !key.starts_with("aws:") && !key.starts_with("iasql:")))
    }

    async fn write(&self, tags: impl Iterator<Item = (&String, &String)>, s3: &Client) -> Result<(), Error> {
        let tags: Result<Vec<_>, _> = tags.map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
        let tagging = tags.and_then(|tags| Tagging::builder().set_tag_set(Some(tags)).build()).map_err(|_| empty("PutBucketTagging"))?;
        s3.put_bucket_tagging().bucket(&self.bucket).tagging(tagging).send().await.map(drop).map_err(refused("PutBucketTagging"))
    }
}
