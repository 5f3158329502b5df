//! A repository: a place for container images.

use aws_sdk_ecr::types::{
    EncryptionConfiguration, EncryptionType, ImageScanningConfiguration, ImageTagMutability, ImageTagMutabilityExclusionFilter,
    ImageTagMutabilityExclusionFilterType, Repository as Answer,
};
use serde::{Deserialize, Serialize};

use super::{
    name,
    tags::{asked, labels, listed, retag},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        one_by_one,
        tags::{Tags, Told},
    },
    resource::{Error, Kind, Observed, Owner, Resource, gone},
};

/// A row of `ecr.repository`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Repository {
    region: String,
    name: String,
    image_tag_mutability: Option<String>,
    image_tag_mutability_exclusion_filters: Option<Vec<String>>,
    scan_on_push: Option<bool>,
    encryption_type: Option<String>,
    kms_key: Option<String>,
    force_delete: bool,
    tags: Tags,
    repository_uri: Option<String>,
    arn: Option<String>,
}

impl Resource for Repository {
    const TABLE: &'static str = "ecr.repository";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        // ECR tells tags only when asked one by one
        one_by_one::each(all(aws).await?, |repository| async move {
            let (told, force_delete) = asked(aws, repository.repository_arn().unwrap_or_default()).await?;
            Ok(Some(Self::shown(repository, told, force_delete, aws.region())))
        })
        .await
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let asked = aws
            .ecr()
            .create_repository()
            .repository_name(&self.name)
            .set_image_tag_mutability(self.image_tag_mutability.as_deref().map(ImageTagMutability::from))
            .set_image_tag_mutability_exclusion_filters(self.filters()?)
            .set_image_scanning_configuration(self.scan_on_push.map(scanning))
            .set_encryption_configuration(self.encryption()?)
            .set_tags(listed(labels(&self.tags, Some(&owner.tag), self.force_delete))?);
        let made = asked.send().await.map_err(refused("CreateRepository"))?;
        let made = made.repository.ok_or_else(|| empty("CreateRepository"))?;
        let told = Told { owner: Some(owner.tag.clone()), tags: self.tags, ..Told::default() };
        Ok(Self::shown(made, told, self.force_delete, aws.region()))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let arn = was.row.arn.clone().unwrap_or_default();
        self.moved(&was.row, aws).await?;
        if let Some(scan) = self.scan_on_push.filter(|scan| was.row.scan_on_push != Some(*scan)) {
            let asked = aws.ecr().put_image_scanning_configuration().repository_name(&was.row.name);
            let asked = asked.image_scanning_configuration(scanning(scan));
            asked.send().await.map_err(refused("PutImageScanningConfiguration"))?;
        }
        let before = labels(&was.row.tags, was.owner.as_deref(), was.row.force_delete);
        retag(aws, &arn, &before, &labels(&self.tags, Some(&owner.tag), self.force_delete)).await?;
        let filters = if self.image_tag_mutability.is_some() {
            self.image_tag_mutability_exclusion_filters
        } else {
            was.row.image_tag_mutability_exclusion_filters
        };
        let row = Self {
            image_tag_mutability: self.image_tag_mutability.or(was.row.image_tag_mutability),
            image_tag_mutability_exclusion_filters: filters,
            scan_on_push: self.scan_on_push.or(was.row.scan_on_push),
            force_delete: self.force_delete,
            tags: self.tags,
            ..was.row
        };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.ecr().delete_repository().repository_name(self.name).force(self.force_delete);
        gone(asked.send().await.map_err(refused("DeleteRepository")))?;
        Ok(None)
    }
}

impl Repository {
    fn filters(&self) -> Result<Option<Vec<ImageTagMutabilityExclusionFilter>>, Error> {
        let filter = |filter: &String| {
            let kind = ImageTagMutabilityExclusionFilterType::Wildcard;
            ImageTagMutabilityExclusionFilter::builder().filter_type(kind).filter(filter).build()
        };
        let filters = self.image_tag_mutability_exclusion_filters.as_ref().map(|filters| filters.iter().map(filter).collect());
        filters.transpose().map_err(|error| Error::new("repository", Kind::Row, error.to_string()))
    }

    fn encryption(&self) -> Result<Option<EncryptionConfiguration>, Error> {
        let configuration = self.encryption_type.as_deref().map(|kind| {
            EncryptionConfiguration::builder().encryption_type(EncryptionType::from(kind)).set_kms_key(self.kms_key.clone()).build()
        });
        configuration.transpose().map_err(|error| Error::new("repository", Kind::Row, error.to_string()))
    }

    /// Says whether tags can be moved, where that differs.
    async fn moved(&self, was: &Self, aws: &Aws) -> Result<(), Error> {
        let Some(mutability) = &self.image_tag_mutability else { return Ok(()) };
        let same_filters = self.image_tag_mutability_exclusion_filters.is_none()
            || self.image_tag_mutability_exclusion_filters == was.image_tag_mutability_exclusion_filters;
        if Some(mutability) == was.image_tag_mutability.as_ref() && same_filters {
            return Ok(());
        }
        let asked = aws.ecr().put_image_tag_mutability().repository_name(&was.name).image_tag_mutability(mutability.as_str().into());
        let asked = asked.set_image_tag_mutability_exclusion_filters(self.filters()?);
        asked.send().await.map(drop).map_err(refused("PutImageTagMutability"))
    }

    fn shown(repository: Answer, told: Told, force_delete: bool, region: &str) -> Observed<Self> {
        let filters = repository.image_tag_mutability_exclusion_filters.map(|filters| {
            let mut filters: Vec<_> = filters.into_iter().map(|filter| filter.filter).collect();
            filters.sort_unstable();
            filters
        });
        let encryption = repository.encryption_configuration;
        let row = Self {
            region: region.to_owned(),
            name: repository.repository_arn.as_deref().map(name::of).unwrap_or_default().to_owned(),
            image_tag_mutability: repository.image_tag_mutability.map(|mutability| mutability.as_str().to_owned()),
            image_tag_mutability_exclusion_filters: filters.filter(|filters| !filters.is_empty()),
            scan_on_push: repository.image_scanning_configuration.map(|scanning| scanning.scan_on_push),
            encryption_type: encryption.as_ref().map(|encryption| encryption.encryption_type().as_str().to_owned()),
            kms_key: encryption.and_then(|encryption| encryption.kms_key),
            force_delete,
            tags: told.tags,
            repository_uri: repository.repository_uri,
            arn: repository.repository_arn,
        };
        Observed::of(row).owned(told.owner)
    }
}

fn scanning(on_push: bool) -> ImageScanningConfiguration {
    ImageScanningConfiguration::builder().scan_on_push(on_push).build()
}

/// Every repository of the region.
pub(super) async fn all(aws: &Aws) -> Result<Vec<Answer>, Error> {
    let repositories = aws.ecr().describe_repositories().max_results(1000).into_paginator().items().send();
    repositories.try_collect().await.map_err(refused("DescribeRepositories"))
}
