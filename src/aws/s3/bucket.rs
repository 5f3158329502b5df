//! A bucket: a place for objects, under a name that is unique in the world.

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use serde::{Deserialize, Serialize};

use super::place;
use crate::{
    aws::{Aws, error::refused},
    resource::{Cloud, Error, Observed, Owner, Resource, Scope, gone},
};

/// A row of `s3.bucket`. It has no tags here, since S3 tells them bucket by bucket (`s3.bucket_tagging` has them).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bucket {
    name: String,
    region: String,
}

impl Resource for Bucket {
    const TABLE: &'static str = "s3.bucket";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let buckets = place::all(aws).await?;
        Ok(buckets.into_iter().map(|(name, region)| Observed::of(Self { name, region })).collect())
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        // us-east-1 is the one region that S3 does not want to be told
        let elsewhere = (self.region != "us-east-1").then(|| BucketLocationConstraint::from(self.region.as_str()));
        let configuration = elsewhere.map(|region| CreateBucketConfiguration::builder().location_constraint(region).build());
        let there = aws.at(&self.region);
        let made = there.s3().create_bucket().bucket(&self.name).set_create_bucket_configuration(configuration).send().await;
        if let Err(error) = made.map_err(refused("CreateBucket")) {
            self.is_ours_already(&error, aws).await?;
        }
        place::remember(aws, &self.name, &self.region).await;
        Ok(Observed::of(self))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, _: &Aws) -> Result<Observed<Self>, Error> {
        Ok(was)
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let there = aws.at(&self.region);
        gone(there.s3().delete_bucket().bucket(&self.name).send().await.map_err(refused("DeleteBucket")))?;
        aws.buckets().lock().await.remove(&self.name);
        Ok(None)
    }
}

impl Bucket {
    /// A repeated creation finds the bucket of the first; it is only wrong where that one is in another region.
    async fn is_ours_already(&self, error: &Error, aws: &Aws) -> Result<(), Error> {
        let ours = error.code.as_deref() == Some("BucketAlreadyOwnedByYou");
        if ours && place::location(aws, &self.name).await? == self.region { Ok(()) } else { Err(error.clone()) }
    }
}
