//! The subnets that database instances may stand in.

use aws_sdk_rds::types::DbSubnetGroup as Answer;
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::tags::{ASIDE, asked, labels, listed, retag};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::{Tags, Told},
    },
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `rds.db_subnet_group`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DbSubnetGroup {
    region: String,
    name: String,
    description: Option<String>,
    subnets: Option<Vec<String>>,
    tags: Tags,
    arn: Option<String>,
}

impl Resource for DbSubnetGroup {
    const TABLE: &'static str = "rds.db_subnet_group";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let groups = aws.rds().describe_db_subnet_groups().max_records(100).into_paginator().items().send();
        let groups = groups.try_collect().await.map_err(refused("DescribeDBSubnetGroups"))?;
        let rows = stream::iter(groups).map(|group| async move {
            let told = asked(aws, group.db_subnet_group_arn().unwrap_or_default()).await?;
            Ok(Self::shown(&group, told, aws.region()))
        });
        rows.buffer_unordered(ASIDE).try_collect().await
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let asked = aws
            .rds()
            .create_db_subnet_group()
            .db_subnet_group_name(&self.name)
            .db_subnet_group_description(self.description.as_ref().unwrap_or(&self.name))
            .set_subnet_ids(self.subnets)
            .set_tags(listed(labels(&self.tags, Some(&owner.tag))));
        let made = asked.send().await.map_err(refused("CreateDBSubnetGroup"))?;
        let made = made.db_subnet_group.ok_or_else(|| empty("CreateDBSubnetGroup"))?;
        let told = Told { tags: self.tags, owner: Some(owner.tag.clone()), ..Told::default() };
        Ok(Self::shown(&made, told, aws.region()))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let description = self.description.filter(|description| Some(description) != was.row.description.as_ref());
        let subnets = self.subnets.filter(|subnets| Some(subnets) != was.row.subnets.as_ref());
        let row = Self { subnets: subnets.clone().or(was.row.subnets.clone()), tags: self.tags, ..was.row.clone() };
        if description.is_some() || subnets.is_some() {
            let asked = aws.rds().modify_db_subnet_group().db_subnet_group_name(&row.name).set_subnet_ids(row.subnets.clone());
            asked.set_db_subnet_group_description(description.clone()).send().await.map_err(refused("ModifyDBSubnetGroup"))?;
        }
        let (before, now) = (labels(&was.row.tags, was.owner.as_deref()), labels(&row.tags, Some(&owner.tag)));
        retag(aws, row.arn.as_deref().unwrap_or_default(), &before, &now).await?;
        let row = Self { description: description.or(was.row.description.clone()), ..row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        gone(aws.rds().delete_db_subnet_group().db_subnet_group_name(self.name).send().await.map_err(refused("DeleteDBSubnetGroup")))?;
        Ok(None)
    }
}

impl DbSubnetGroup {
    fn shown(group: &Answer, told: Told, region: &str) -> Observed<Self> {
        let mut subnets: Vec<String> = group.subnets().iter().filter_map(|subnet| subnet.subnet_identifier().map(str::to_owned)).collect();
        subnets.sort_unstable();
        let name = group.db_subnet_group_name().unwrap_or_default().to_owned();
        // AWS makes one of the default VPC for an instance that names none
        let is_default = name == "default";
        let row = Self {
            region: region.to_owned(),
            name,
            description: group.db_subnet_group_description().map(str::to_owned),
            subnets: Some(subnets),
            tags: told.tags,
            arn: group.db_subnet_group_arn().map(str::to_owned),
        };
        Observed::of(row).owned(told.owner).implicit(is_default)
    }
}
