//! A launch template: what instances are started with, by groups of them or by hand.

use std::collections::HashMap;

use aws_sdk_ec2::types::{LaunchTemplate as Answer, ResourceType};
use serde::{Deserialize, Serialize};

use super::{
    launch_template_data::Data,
    tags::{Labels, retag, specification, told},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::Tags,
    },
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `ec2.launch_template`, with its rows of `ec2.launch_template_security_group` and `ec2.launch_template_block_device`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LaunchTemplate {
    region: String,
    name: String,
    #[serde(flatten)]
    data: Data,
    tags: Tags,
    launch_template_id: Option<String>,
    default_version_number: Option<i64>,
    latest_version_number: Option<i64>,
}

impl Resource for LaunchTemplate {
    const TABLE: &'static str = "ec2.launch_template";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let templates = aws.ec2().describe_launch_templates().max_results(200).into_paginator().items().send();
        let templates = templates.try_collect().await.map_err(refused("DescribeLaunchTemplates"))?;
        if templates.is_empty() {
            return Ok(Vec::new());
        }
        let versions = aws.ec2().describe_launch_template_versions().versions("$Default").max_results(200).into_paginator().items().send();
        let versions = versions.try_collect().await.map_err(refused("DescribeLaunchTemplateVersions"))?;
        let data: HashMap<_, _> = versions.iter().filter_map(|it| Some((it.launch_template_id()?, Data::shown(it)))).collect();
        // one that came or went between the two calls is left to the next time
        let both = templates.iter().filter_map(|it| Some((it, data.get(it.launch_template_id()?)?.clone())));
        Ok(both.map(|(template, data)| Self::shown(template, data, aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let made = aws
            .ec2()
            .create_launch_template()
            .launch_template_name(&self.name)
            .launch_template_data(self.data.request())
            .set_version_description(self.data.description())
            .client_token(&owner.token)
            .tag_specifications(specification(ResourceType::LaunchTemplate, None, &self.tags, owner))
            .send()
            .await
            .map_err(refused("CreateLaunchTemplate"))?;
        let made = made.launch_template.ok_or_else(|| empty("CreateLaunchTemplate"))?;
        let row = Self {
            data: self.data.public(),
            launch_template_id: made.launch_template_id,
            default_version_number: made.default_version_number,
            latest_version_number: made.latest_version_number,
            ..self
        };
        Ok(Observed::of(row).owned(Some(owner.tag.clone())))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let id = was.row.launch_template_id.as_deref().unwrap_or_default();
        let before = Labels { name: None, tags: &was.row.tags, owner: was.owner.as_deref() };
        retag(aws, id, before, Labels { name: None, tags: &self.tags, owner: Some(&owner.tag) }).await?;
        let data = self.data.with_lists_of(&was.row.data);
        let version = if data.is_shown_as(&was.row.data) { None } else { Some(renew(id, &was.row.data, &data, aws).await?) };
        let row = Self {
            data: data.public(),
            tags: self.tags,
            default_version_number: version.or(was.row.default_version_number),
            latest_version_number: version.or(was.row.latest_version_number),
            ..was.row
        };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let id = self.launch_template_id.unwrap_or_default();
        gone(aws.ec2().delete_launch_template().launch_template_id(id).send().await.map_err(refused("DeleteLaunchTemplate")))?;
        Ok(None)
    }
}

/// Makes a new version and lets it be the default; answers its number.
async fn renew(id: &str, is: &Data, should: &Data, aws: &Aws) -> Result<i64, Error> {
    // what the table has no column for comes along with the version before, and so would what is to be unsaid
    let source = should.says_all_of(is).then(|| "$Default".to_owned());
    let call = aws.ec2().create_launch_template_version().launch_template_id(id).set_source_version(source);
    let call = call.launch_template_data(should.request()).set_version_description(should.description());
    let made = call.send().await.map_err(refused("CreateLaunchTemplateVersion"))?;
    let number = made.launch_template_version.and_then(|version| version.version_number);
    let number = number.ok_or_else(|| empty("CreateLaunchTemplateVersion"))?;
    let call = aws.ec2().modify_launch_template().launch_template_id(id).default_version(number.to_string());
    call.send().await.map_err(refused("ModifyLaunchTemplate"))?;
    Ok(number)
}

impl LaunchTemplate {
    fn shown(template: &Answer, data: Data, region: &str) -> Observed<Self> {
        let told = told(template.tags()).name_is_a_tag();
        let row = Self {
            region: region.to_owned(),
            name: template.launch_template_name().unwrap_or_default().to_owned(),
            data,
            tags: told.tags,
            launch_template_id: template.launch_template_id().map(str::to_owned),
            default_version_number: template.default_version_number(),
            latest_version_number: template.latest_version_number(),
        };
        Observed::of(row).owned(told.owner)
    }
}
