//! A subnet: a range of a VPC's addresses in one availability zone.

use aws_sdk_ec2::types::{AttributeBooleanValue, ResourceType, Subnet as Answer, SubnetState};
use serde::{Deserialize, Serialize};

use super::tags::{Labels, retag, specification, told};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::Tags,
    },
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `ec2.subnet`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Subnet {
    region: String,
    name: Option<String>,
    vpc: Option<String>,
    cidr_block: String,
    availability_zone: Option<String>,
    map_public_ip_on_launch: Option<bool>,
    tags: Tags,
    subnet_id: Option<String>,
}

impl Resource for Subnet {
    const TABLE: &'static str = "ec2.subnet";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let subnets = aws.ec2().describe_subnets().max_results(1000).into_paginator().items().send();
        let subnets = subnets.try_collect().await.map_err(refused("DescribeSubnets"))?;
        Ok(subnets.iter().map(|subnet| Self::shown(subnet, aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let made = aws
            .ec2()
            .create_subnet()
            .set_vpc_id(self.vpc)
            .cidr_block(self.cidr_block)
            .set_availability_zone(self.availability_zone)
            .tag_specifications(specification(ResourceType::Subnet, self.name.as_deref(), &self.tags, owner))
            .send()
            .await
            .map_err(refused("CreateSubnet"))?;
        let mut made = made.subnet.map(|subnet| Self::shown(&subnet, aws.region())).ok_or_else(|| empty("CreateSubnet"))?;
        made.row.map_public_ips(self.map_public_ip_on_launch, aws).await?;
        Ok(made)
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let mut row = was.row.clone();
        row.map_public_ips(self.map_public_ip_on_launch, aws).await?;
        let before = Labels { name: was.row.name.as_deref(), tags: &was.row.tags, owner: was.owner.as_deref() };
        let after = Labels { name: self.name.as_deref(), tags: &self.tags, owner: Some(&owner.tag) };
        retag(aws, row.id(), before, after).await?;
        let row = Self { name: self.name, tags: self.tags, ..row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        gone(aws.ec2().delete_subnet().subnet_id(self.id()).send().await.map_err(refused("DeleteSubnet")))?;
        Ok(None)
    }
}

impl Subnet {
    fn id(&self) -> &str {
        self.subnet_id.as_deref().unwrap_or_default()
    }

    /// The only attribute that `CreateSubnet` does not take.
    async fn map_public_ips(&mut self, should: Option<bool>, aws: &Aws) -> Result<(), Error> {
        let Some(should) = should.filter(|should| self.map_public_ip_on_launch != Some(*should)) else { return Ok(()) };
        let value = AttributeBooleanValue::builder().value(should).build();
        let call = aws.ec2().modify_subnet_attribute().subnet_id(self.id()).map_public_ip_on_launch(value);
        call.send().await.map_err(refused("ModifySubnetAttribute"))?;
        self.map_public_ip_on_launch = Some(should);
        Ok(())
    }

    fn shown(subnet: &Answer, region: &str) -> Observed<Self> {
        let told = told(subnet.tags());
        let pending = (subnet.state() == Some(&SubnetState::Pending)).then(|| "pending".to_owned());
        let row = Self {
            region: region.to_owned(),
            name: told.name,
            vpc: subnet.vpc_id().map(str::to_owned),
            cidr_block: subnet.cidr_block().unwrap_or_default().to_owned(),
            availability_zone: subnet.availability_zone().map(str::to_owned),
            map_public_ip_on_launch: Some(subnet.map_public_ip_on_launch().unwrap_or_default()),
            tags: told.tags,
            subnet_id: subnet.subnet_id().map(str::to_owned),
        };
        Observed::of(row).owned(told.owner).pending(pending).implicit(subnet.default_for_az().unwrap_or_default())
    }
}
