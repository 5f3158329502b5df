//! A parameter: a value that programs ask for by its name, plain or encrypted.

use std::collections::HashSet;

use aws_sdk_ssm::types::{ParameterMetadata, ParameterType};
use futures::future::try_join;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    details,
    tags::{SECRET, listed, retag, written},
};
use crate::{
    aws::{
        Aws,
        error::refused,
        tags::{Tags, Told},
    },
    resource::{Error, Observed, Owner, Reads, Resource, Secret, gone},
};

/// The folder of the parameters in which secrets of other resources are kept.
const OURS: &str = "/iasql/";

/// A row of `ssm.parameter`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Parameter {
    region: String,
    name: String,
    r#type: String,
    value: Option<String>,
    secret_value: Option<Secret>,
    secret_value_version: Option<Uuid>,
    description: Option<String>,
    kms_key: Option<String>,
    tier: Option<String>,
    allowed_pattern: Option<String>,
    data_type: Option<String>,
    tags: Tags,
    version: Option<i64>,
    arn: Option<String>,
}

impl Resource for Parameter {
    const TABLE: &'static str = "ssm.parameter";
    /// All are listed; values and tags, which no list tells, are read of those that somebody manages.
    const READS: Reads = Reads::Named;
    type Cloud = Aws;

    async fn list(aws: &Aws, named: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let all = details::described(aws, None).await?;
        let managed: HashSet<&str> = named.iter().map(|row| row.name.as_str()).collect();
        let names = |plain: bool| -> Vec<String> {
            let managed = all.iter().filter(|it| it.name().is_some_and(|name| managed.contains(name)) && (!plain || !is_secret(it)));
            managed.filter_map(|it| it.name.clone()).collect()
        };
        let (plain, managed) = (names(true), names(false));
        let (mut values, mut tags) = try_join(details::values(aws, &plain), details::tags(aws, &managed)).await?;
        let rows = all.into_iter().map(|it| {
            let name = it.name.clone().unwrap_or_default();
            Self::shown(it, values.remove(&name), tags.remove(&name).unwrap_or_default(), aws.region())
        });
        Ok(rows.collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let asked = aws
            .ssm()
            .put_parameter()
            .name(&self.name)
            .r#type(ParameterType::from(self.r#type.as_str()))
            .set_value(self.content())
            .set_description(self.description.clone().filter(|text| !text.is_empty()))
            .set_key_id(self.kms_key.clone())
            .set_tier(self.tier.as_deref().map(Into::into))
            .set_allowed_pattern(self.allowed_pattern.clone())
            .set_data_type(self.data_type.clone())
            // versions are counted from 1
            .set_tags(Some(listed("PutParameter", self.labels(Some(&owner.tag), 1))?));
        let made = asked.send().await.map_err(refused("PutParameter"))?;
        let tier = made.tier.map(|tier| tier.as_str().to_owned()).or(self.tier);
        let row =
            Self { tier, description: Some(self.description.unwrap_or_default()), secret_value: None, version: Some(made.version), ..self };
        Ok(Observed::of(row).owned(Some(owner.tag.clone())))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let now = self.over(&was.row);
        let version = if now.differs_from(&was.row) { now.put(aws).await? } else { was.row.version.unwrap_or_default() };
        let before = was.row.labels(was.owner.as_deref(), was.row.version.unwrap_or_default());
        retag(aws, &was.row.name, &before, &now.labels(Some(&owner.tag), version)).await?;
        let row = Self { secret_value: None, version: Some(version), ..now };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        gone(aws.ssm().delete_parameter().name(self.name).send().await.map_err(refused("DeleteParameter")))?;
        Ok(None)
    }
}

impl Parameter {
    fn content(&self) -> Option<String> {
        self.value.clone().or_else(|| self.secret_value.as_ref().map(|value| value.expose().to_owned()))
    }

    /// What is asked for, and for the rest what is there.
    fn over(self, was: &Self) -> Self {
        Self {
            secret_value_version: self.secret_value_version.or(was.secret_value_version),
            description: self.description.or_else(|| was.description.clone()),
            kms_key: self.kms_key.or_else(|| was.kms_key.clone()),
            tier: self.tier.or_else(|| was.tier.clone()),
            allowed_pattern: self.allowed_pattern.or_else(|| was.allowed_pattern.clone()),
            data_type: self.data_type.or_else(|| was.data_type.clone()),
            value: self.value,
            secret_value: self.secret_value,
            tags: self.tags,
            ..was.clone()
        }
    }

    /// Whether it must be written anew: all but the tags goes in one call.
    fn differs_from(&self, was: &Self) -> bool {
        Self { secret_value: None, tags: Tags::new(), ..self.clone() } != Self { tags: Tags::new(), ..was.clone() }
    }

    /// Writes it over what is there, whole: what is left out may be reset. Answers the number of the version.
    async fn put(&self, aws: &Aws) -> Result<i64, Error> {
        let asked = aws
            .ssm()
            .put_parameter()
            .overwrite(true)
            .name(&self.name)
            .r#type(ParameterType::from(self.r#type.as_str()))
            .set_value(self.content())
            .set_description(self.description.clone())
            .set_key_id(self.kms_key.clone())
            .set_tier(self.tier.as_deref().map(Into::into))
            .set_allowed_pattern(self.allowed_pattern.clone())
            .set_data_type(self.data_type.clone());
        asked.send().await.map(|made| made.version).map_err(refused("PutParameter"))
    }

    /// The user's tags, the owner's where there is one, and which write of the secret value it has.
    fn labels(&self, owner: Option<&str>, version: i64) -> Tags {
        let owner = owner.map(|owner| (Owner::KEY.to_owned(), owner.to_owned()));
        let write = self.secret_value_version.map(|write| (SECRET.to_owned(), format!("{write}/{version}")));
        self.tags.clone().into_iter().chain(owner).chain(write).collect()
    }

    fn shown(parameter: ParameterMetadata, value: Option<String>, told: Told, region: &str) -> Observed<Self> {
        let name = parameter.name.unwrap_or_default();
        let implicit = name.starts_with(OURS);
        let row = Self {
            region: region.to_owned(),
            name,
            r#type: parameter.r#type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
            value,
            secret_value: None,
            secret_value_version: written(&told, parameter.version),
            description: Some(parameter.description.unwrap_or_default()),
            kms_key: parameter.key_id,
            tier: parameter.tier.map(|tier| tier.as_str().to_owned()),
            allowed_pattern: parameter.allowed_pattern,
            data_type: parameter.data_type,
            tags: told.tags,
            version: Some(parameter.version),
            arn: parameter.arn,
        };
        Observed::of(row).owned(told.owner).implicit(implicit)
    }
}

fn is_secret(parameter: &ParameterMetadata) -> bool {
    parameter.r#type == Some(ParameterType::SecureString)
}
