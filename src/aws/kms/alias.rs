//! An alias: a name by which programs call a key.

use aws_sdk_kms::types::AliasListEntry;
use serde::{Deserialize, Serialize};

use crate::{
    aws::{Aws, error::refused},
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `kms.alias`. It has no tags; its name is its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Alias {
    region: String,
    name: String,
    key: Option<String>,
    arn: Option<String>,
}

impl Resource for Alias {
    const TABLE: &'static str = "kms.alias";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let aliases = aws.kms().list_aliases().limit(100).into_paginator().items().send();
        let aliases = aliases.try_collect().await.map_err(refused("ListAliases"))?;
        // AWS keeps names for keys that it will make when they are first needed
        Ok(aliases.iter().filter(|alias| alias.target_key_id().is_some()).map(|alias| Self::shown(alias, aws.region())).collect())
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let asked = aws.kms().create_alias().alias_name(&self.name).set_target_key_id(self.key.clone());
        asked.send().await.map_err(refused("CreateAlias"))?;
        let arn = self.key.as_deref().and_then(|key| beside(key, &self.name));
        Ok(Observed::of(Self { arn, ..self }))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        if self.key == was.row.key {
            return Ok(was);
        }
        let asked = aws.kms().update_alias().alias_name(&was.row.name).set_target_key_id(self.key.clone());
        asked.send().await.map_err(refused("UpdateAlias"))?;
        Ok(Observed { row: Self { key: self.key, ..was.row }, ..was })
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        gone(aws.kms().delete_alias().alias_name(self.name).send().await.map_err(refused("DeleteAlias")))?;
        Ok(None)
    }
}

impl Alias {
    fn shown(alias: &AliasListEntry, region: &str) -> Observed<Self> {
        let name = alias.alias_name().unwrap_or_default().to_owned();
        let (arn, key) = (alias.alias_arn(), alias.target_key_id());
        // AWS tells the key by its id, and everybody else by its ARN
        let key = arn.zip(key).and_then(|(arn, key)| beside(arn, &format!("key/{key}")));
        let aws_made_it = name.starts_with("alias/aws/");
        Observed::of(Self { region: region.to_owned(), name, key, arn: arn.map(str::to_owned) }).implicit(aws_made_it)
    }
}

/// The ARN of something else in the same account and region.
fn beside(arn: &str, path: &str) -> Option<String> {
    arn.rsplit_once(':').map(|(place, _)| format!("{place}:{path}"))
}
