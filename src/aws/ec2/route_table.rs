//! A route table: where the traffic of the subnets that use it goes.

use aws_sdk_ec2::types::{ResourceType, RouteTable as Answer};
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

/// A row of `ec2.route_table`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RouteTable {
    region: String,
    name: Option<String>,
    vpc: Option<String>,
    tags: Tags,
    route_table_id: Option<String>,
}

impl Resource for RouteTable {
    const TABLE: &'static str = "ec2.route_table";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        Ok(tables(aws).await?.iter().map(|table| Self::shown(table, aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let tags = specification(ResourceType::RouteTable, self.name.as_deref(), &self.tags, owner);
        let call = aws.ec2().create_route_table().client_token(&owner.token).set_vpc_id(self.vpc).tag_specifications(tags);
        let made = call.send().await.map_err(refused("CreateRouteTable"))?;
        made.route_table.map(|table| Self::shown(&table, aws.region())).ok_or_else(|| empty("CreateRouteTable"))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let id = was.row.route_table_id.as_deref().unwrap_or_default();
        let before = Labels { name: was.row.name.as_deref(), tags: &was.row.tags, owner: was.owner.as_deref() };
        retag(aws, id, before, Labels { name: self.name.as_deref(), tags: &self.tags, owner: Some(&owner.tag) }).await?;
        let row = Self { name: self.name, tags: self.tags, ..was.row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let id = self.route_table_id.unwrap_or_default();
        gone(aws.ec2().delete_route_table().route_table_id(id).send().await.map_err(refused("DeleteRouteTable")))?;
        Ok(None)
    }
}

impl RouteTable {
    fn shown(table: &Answer, region: &str) -> Observed<Self> {
        let told = told(table.tags());
        let row = Self {
            region: region.to_owned(),
            name: told.name,
            vpc: table.vpc_id().map(str::to_owned),
            tags: told.tags,
            route_table_id: table.route_table_id().map(str::to_owned),
        };
        Observed::of(row).owned(told.owner).implicit(is_main(table))
    }
}

/// Every route table with its routes and associations; AWS gives at most 100 a page.
pub(super) async fn tables(aws: &Aws) -> Result<Vec<Answer>, Error> {
    let tables = aws.ec2().describe_route_tables().max_results(100).into_paginator().items().send();
    tables.try_collect().await.map_err(refused("DescribeRouteTables"))
}

/// Whether it came with its VPC, for the subnets that name no other.
pub(super) fn is_main(table: &Answer) -> bool {
    table.associations().iter().any(|association| association.main().unwrap_or_default())
}
