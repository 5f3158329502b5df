//! A virtual private cloud: an isolated network.

use aws_sdk_ec2::types::{Filter, ResourceType, Tenancy, Vpc as Answer, VpcState};
use serde::{Deserialize, Serialize};

use super::tags::{Labels, retag, specification, told};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        once::once,
        tags::Tags,
    },
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `ec2.vpc`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Vpc {
    region: String,
    name: Option<String>,
    cidr_block: String,
    instance_tenancy: Option<String>,
    tags: Tags,
    vpc_id: Option<String>,
}

impl Resource for Vpc {
    const TABLE: &'static str = "ec2.vpc";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        Ok(vpcs(aws).await?.iter().map(|vpc| Self::shown(vpc, aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let made = aws
            .ec2()
            .create_vpc()
            .cidr_block(self.cidr_block)
            .set_instance_tenancy(self.instance_tenancy.as_deref().map(Tenancy::from))
            .tag_specifications(specification(ResourceType::Vpc, self.name.as_deref(), &self.tags, owner))
            .customize()
            .config_override(once())
            .send()
            .await
            .map_err(refused("CreateVpc"))?;
        made.vpc.map(|vpc| Self::shown(&vpc, aws.region())).ok_or_else(|| empty("CreateVpc"))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let id = was.row.vpc_id.as_deref().unwrap_or_default();
        let before = Labels { name: was.row.name.as_deref(), tags: &was.row.tags, owner: was.owner.as_deref() };
        retag(aws, id, before, Labels { name: self.name.as_deref(), tags: &self.tags, owner: Some(&owner.tag) }).await?;
        let row = Self { name: self.name, tags: self.tags, ..was.row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let id = self.vpc_id.unwrap_or_default();
        gone(aws.ec2().delete_vpc().vpc_id(id).send().await.map_err(refused("DeleteVpc")))?;
        Ok(None)
    }
}

impl Vpc {
    fn shown(vpc: &Answer, region: &str) -> Observed<Self> {
        let told = told(vpc.tags());
        let pending = (vpc.state() == Some(&VpcState::Pending)).then(|| "pending".to_owned());
        let row = Self {
            region: region.to_owned(),
            name: told.name,
            cidr_block: vpc.cidr_block().unwrap_or_default().to_owned(),
            instance_tenancy: vpc.instance_tenancy().map(|tenancy| tenancy.as_str().to_owned()),
            tags: told.tags,
            vpc_id: vpc.vpc_id().map(str::to_owned),
        };
        Observed::of(row).owned(told.owner).pending(pending).implicit(vpc.is_default().unwrap_or_default())
    }
}

/// Every VPC of a region.
pub(super) async fn vpcs(aws: &Aws) -> Result<Vec<Answer>, Error> {
    let vpcs = aws.ec2().describe_vpcs().max_results(1000).into_paginator().items().send();
    vpcs.try_collect().await.map_err(refused("DescribeVpcs"))
}

/// The region's default VPC, where there is one: AWS made its gateway and its way out, too.
pub(super) async fn default_vpc(aws: &Aws) -> Result<Option<String>, Error> {
    let is_default = Filter::builder().name("is-default").values("true").build();
    let vpcs = aws.ec2().describe_vpcs().filters(is_default).send().await.map_err(refused("DescribeVpcs"))?;
    Ok(vpcs.vpcs().iter().find(|vpc| vpc.is_default().unwrap_or_default()).and_then(|vpc| vpc.vpc_id()).map(str::to_owned))
}
