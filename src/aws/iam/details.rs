//! The one list that tells what there is in IAM, a thousand entries a page.

use aws_sdk_iam::{operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput, types::EntityType};

use crate::{
    aws::{Aws, error::refused},
    resource::Error,
};

/// All pages of the list, with things of one kind.
pub(super) async fn pages(aws: &Aws, kind: EntityType) -> Result<Vec<GetAccountAuthorizationDetailsOutput>, Error> {
    let mut pages = aws.iam().get_account_authorization_details().filter(kind).max_items(1000).into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        all.push(page.map_err(refused("GetAccountAuthorizationDetails"))?);
    }
    Ok(all)
}

/// All roles, each with its tags, its policies and what is attached to it.
pub(super) async fn roles(aws: &Aws) -> Result<Vec<aws_sdk_iam::types::RoleDetail>, Error> {
    let pages = pages(aws, EntityType::Role).await?;
    Ok(pages.into_iter().flat_map(|page| page.role_detail_list.unwrap_or_default()).collect())
}
