//! The list of parameters, and what it does not tell: values, ten a call, and tags, one by one.

use std::collections::HashMap;

use aws_sdk_ssm::types::{ParameterMetadata, ParameterStringFilter};
use futures::{StreamExt, TryStreamExt, stream};

use super::tags::asked;
use crate::{
    aws::{Aws, error::refused, tags::Told},
    resource::Error,
};

/// Questions in flight at a time.
const ASIDE: usize = 8;

/// All parameters of a region, or those that a filter lets pass; without their values.
pub(in crate::aws) async fn described(aws: &Aws, filter: Option<ParameterStringFilter>) -> Result<Vec<ParameterMetadata>, Error> {
    let asked = aws.ssm().describe_parameters().set_parameter_filters(filter.map(|filter| vec![filter])).max_results(50);
    let mut pages = asked.into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        all.extend(page.map_err(refused("DescribeParameters"))?.parameters.unwrap_or_default());
    }
    Ok(all)
}

/// The values of parameters that are not encrypted, by name; what is gone by now is left out.
pub(super) async fn values(aws: &Aws, names: &[String]) -> Result<HashMap<String, String>, Error> {
    let asked = names.chunks(10).map(<[String]>::to_vec).map(|names| async move {
        let answer = aws.ssm().get_parameters().set_names(Some(names)).send().await.map_err(refused("GetParameters"))?;
        Ok(answer.parameters.unwrap_or_default())
    });
    let parameters: Vec<_> = stream::iter(asked).buffer_unordered(ASIDE).try_collect().await?;
    Ok(parameters.into_iter().flatten().filter_map(|parameter| parameter.name.zip(parameter.value)).collect())
}

/// The tags of parameters, by name.
pub(super) async fn tags(aws: &Aws, names: &[String]) -> Result<HashMap<String, Told>, Error> {
    let asked = names.iter().cloned().map(|name| async move {
        match asked(aws, &name).await {
            Err(error) if error.is_absent() => Ok((name, Told::default())),
            told => Ok((name, told?)),
        }
    });
    stream::iter(asked).buffer_unordered(ASIDE).try_collect().await
}
