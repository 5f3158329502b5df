//! The parameters of one group, of instances or of clusters: those that somebody set, and how to set others.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_rds::types::{ApplyMethod, Parameter as Sent};
use serde::{Deserialize, Serialize};

use crate::{
    aws::{Aws, error::refused},
    resource::Error,
};

/// Parameters in one call, the most that AWS takes.
const ONE_CALL: usize = 20;

/// One parameter that differs from the family's own value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Parameter {
    pub(super) name: String,
    pub(super) value: String,
}

/// Whose parameters they are, by the group's name.
#[derive(Clone, Copy)]
pub(crate) enum Group<'a> {
    OfInstances(&'a str),
    OfClusters(&'a str),
}

/// Those that somebody set, sorted.
pub(super) async fn set(aws: &Aws, group: Group<'_>) -> Result<Vec<Parameter>, Error> {
    let answer = group.all(aws, Some("user")).await?;
    let named = answer.into_iter().filter_map(|found| Some(Parameter { name: found.parameter_name?, value: found.parameter_value? }));
    Ok(named.collect::<BTreeSet<_>>().into_iter().collect())
}

/// Turns those of a group from `was` into `now`, twenty in a call, and gives what vanishes its family's value again.
pub(super) async fn write(aws: &Aws, group: Group<'_>, was: &[Parameter], now: &[Parameter]) -> Result<(), Error> {
    let set: Vec<&Parameter> = now.iter().filter(|parameter| !was.contains(parameter)).collect();
    let unset: Vec<&Parameter> = was.iter().filter(|before| now.iter().all(|parameter| parameter.name != before.name)).collect();
    if set.is_empty() && unset.is_empty() {
        return Ok(());
    }
    let methods = methods(aws, group).await?;
    let at_once = |parameter: &Parameter| methods.get(&parameter.name).cloned().unwrap_or(ApplyMethod::PendingReboot);
    for some in set.chunks(ONE_CALL) {
        let sent = some
            .iter()
            .map(|some| Sent::builder().parameter_name(&some.name).parameter_value(&some.value).apply_method(at_once(some)).build());
        group.modify(aws, sent.collect()).await?;
    }
    for some in unset.chunks(ONE_CALL) {
        let sent = some.iter().map(|some| Sent::builder().parameter_name(&some.name).apply_method(at_once(some)).build());
        group.reset(aws, sent.collect()).await?;
    }
    Ok(())
}

/// When a change of each parameter can take effect. Static ones wait for a restart, and AWS refuses to do it sooner.
async fn methods(aws: &Aws, group: Group<'_>) -> Result<BTreeMap<String, ApplyMethod>, Error> {
    let all = group.all(aws, None).await?;
    let method = |kind: &str| if kind == "dynamic" { ApplyMethod::Immediate } else { ApplyMethod::PendingReboot };
    Ok(all.into_iter().filter_map(|found| Some((found.parameter_name?, method(found.apply_type.as_deref()?)))).collect())
}

impl Group<'_> {
    async fn all(self, aws: &Aws, source: Option<&str>) -> Result<Vec<Sent>, Error> {
        let source = source.map(str::to_owned);
        match self {
            Self::OfInstances(name) => {
                let asked = aws.rds().describe_db_parameters().db_parameter_group_name(name).set_source(source).max_records(100);
                asked.into_paginator().items().send().try_collect().await.map_err(refused("DescribeDBParameters"))
            }
            Self::OfClusters(name) => {
                let asked = aws.rds().describe_db_cluster_parameters().db_cluster_parameter_group_name(name).set_source(source);
                let found = asked.max_records(100).into_paginator().items().send();
                found.try_collect().await.map_err(refused("DescribeDBClusterParameters"))
            }
        }
    }

    async fn modify(self, aws: &Aws, sent: Vec<Sent>) -> Result<(), Error> {
        match self {
            Self::OfInstances(name) => {
                let asked = aws.rds().modify_db_parameter_group().db_parameter_group_name(name).set_parameters(Some(sent));
                asked.send().await.map(|_| ()).map_err(refused("ModifyDBParameterGroup"))
            }
            Self::OfClusters(name) => {
                let asked = aws.rds().modify_db_cluster_parameter_group().db_cluster_parameter_group_name(name);
                asked.set_parameters(Some(sent)).send().await.map(|_| ()).map_err(refused("ModifyDBClusterParameterGroup"))
            }
        }
    }

    async fn reset(self, aws: &Aws, sent: Vec<Sent>) -> Result<(), Error> {
        match self {
            Self::OfInstances(name) => {
                let asked = aws.rds().reset_db_parameter_group().db_parameter_group_name(name).reset_all_parameters(false);
                asked.set_parameters(Some(sent)).send().await.map(|_| ()).map_err(refused("ResetDBParameterGroup"))
            }
            Self::OfClusters(name) => {
                let asked = aws.rds().reset_db_cluster_parameter_group().db_cluster_parameter_group_name(name).reset_all_parameters(false);
                asked.set_parameters(Some(sent)).send().await.map(|_| ()).map_err(refused("ResetDBClusterParameterGroup"))
            }
        }
    }
}
