//! An internet gateway: the way from a VPC to the internet and back.

use aws_sdk_ec2::types::{AttachmentStatus, InternetGateway as Answer, ResourceType};
use serde::{Deserialize, Serialize};

use super::{
    tags::{Labels, retag, specification, told},
    vpc::default_vpc,
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        once::once,
        tags::Tags,
    },
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `ec2.internet_gateway`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct InternetGateway {
    region: String,
    name: Option<String>,
    vpc: Option<String>,
    tags: Tags,
    internet_gateway_id: Option<String>,
}

impl Resource for InternetGateway {
    const TABLE: &'static str = "ec2.internet_gateway";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let gateways = gateways(aws).await?;
        let default = default_vpc(aws).await?;
        Ok(gateways.iter().map(|gateway| Self::shown(gateway, default.as_deref(), aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let tags = specification(ResourceType::InternetGateway, self.name.as_deref(), &self.tags, owner);
        let call = aws.ec2().create_internet_gateway().tag_specifications(tags).customize().config_override(once());
        let made = call.send().await.map_err(refused("CreateInternetGateway"))?;
        let made = made.internet_gateway.ok_or_else(|| empty("CreateInternetGateway"))?;
        let mut made = Self::shown(&made, None, aws.region());
        made.row.attach(self.vpc, aws).await?;
        Ok(made)
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let mut row = was.row.clone();
        if self.vpc.is_some() && self.vpc != row.vpc {
            row.detach(aws).await?;
            row.attach(self.vpc, aws).await?;
        }
        let before = Labels { name: was.row.name.as_deref(), tags: &was.row.tags, owner: was.owner.as_deref() };
        let after = Labels { name: self.name.as_deref(), tags: &self.tags, owner: Some(&owner.tag) };
        retag(aws, row.id(), before, after).await?;
        let row = Self { name: self.name, tags: self.tags, ..row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(mut self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        self.detach(aws).await?;
        gone(aws.ec2().delete_internet_gateway().internet_gateway_id(self.id()).send().await.map_err(refused("DeleteInternetGateway")))?;
        Ok(None)
    }
}

impl InternetGateway {
    fn id(&self) -> &str {
        self.internet_gateway_id.as_deref().unwrap_or_default()
    }

    async fn attach(&mut self, vpc: Option<String>, aws: &Aws) -> Result<(), Error> {
        let Some(vpc) = vpc else { return Ok(()) };
        let call = aws.ec2().attach_internet_gateway().internet_gateway_id(self.id()).vpc_id(&vpc);
        call.send().await.map_err(refused("AttachInternetGateway"))?;
        self.vpc = Some(vpc);
        Ok(())
    }

    async fn detach(&mut self, aws: &Aws) -> Result<(), Error> {
        let Some(vpc) = self.vpc.take() else { return Ok(()) };
        let call = aws.ec2().detach_internet_gateway().internet_gateway_id(self.id()).vpc_id(vpc);
        gone(call.send().await.map_err(refused("DetachInternetGateway")))
    }

    fn shown(gateway: &Answer, default_vpc: Option<&str>, region: &str) -> Observed<Self> {
        let told = told(gateway.tags());
        // one at most: a gateway is attached to one VPC
        let attachment = gateway.attachments().first();
        let vpc = attachment.and_then(|attachment| attachment.vpc_id());
        let busy = attachment
            .and_then(|attachment| attachment.state())
            .filter(|state| matches!(state, AttachmentStatus::Attaching | AttachmentStatus::Detaching));
        let row = Self {
            region: region.to_owned(),
            name: told.name,
            vpc: vpc.map(str::to_owned),
            tags: told.tags,
            internet_gateway_id: gateway.internet_gateway_id().map(str::to_owned),
        };
        let implicit = vpc.is_some() && vpc == default_vpc;
        Observed::of(row).owned(told.owner).pending(busy.map(|state| state.as_str().to_owned())).implicit(implicit)
    }
}

/// Every internet gateway with the VPC that it is attached to.
pub(super) async fn gateways(aws: &Aws) -> Result<Vec<Answer>, Error> {
    let gateways = aws.ec2().describe_internet_gateways().max_results(1000).into_paginator().items().send();
    gateways.try_collect().await.map_err(refused("DescribeInternetGateways"))
}
