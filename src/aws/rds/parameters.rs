//! The parameters of one parameter group: those that somebody set, and how to set others.

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
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) value: String,
}

/// Those that somebody set, sorted.
pub(super) async fn set(aws: &Aws, group: &str) -> Result<Vec<Parameter>, Error> {
    let answer =
        aws.rds().describe_db_parameters().db_parameter_group_name(group).source("user").max_records(100).into_paginator().items().send();
    let answer = answer.try_collect().await.map_err(refused("DescribeDBParameters"))?;
    let named = answer.into_iter().filter_map(|found| Some(Parameter { name: found.parameter_name?, value: found.parameter_value? }));
    Ok(named.collect::<BTreeSet<_>>().into_iter().collect())
}

/// Turns those of a group from `was` into `now`, twenty in a call, and gives what vanishes its family's value again.
pub(super) async fn write(aws: &Aws, group: &str, was: &[Parameter], now: &[Parameter]) -> Result<(), Error> {
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
        let asked = aws.rds().modify_db_parameter_group().db_parameter_group_name(group).set_parameters(Some(sent.collect()));
        asked.send().await.map_err(refused("ModifyDBParameterGroup"))?;
    }
    for some in unset.chunks(ONE_CALL) {
        let sent = some.iter().map(|some| Sent::builder().parameter_name(&some.name).apply_method(at_once(some)).build());
        let asked = aws
            .rds()
            .reset_db_parameter_group()
            .db_parameter_group_name(group)
            .reset_all_parameters(false)
            .set_parameters(Some(sent.collect()));
        asked.send().await.map_err(refused("ResetDBParameterGroup"))?;
    }
    Ok(())
}

/// When a change of each parameter can take effect. Static ones wait for a restart, and AWS refuses to do it sooner.
async fn methods(aws: &Aws, group: &str) -> Result<BTreeMap<String, ApplyMethod>, Error> {
    let all = aws.rds().describe_db_parameters().db_parameter_group_name(group).max_records(100).into_paginator().items().send();
    let all = all.try_collect().await.map_err(refused("DescribeDBParameters"))?;
    let method = |kind: &str| if kind == "dynamic" { ApplyMethod::Immediate } else { ApplyMethod::PendingReboot };
    Ok(all.into_iter().filter_map(|found| Some((found.parameter_name?, method(found.apply_type.as_deref()?)))).collect())
}
