//! An image (AMI): what instances start from. Looked up by name, never made.

use aws_sdk_ec2::types::{Filter, Image as Answer};
use serde::{Deserialize, Serialize};

use crate::{
    aws::{Aws, error::refused},
    resource::{Error, Kind, Observed, Owner, Reads, Resource},
};

/// A row of `ec2.image`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Image {
    region: String,
    image_owner: String,
    name: String,
    image_id: Option<String>,
    image_name: Option<String>,
    owner_id: Option<String>,
    creation_date: Option<String>,
    architecture: Option<String>,
    root_device_name: Option<String>,
    virtualization_type: Option<String>,
    platform_details: Option<String>,
    description: Option<String>,
    state: Option<String>,
    deprecation_time: Option<String>,
}

impl Resource for Image {
    const TABLE: &'static str = "ec2.image";
    const READS: Reads = Reads::Named;
    type Cloud = Aws;

    async fn list(aws: &Aws, named: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let mut found = Vec::new();
        for row in named.iter().filter(|row| row.region == aws.region()) {
            found.extend(row.newest(aws).await?.map(|image| row.shown(&image)));
        }
        Ok(found)
    }

    async fn create(self, _: &Owner, _: &Aws) -> Result<Observed<Self>, Error> {
        Err(Error::new("DescribeImages", Kind::Invalid, "an image is made elsewhere: a row can only refer to it"))
    }

    /// Nothing about an image is ours to change.
    async fn update(self, was: Observed<Self>, _: &Owner, _: &Aws) -> Result<Observed<Self>, Error> {
        Ok(was)
    }

    /// The image stays: it was only looked up.
    async fn delete(self, _: &Aws) -> Result<Option<Observed<Self>>, Error> {
        Ok(None)
    }
}

impl Image {
    /// Of those that match, the one that was made last.
    async fn newest(&self, aws: &Aws) -> Result<Option<Answer>, Error> {
        let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
        let call = aws.ec2().describe_images().owners(&self.image_owner).filters(filter("name", &self.name));
        let found = call.filters(filter("state", "available")).into_paginator().items().send();
        let found = found.try_collect().await.map_err(refused("DescribeImages"))?;
        Ok(found.into_iter().max_by(|a, b| age(a).cmp(&age(b))))
    }

    fn shown(&self, image: &Answer) -> Observed<Self> {
        let row = Self {
            region: self.region.clone(),
            image_owner: self.image_owner.clone(),
            name: self.name.clone(),
            image_id: image.image_id().map(str::to_owned),
            image_name: image.name().map(str::to_owned),
            owner_id: image.owner_id().map(str::to_owned),
            creation_date: image.creation_date().map(str::to_owned),
            architecture: image.architecture().map(|architecture| architecture.as_str().to_owned()),
            root_device_name: image.root_device_name().map(str::to_owned),
            virtualization_type: image.virtualization_type().map(|kind| kind.as_str().to_owned()),
            platform_details: image.platform_details().map(str::to_owned),
            description: image.description().map(str::to_owned),
            state: image.state().map(|state| state.as_str().to_owned()),
            deprecation_time: image.deprecation_time().map(str::to_owned),
        };
        Observed::of(row).implicit(true)
    }
}

/// By when it was made, and by its id among those of the same moment: ISO 8601 sorts as text.
fn age(image: &Answer) -> (&str, &str) {
    (image.creation_date().unwrap_or_default(), image.image_id().unwrap_or_default())
}
