//! The versions of a secret's value: AWS keeps a few old ones, and writes none of them a second time.

use aws_sdk_secretsmanager::types::SecretVersionsListEntry;

use crate::{
    aws::{Aws, error::refused},
    resource::Error,
};

/// The stage of the version that is given to whoever asks for the secret.
pub(super) const CURRENT: &str = "AWSCURRENT";

/// Makes `version` the current one again, if AWS still has it; answers whether it had.
///
/// A write under the id of a version that exists is ignored and leaves the current one as it is:
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html>.
pub(super) async fn brought_back(aws: &Aws, arn: &str, version: &str) -> Result<bool, Error> {
    let versions = all(aws, arn).await?;
    if !versions.iter().any(|kept| kept.version_id() == Some(version)) {
        return Ok(false);
    }
    let asked = aws.secretsmanager().update_secret_version_stage().secret_id(arn).version_stage(CURRENT).move_to_version_id(version);
    let current = versions.iter().find(|kept| is_current(kept)).and_then(|kept| kept.version_id());
    asked.set_remove_from_version_id(current.map(str::to_owned)).send().await.map_err(refused("UpdateSecretVersionStage"))?;
    Ok(true)
}

async fn all(aws: &Aws, arn: &str) -> Result<Vec<SecretVersionsListEntry>, Error> {
    let asked = aws.secretsmanager().list_secret_version_ids().secret_id(arn).include_deprecated(true).max_results(100);
    let mut pages = asked.into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        all.extend(page.map_err(refused("ListSecretVersionIds"))?.versions.unwrap_or_default());
    }
    Ok(all)
}

fn is_current(version: &SecretVersionsListEntry) -> bool {
    version.version_stages().iter().any(|stage| stage == CURRENT)
}
