//! An instance profile: what hands a role to instances.

use aws_sdk_iam::types::InstanceProfile as Answer;
use serde::{Deserialize, Serialize};

use super::arn::name_of;
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
    },
    resource::{Error, Observed, Owner, Resource, Scope, gone},
};

/// A row of `iam.instance_profile`. No list tells the tags of profiles, so it is known by its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct InstanceProfile {
    name: String,
    path: Option<String>,
    role: Option<String>,
    arn: Option<String>,
}

impl Resource for InstanceProfile {
    const TABLE: &'static str = "iam.instance_profile";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let profiles = aws.iam().list_instance_profiles().max_items(1000).into_paginator().items().send();
        let profiles = profiles.try_collect().await.map_err(refused("ListInstanceProfiles"))?;
        Ok(profiles.into_iter().map(Self::shown).collect())
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let asked = aws.iam().create_instance_profile().instance_profile_name(&self.name).set_path(self.path.clone());
        let made = asked.send().await.map_err(refused("CreateInstanceProfile"))?;
        let made = made.instance_profile.ok_or_else(|| empty("CreateInstanceProfile"))?;
        let Observed { row, .. } = Self::shown(made);
        row.with_role(self.role, aws).await.map(Observed::of)
    }

    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let row = was.row.clone().with_role(self.role, aws).await?;
        Ok(Observed { row, ..was })
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let row = self.with_role(None, aws).await?;
        gone(aws.iam().delete_instance_profile().instance_profile_name(row.name).send().await.map_err(refused("DeleteInstanceProfile")))?;
        Ok(None)
    }
}

impl InstanceProfile {
    /// A profile holds one role at most, so the old one goes first.
    async fn with_role(self, role: Option<String>, aws: &Aws) -> Result<Self, Error> {
        if self.role == role {
            return Ok(self);
        }
        if self.role.is_some() {
            let asked = aws.iam().remove_role_from_instance_profile().instance_profile_name(&self.name);
            let asked = asked.role_name(name_of(self.role.as_deref()));
            gone(asked.send().await.map_err(refused("RemoveRoleFromInstanceProfile")))?;
        }
        if role.is_some() {
            let asked = aws.iam().add_role_to_instance_profile().instance_profile_name(&self.name);
            asked.role_name(name_of(role.as_deref())).send().await.map_err(refused("AddRoleToInstanceProfile"))?;
        }
        Ok(Self { role, ..self })
    }

    fn shown(profile: Answer) -> Observed<Self> {
        let role = profile.roles.into_iter().next().map(|role| role.arn);
        Observed::of(Self { name: profile.instance_profile_name, path: Some(profile.path), role, arn: Some(profile.arn) })
    }
}
