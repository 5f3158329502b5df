//! An image in a repository. Images are pushed, not made.

use aws_sdk_ecr::types::ImageDetail;
use aws_smithy_types::date_time::Format;
use serde::{Deserialize, Serialize};

use super::repository;
use crate::{
    aws::{Aws, error::refused, one_by_one},
    resource::{Error, Kind, Observed, Owner, Resource},
};

/// A row of `ecr.image`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Image {
    region: String,
    repository: String,
    image_digest: String,
    image_tags: Option<Vec<String>>,
    image_size_in_bytes: Option<i64>,
    image_pushed_at: Option<String>,
    artifact_media_type: Option<String>,
    image_uri: Option<String>,
}

impl Resource for Image {
    const TABLE: &'static str = "ecr.image";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let images = one_by_one::each(repository::all(aws).await?, |repository| async move {
            let images = aws.ecr().describe_images().set_repository_name(repository.repository_name.clone());
            let images = images.max_results(1000).into_paginator().items().send();
            let images: Vec<_> = images.try_collect().await.map_err(refused("DescribeImages"))?;
            let uri = repository.repository_uri.unwrap_or_default();
            Ok(Some(images.into_iter().map(|image| Self::shown(image, &uri, aws.region())).collect::<Vec<_>>()))
        });
        Ok(images.await?.into_iter().flatten().collect())
    }

    async fn create(self, _: &Owner, _: &Aws) -> Result<Observed<Self>, Error> {
        Err(Error::new("PutImage", Kind::Invalid, "an image is pushed by whoever builds it, and can only be referred to"))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, _: &Aws) -> Result<Observed<Self>, Error> {
        Ok(was)
    }

    async fn delete(self, _: &Aws) -> Result<Option<Observed<Self>>, Error> {
        Ok(None)
    }
}

impl Image {
    fn shown(image: ImageDetail, repository_uri: &str, region: &str) -> Observed<Self> {
        let mut image_tags = image.image_tags.unwrap_or_default();
        image_tags.sort_unstable();
        let image_digest = image.image_digest.unwrap_or_default();
        let row = Self {
            region: region.to_owned(),
            repository: image.repository_name.unwrap_or_default(),
            image_uri: Some(format!("{repository_uri}@{image_digest}")),
            image_digest,
            image_tags: Some(image_tags),
            image_size_in_bytes: image.image_size_in_bytes,
            image_pushed_at: image.image_pushed_at.and_then(|at| at.fmt(Format::DateTime).ok()),
            artifact_media_type: image.artifact_media_type,
        };
        // it goes with its repository, or when somebody throws it away: no row is to ask for it
        Observed::of(row).implicit(true)
    }
}
