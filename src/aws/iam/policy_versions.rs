//! The versions of a policy: IAM keeps five, and changes none of them.

use aws_sdk_iam::types::PolicyVersion;
use serde_json::Value;

use crate::{
    aws::{Aws, error::refused},
    resource::{Error, gone},
};

/// How many versions of a policy there can be: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.
const MOST: usize = 5;

/// Makes `document` the version that counts; where there is no room for it, the oldest of the others goes.
pub(super) async fn write(aws: &Aws, arn: &str, document: &Value) -> Result<(), Error> {
    let versions = all(aws, arn).await?;
    if versions.len() >= MOST
        && let Some(oldest) = versions.iter().filter(|version| !version.is_default_version).min_by_key(|version| number(version))
    {
        remove(aws, arn, oldest).await?;
    }
    let asked = aws.iam().create_policy_version().policy_arn(arn).policy_document(document.to_string()).set_as_default(true);
    asked.send().await.map(drop).map_err(refused("CreatePolicyVersion"))
}

/// Removes all versions but the one that counts, which goes with the policy.
pub(super) async fn remove_old(aws: &Aws, arn: &str) -> Result<(), Error> {
    for version in all(aws, arn).await?.iter().filter(|version| !version.is_default_version) {
        remove(aws, arn, version).await?;
    }
    Ok(())
}

async fn all(aws: &Aws, arn: &str) -> Result<Vec<PolicyVersion>, Error> {
    let versions = aws.iam().list_policy_versions().policy_arn(arn).into_paginator().items().send();
    versions.try_collect().await.map_err(refused("ListPolicyVersions"))
}

async fn remove(aws: &Aws, arn: &str, version: &PolicyVersion) -> Result<(), Error> {
    let id = version.version_id().unwrap_or_default();
    gone(aws.iam().delete_policy_version().policy_arn(arn).version_id(id).send().await.map_err(refused("DeletePolicyVersion")))
}

/// `v12` is the twelfth; numbers are never used twice.
fn number(version: &PolicyVersion) -> u32 {
    version.version_id().and_then(|id| id.trim_start_matches('v').parse().ok()).unwrap_or_default()
}
