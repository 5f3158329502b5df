//! A role: rights that somebody takes on for a while.

use std::collections::HashMap;

use aws_sdk_iam::types::{Role as Answer, RoleDetail};
use futures::future::try_join;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    arn::is_reserved,
    details, document,
    tags::{labels, listed, told},
};
use crate::{
    aws::{
        Aws,
        canonical_policy::canonical,
        error::{empty, refused},
        tags::{Tags, difference},
    },
    resource::{Error, Observed, Owner, Resource, Scope, gone},
};

/// A row of `iam.role`. An empty boundary is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Role {
    name: String,
    path: Option<String>,
    assume_role_policy_document: Value,
    description: Option<String>,
    max_session_duration: Option<i32>,
    permissions_boundary: Option<String>,
    tags: Tags,
    arn: Option<String>,
}

impl Resource for Role {
    const TABLE: &'static str = "iam.role";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let roles = async {
            let roles = aws.iam().list_roles().max_items(1000).into_paginator().items().send();
            roles.try_collect().await.map_err(refused("ListRoles"))
        };
        // neither list tells everything
        let (details, roles) = try_join(details::roles(aws), roles).await?;
        let roles: HashMap<String, Answer> = roles.into_iter().map(|role| (role.arn.clone(), role)).collect();
        let both = details.into_iter().filter_map(|detail| Some((roles.get(detail.arn()?)?, detail)));
        both.map(|(role, detail)| Self::listed(role, detail)).collect()
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let document = canonical(self.assume_role_policy_document.clone());
        let asked = aws
            .iam()
            .create_role()
            .role_name(&self.name)
            .set_path(self.path.clone())
            .assume_role_policy_document(document.to_string())
            .set_description(self.description.clone())
            .set_max_session_duration(self.max_session_duration)
            .set_permissions_boundary(self.permissions_boundary.clone().filter(|arn| !arn.is_empty()))
            .set_tags(Some(listed("CreateRole", labels(&self.tags, Some(&owner.tag)))?));
        let made = asked.send().await.map_err(refused("CreateRole"))?;
        let made = made.role.ok_or_else(|| empty("CreateRole"))?;
        let row = Self {
            path: Some(made.path),
            assume_role_policy_document: document,
            description: Some(self.description.unwrap_or_default()),
            max_session_duration: self.max_session_duration.or(made.max_session_duration),
            permissions_boundary: Some(self.permissions_boundary.unwrap_or_default()),
            arn: Some(made.arn),
            ..self
        };
        Ok(Observed::of(row).owned(Some(owner.tag.clone())))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let document = canonical(self.assume_role_policy_document.clone());
        if document != was.row.assume_role_policy_document {
            let asked = aws.iam().update_assume_role_policy().role_name(&was.row.name).policy_document(document.to_string());
            asked.send().await.map_err(refused("UpdateAssumeRolePolicy"))?;
        }
        let row = self.clone().described(was.row.clone(), aws).await?;
        let row = self.clone().bounded(row, aws).await?;
        let (before, now) = (labels(&was.row.tags, was.owner.as_deref()), labels(&self.tags, Some(&owner.tag)));
        retag(aws, &was.row.name, &before, &now).await?;
        let row = Self { assume_role_policy_document: document, tags: self.tags, ..row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        gone(aws.iam().delete_role().role_name(self.name).send().await.map_err(refused("DeleteRole")))?;
        Ok(None)
    }
}

impl Role {
    /// One call where the description or the duration differs. Both go along, for what is left out may be reset.
    async fn described(self, was: Self, aws: &Aws) -> Result<Self, Error> {
        let description = self.description.or_else(|| was.description.clone());
        let max_session_duration = self.max_session_duration.or(was.max_session_duration);
        if description != was.description || max_session_duration != was.max_session_duration {
            let asked = aws.iam().update_role().role_name(&was.name).set_description(description.clone());
            asked.set_max_session_duration(max_session_duration).send().await.map_err(refused("UpdateRole"))?;
        }
        Ok(Self { description, max_session_duration, ..was })
    }

    async fn bounded(self, was: Self, aws: &Aws) -> Result<Self, Error> {
        let Some(boundary) = self.permissions_boundary.filter(|arn| Some(arn) != was.permissions_boundary.as_ref()) else { return Ok(was) };
        if boundary.is_empty() {
            let asked = aws.iam().delete_role_permissions_boundary().role_name(&was.name);
            asked.send().await.map_err(refused("DeleteRolePermissionsBoundary"))?;
        } else {
            let asked = aws.iam().put_role_permissions_boundary().role_name(&was.name).permissions_boundary(&boundary);
            asked.send().await.map_err(refused("PutRolePermissionsBoundary"))?;
        }
        Ok(Self { permissions_boundary: Some(boundary), ..was })
    }

    fn listed(role: &Answer, detail: RoleDetail) -> Result<Observed<Self>, Error> {
        let told = told(detail.tags);
        let document = detail.assume_role_policy_document.unwrap_or_default();
        let path = detail.path.unwrap_or_default();
        let reserved = is_reserved(&path);
        let row = Self {
            name: detail.role_name.unwrap_or_default(),
            path: Some(path),
            assume_role_policy_document: document::read("GetAccountAuthorizationDetails", &document)?,
            description: Some(role.description().unwrap_or_default().to_owned()),
            max_session_duration: role.max_session_duration(),
            permissions_boundary: Some(detail.permissions_boundary.and_then(|it| it.permissions_boundary_arn).unwrap_or_default()),
            tags: told.tags,
            arn: detail.arn,
        };
        Ok(Observed::of(row).owned(told.owner).implicit(reserved))
    }
}

/// Turns the tags of a role from `was` into `now`: no call, or one, or two where keys must go.
async fn retag(aws: &Aws, name: &str, was: &Tags, now: &Tags) -> Result<(), Error> {
    let (set, unset) = difference(was, now);
    if !set.is_empty() {
        let tags = listed("TagRole", set)?;
        aws.iam().tag_role().role_name(name).set_tags(Some(tags)).send().await.map_err(refused("TagRole"))?;
    }
    if !unset.is_empty() {
        aws.iam().untag_role().role_name(name).set_tag_keys(Some(unset)).send().await.map_err(refused("UntagRole"))?;
    }
    Ok(())
}
