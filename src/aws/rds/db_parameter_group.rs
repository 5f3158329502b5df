//! The parameters that database instances run with.

use aws_sdk_rds::types::DbParameterGroup as Answer;

use super::{
    parameter_group::{Of, ParameterGroup, Said},
    parameters::Group,
    tags::{labels, listed},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
    },
    resource::{Error, Owner},
};

/// A row of `rds.db_parameter_group`.
pub(crate) type DbParameterGroup = ParameterGroup<Instances>;

/// Parameters of instances.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Instances;

impl Of for Instances {
    const TABLE: &'static str = "rds.db_parameter_group";

    fn group(name: &str) -> Group<'_> {
        Group::OfInstances(name)
    }

    async fn all(aws: &Aws) -> Result<Vec<Said>, Error> {
        let groups = aws.rds().describe_db_parameter_groups().max_records(100).into_paginator().items().send();
        let groups: Vec<Answer> = groups.try_collect().await.map_err(refused("DescribeDBParameterGroups"))?;
        Ok(groups.into_iter().map(said).collect())
    }

    async fn make(aws: &Aws, row: &DbParameterGroup, owner: &Owner) -> Result<Said, Error> {
        let asked = aws
            .rds()
            .create_db_parameter_group()
            .db_parameter_group_name(&row.name)
            .db_parameter_group_family(&row.family)
            .description(row.description.as_ref().unwrap_or(&row.name))
            .set_tags(listed(labels(&row.tags, Some(&owner.tag))));
        let made = asked.send().await.map_err(refused("CreateDBParameterGroup"))?;
        made.db_parameter_group.map(said).ok_or_else(|| empty("CreateDBParameterGroup"))
    }

    async fn remove(aws: &Aws, name: &str) -> Result<(), Error> {
        let asked = aws.rds().delete_db_parameter_group().db_parameter_group_name(name);
        asked.send().await.map(drop).map_err(refused("DeleteDBParameterGroup"))
    }
}

fn said(group: Answer) -> Said {
    Said {
        name: group.db_parameter_group_name,
        family: group.db_parameter_group_family,
        description: group.description,
        arn: group.db_parameter_group_arn,
    }
}
