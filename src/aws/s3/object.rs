//! An object in a bucket: a file, with its content in the row.

use aws_lc_rs::digest::{SHA256, digest};
use aws_sdk_s3::{
    Client,
    operation::head_object::HeadObjectOutput,
    primitives::ByteStream,
    types::{ChecksumAlgorithm, ChecksumMode},
};
use aws_smithy_types::base64;
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::place;
use crate::{
    aws::{Aws, arns::partition, error::refused, tags::Tags},
    resource::{Cloud, Error, Kind, Observed, Owner, Reads, Resource, Scope, gone},
};

/// A row of `s3.object`. Its content is told by its checksum: one that is still there is the row's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Object {
    bucket: String,
    key: String,
    content: Option<String>,
    content_base64: Option<String>,
    content_type: Option<String>,
    cache_control: Option<String>,
    content_disposition: Option<String>,
    content_encoding: Option<String>,
    metadata: Tags,
    etag: Option<String>,
    arn: Option<String>,
}

impl Resource for Object {
    const TABLE: &'static str = "s3.object";
    const SCOPE: Scope = Scope::Global;
    const READS: Reads = Reads::Named;
    type Cloud = Aws;

    async fn list(aws: &Aws, named: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let places = place::of(aws, named.iter().map(|row| row.bucket.as_str())).await?;
        let there = named.iter().filter_map(|row| Some((row.clone(), aws.at(places.get(&row.bucket)?)))).collect::<Vec<_>>();
        let asked = stream::iter(there).map(|(row, aws)| async move { row.read(&aws).await });
        asked.buffer_unordered(place::ASIDE).try_filter_map(|row| async { Ok(row.map(Observed::of)) }).try_collect().await
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        self.put(aws).await.map(Observed::of)
    }

    /// An object is written whole, so what nobody asks for is written as it is.
    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let now = Self {
            content_type: self.content_type.or_else(|| was.row.content_type.clone()),
            cache_control: self.cache_control.or_else(|| was.row.cache_control.clone()),
            content_disposition: self.content_disposition.or_else(|| was.row.content_disposition.clone()),
            content_encoding: self.content_encoding.or_else(|| was.row.content_encoding.clone()),
            etag: was.row.etag.clone(),
            arn: was.row.arn.clone(),
            ..self
        };
        if now == was.row {
            return Ok(Observed::of(now));
        }
        now.put(aws).await.map(Observed::of)
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        // a bucket that is gone took this with it
        match place::at(aws, &self.bucket).await {
            Ok(there) => gone(there.s3().delete_object().bucket(self.bucket).key(self.key).send().await.map_err(refused("DeleteObject")))?,
            Err(error) => gone::<()>(Err(error))?,
        }
        Ok(None)
    }
}

impl Object {
    async fn read(self, aws: &Aws) -> Result<Option<Self>, Error> {
        let asked = aws.s3().head_object().bucket(&self.bucket).key(&self.key).checksum_mode(ChecksumMode::Enabled);
        match asked.send().await.map_err(refused("HeadObject")) {
            Err(error) if error.is_absent() => Ok(None),
            answer => self.told(answer?, aws.region()).map(Some),
        }
    }

    fn told(self, head: HeadObjectOutput, region: &str) -> Result<Self, Error> {
        let is_ours = head.checksum_sha256.as_deref() == Some(&checksum(&self.bytes("HeadObject")?));
        let text = |text: Option<String>| Some(text.unwrap_or_default());
        Ok(Self {
            arn: Some(self.called(region)),
            content: self.content.filter(|_| is_ours),
            content_base64: self.content_base64.filter(|_| is_ours),
            content_type: head.content_type,
            cache_control: text(head.cache_control),
            content_disposition: text(head.content_disposition),
            content_encoding: text(head.content_encoding),
            metadata: head.metadata.unwrap_or_default().into_iter().collect(),
            etag: head.e_tag,
            bucket: self.bucket,
            key: self.key,
        })
    }

    async fn put(self, aws: &Aws) -> Result<Self, Error> {
        let there = place::at(aws, &self.bucket).await?;
        let etag = self.sent(there.s3()).await?;
        let arn = Some(self.called(there.region()));
        Ok(Self { etag, arn, ..self })
    }

    async fn sent(&self, s3: &Client) -> Result<Option<String>, Error> {
        let bytes = self.bytes("PutObject")?;
        let set = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let asked = s3
            .put_object()
            .bucket(&self.bucket)
            .key(&self.key)
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .checksum_sha256(checksum(&bytes))
            .set_content_type(set(&self.content_type))
            .set_cache_control(set(&self.cache_control))
            .set_content_disposition(set(&self.content_disposition))
            .set_content_encoding(set(&self.content_encoding))
            .set_metadata(Some(self.metadata.clone().into_iter().collect()))
            .body(ByteStream::from(bytes));
        Ok(asked.send().await.map_err(refused("PutObject"))?.e_tag)
    }

    fn bytes(&self, operation: &'static str) -> Result<Vec<u8>, Error> {
        match (&self.content, &self.content_base64) {
            (Some(text), _) => Ok(text.clone().into_bytes()),
            (None, Some(text)) => {
                // Postgres lets lines end in it
                let text: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
                base64::decode(text).map_err(|error| Error::new(operation, Kind::Row, error.to_string()))
            }
            (None, None) => Ok(Vec::new()),
        }
    }

    fn called(&self, region: &str) -> String {
        format!("arn:{}:s3:::{}/{}", partition(region), self.bucket, self.key)
    }
}

fn checksum(bytes: &[u8]) -> String {
    base64::encode(digest(&SHA256, bytes))
}
