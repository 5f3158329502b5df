//! A network ACL: what traffic may enter and leave the subnets that use it, packet by packet.

use aws_sdk_ec2::types::{NetworkAcl as Answer, ResourceType};
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

/// A row of `ec2.network_acl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct NetworkAcl {
    region: String,
    name: Option<String>,
    vpc: Option<String>,
    tags: Tags,
    network_acl_id: Option<String>,
}

impl Resource for NetworkAcl {
    const TABLE: &'static str = "ec2.network_acl";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        Ok(acls(aws).await?.iter().map(|acl| Self::shown(acl, aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let tags = specification(ResourceType::NetworkAcl, self.name.as_deref(), &self.tags, owner);
        let call = aws.ec2().create_network_acl().client_token(&owner.token).set_vpc_id(self.vpc).tag_specifications(tags);
        let made = call.send().await.map_err(refused("CreateNetworkAcl"))?;
        made.network_acl.map(|acl| Self::shown(&acl, aws.region())).ok_or_else(|| empty("CreateNetworkAcl"))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let id = was.row.network_acl_id.as_deref().unwrap_or_default();
        let before = Labels { name: was.row.name.as_deref(), tags: &was.row.tags, owner: was.owner.as_deref() };
        retag(aws, id, before, Labels { name: self.name.as_deref(), tags: &self.tags, owner: Some(&owner.tag) }).await?;
        let row = Self { name: self.name, tags: self.tags, ..was.row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let id = self.network_acl_id.unwrap_or_default();
        gone(aws.ec2().delete_network_acl().network_acl_id(id).send().await.map_err(refused("DeleteNetworkAcl")))?;
        Ok(None)
    }
}

impl NetworkAcl {
    fn shown(acl: &Answer, region: &str) -> Observed<Self> {
        let told = told(acl.tags());
        let row = Self {
            region: region.to_owned(),
            name: told.name,
            vpc: acl.vpc_id().map(str::to_owned),
            tags: told.tags,
            network_acl_id: acl.network_acl_id().map(str::to_owned),
        };
        Observed::of(row).owned(told.owner).implicit(acl.is_default().unwrap_or_default())
    }
}

/// Every network ACL with its rules and associations.
pub(super) async fn acls(aws: &Aws) -> Result<Vec<Answer>, Error> {
    let acls = aws.ec2().describe_network_acls().max_results(1000).into_paginator().items().send();
    acls.try_collect().await.map_err(refused("DescribeNetworkAcls"))
}
