//! The parameters that database instances run with.

use aws_sdk_rds::types::DbParameterGroup as Answer;
use futures::{StreamExt, TryStreamExt, future::try_join, stream};
use serde::{Deserialize, Serialize};

use super::{
    parameters::{self, Group, Parameter},
    tags::{ASIDE, asked, labels, listed, retag},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::{Tags, Told},
    },
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `rds.db_parameter_group`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DbParameterGroup {
    region: String,
    name: String,
    family: String,
    description: Option<String>,
    parameters: Option<Vec<Parameter>>,
    tags: Tags,
    arn: Option<String>,
}

impl Resource for DbParameterGroup {
    const TABLE: &'static str = "rds.db_parameter_group";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let groups = aws.rds().describe_db_parameter_groups().max_records(100).into_paginator().items().send();
        let groups = groups.try_collect().await.map_err(refused("DescribeDBParameterGroups"))?;
        let rows = stream::iter(groups).map(|group| Self::asked(aws, group));
        rows.buffer_unordered(ASIDE).try_collect().await
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let asked = aws
            .rds()
            .create_db_parameter_group()
            .db_parameter_group_name(&self.name)
            .db_parameter_group_family(&self.family)
            .description(self.description.as_ref().unwrap_or(&self.name))
            .set_tags(listed(labels(&self.tags, Some(&owner.tag))));
        let made = asked.send().await.map_err(refused("CreateDBParameterGroup"))?;
        let made = made.db_parameter_group.ok_or_else(|| empty("CreateDBParameterGroup"))?;
        let set = self.parameters.unwrap_or_default();
        parameters::write(aws, Group::OfInstances(&self.name), &[], &set).await?;
        let told = Told { tags: self.tags, owner: Some(owner.tag.clone()), ..Told::default() };
        Ok(Self::shown(&made, set, told, aws.region()))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let before = was.row.parameters.clone().unwrap_or_default();
        let now = self.parameters.unwrap_or_else(|| before.clone());
        parameters::write(aws, Group::OfInstances(&was.row.name), &before, &now).await?;
        let (unlabelled, labelled) = (labels(&was.row.tags, was.owner.as_deref()), labels(&self.tags, Some(&owner.tag)));
        retag(aws, was.row.arn.as_deref().unwrap_or_default(), &unlabelled, &labelled).await?;
        let row = Self { parameters: Some(now), tags: self.tags, ..was.row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        gone(
            aws.rds()
                .delete_db_parameter_group()
                .db_parameter_group_name(self.name)
                .send()
                .await
                .map_err(refused("DeleteDBParameterGroup")),
        )?;
        Ok(None)
    }
}

impl DbParameterGroup {
    /// A group with its parameters and tags: a call for each, since no listing tells them. AWS' own groups have neither.
    async fn asked(aws: &Aws, group: Answer) -> Result<Observed<Self>, Error> {
        let name = group.db_parameter_group_name().unwrap_or_default();
        if name.starts_with("default.") {
            return Ok(Self::shown(&group, Vec::new(), Told::default(), aws.region()).implicit(true));
        }
        let arn = group.db_parameter_group_arn().unwrap_or_default();
        let (set, told) = try_join(parameters::set(aws, Group::OfInstances(name)), asked(aws, arn)).await?;
        Ok(Self::shown(&group, set, told, aws.region()))
    }

    fn shown(group: &Answer, set: Vec<Parameter>, told: Told, region: &str) -> Observed<Self> {
        let row = Self {
            region: region.to_owned(),
            name: group.db_parameter_group_name().unwrap_or_default().to_owned(),
            family: group.db_parameter_group_family().unwrap_or_default().to_owned(),
            description: group.description().map(str::to_owned),
            parameters: Some(set),
            tags: told.tags,
            arn: group.db_parameter_group_arn().map(str::to_owned),
        };
        Observed::of(row).owned(told.owner)
    }
}
