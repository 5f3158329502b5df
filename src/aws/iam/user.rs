//! A user: somebody who signs in, or a program outside of AWS.

use aws_sdk_iam::types::{EntityType, UserDetail};
use serde::{Deserialize, Serialize};

use super::{
    details,
    tags::{labels, listed, told},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::{Tags, difference},
    },
    resource::{Error, Observed, Owner, Resource, Scope, gone},
};

/// A row of `iam.user`. An empty boundary is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct User {
    name: String,
    path: Option<String>,
    permissions_boundary: Option<String>,
    tags: Tags,
    arn: Option<String>,
}

impl Resource for User {
    const TABLE: &'static str = "iam.user";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let pages = details::pages(aws, EntityType::User).await?;
        Ok(pages.into_iter().flat_map(|page| page.user_detail_list.unwrap_or_default()).map(Self::listed).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let asked = aws
            .iam()
            .create_user()
            .user_name(&self.name)
            .set_path(self.path.clone())
            .set_permissions_boundary(self.permissions_boundary.clone().filter(|arn| !arn.is_empty()))
            .set_tags(Some(listed("CreateUser", labels(&self.tags, Some(&owner.tag)))?));
        let made = asked.send().await.map_err(refused("CreateUser"))?;
        let made = made.user.ok_or_else(|| empty("CreateUser"))?;
        let permissions_boundary = Some(self.permissions_boundary.unwrap_or_default());
        let row = Self { path: Some(made.path), permissions_boundary, arn: Some(made.arn), ..self };
        Ok(Observed::of(row).owned(Some(owner.tag.clone())))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let row = self.clone().bounded(was.row.clone(), aws).await?;
        let (before, now) = (labels(&was.row.tags, was.owner.as_deref()), labels(&self.tags, Some(&owner.tag)));
        retag(aws, &was.row.name, &before, &now).await?;
        Ok(Observed { row: Self { tags: self.tags, ..row }, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        gone(aws.iam().delete_user().user_name(self.name).send().await.map_err(refused("DeleteUser")))?;
        Ok(None)
    }
}

impl User {
    async fn bounded(self, was: Self, aws: &Aws) -> Result<Self, Error> {
        let Some(boundary) = self.permissions_boundary.filter(|arn| Some(arn) != was.permissions_boundary.as_ref()) else { return Ok(was) };
        if boundary.is_empty() {
            let asked = aws.iam().delete_user_permissions_boundary().user_name(&was.name);
            asked.send().await.map_err(refused("DeleteUserPermissionsBoundary"))?;
        } else {
            let asked = aws.iam().put_user_permissions_boundary().user_name(&was.name).permissions_boundary(&boundary);
            asked.send().await.map_err(refused("PutUserPermissionsBoundary"))?;
        }
        Ok(Self { permissions_boundary: Some(boundary), ..was })
    }

    fn listed(detail: UserDetail) -> Observed<Self> {
        let told = told(detail.tags);
        let row = Self {
            name: detail.user_name.unwrap_or_default(),
            path: detail.path,
            permissions_boundary: Some(detail.permissions_boundary.and_then(|it| it.permissions_boundary_arn).unwrap_or_default()),
            tags: told.tags,
            arn: detail.arn,
        };
        Observed::of(row).owned(told.owner)
    }
}

/// Turns the tags of a user from `was` into `now`: no call, or one, or two where keys must go.
async fn retag(aws: &Aws, name: &str, was: &Tags, now: &Tags) -> Result<(), Error> {
    let (set, unset) = difference(was, now);
    if !set.is_empty() {
        let tags = listed("TagUser", set)?;
        aws.iam().tag_user().user_name(name).set_tags(Some(tags)).send().await.map_err(refused("TagUser"))?;
    }
    if !unset.is_empty() {
        aws.iam().untag_user().user_name(name).set_tag_keys(Some(unset)).send().await.map_err(refused("UntagUser"))?;
    }
    Ok(())
}
