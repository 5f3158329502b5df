//! Whether a bucket keeps what is overwritten or deleted.

use aws_sdk_s3::{
    Client,
    config::http::HttpResponse,
    types::{BucketVersioningStatus, VersioningConfiguration},
};
use serde::{Deserialize, Serialize};

use super::facet::Facet;
use crate::{aws::error::refused, resource::Error};

/// A row of `s3.bucket_versioning`. A bucket that never had versions has none; one that had cannot do more than suspend them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BucketVersioning {
    bucket: String,
    status: String,
}

impl Facet for BucketVersioning {
    const TABLE: &'static str = "s3.bucket_versioning";

    fn bucket(&self) -> &str {
        &self.bucket
    }

    async fn read(&self, s3: &Client) -> Result<Option<Self>, Error> {
        let status = match s3.get_bucket_versioning().bucket(&self.bucket).send().await {
            Ok(answer) => answer.status,
            Err(error) if error.raw_response().is_some_and(|raw| raw.status().is_success()) => unread(error.raw_response()),
            Err(error) => return Err(refused("GetBucketVersioning")(error)),
        };
        Ok(status.map(|status| Self { bucket: self.bucket.clone(), status: status.as_str().to_owned() }))
    }

    async fn set(self, was: Option<Self>, s3: &Client) -> Result<Self, Error> {
        if was.as_ref() != Some(&self) {
            let status = BucketVersioningStatus::from(self.status.as_str());
            let configuration = VersioningConfiguration::builder().status(status).build();
            let asked = s3.put_bucket_versioning().bucket(&self.bucket).versioning_configuration(configuration);
            asked.send().await.map_err(refused("PutBucketVersioning"))?;
        }
        Ok(self)
    }

    async fn reset(self, s3: &Client) -> Result<(), Error> {
        let suspended = Self { status: BucketVersioningStatus::Suspended.as_str().to_owned(), ..self.clone() };
        suspended.set(Some(self), s3).await.map(drop)
    }
}

/// moto (5.2.5) gives its answer another name than S3 does, and the SDK then does not look into it.
fn unread(answer: Option<&HttpResponse>) -> Option<BucketVersioningStatus> {
    let body = String::from_utf8_lossy(answer?.body().bytes()?);
    let known = [BucketVersioningStatus::Enabled, BucketVersioningStatus::Suspended];
    known.into_iter().find(|status| body.contains(&format!("<Status>{}</Status>", status.as_str())))
}
