//! A policy of the account's own: rights that can be attached to many.

use aws_sdk_iam::types::{EntityType, ManagedPolicyDetail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{arn::name_of, details, document, policy_versions};
use crate::{
    aws::{
        Aws,
        canonical_policy::canonical,
        error::{empty, refused},
    },
    resource::{Error, Observed, Owner, Resource, Scope, gone},
};

/// A row of `iam.policy`. No list tells the tags of policies, so it is known by its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Policy {
    name: String,
    path: Option<String>,
    description: Option<String>,
    policy_document: Value,
    arn: Option<String>,
}

impl Resource for Policy {
    const TABLE: &'static str = "iam.policy";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let pages = details::pages(aws, EntityType::LocalManagedPolicy).await?;
        pages.into_iter().flat_map(|page| page.policies.unwrap_or_default()).map(Self::listed).collect()
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let document = canonical(self.policy_document);
        let asked = aws
            .iam()
            .create_policy()
            .policy_name(&self.name)
            .set_path(self.path.clone())
            .set_description(self.description.clone())
            .policy_document(document.to_string());
        let made = asked.send().await.map_err(refused("CreatePolicy"))?;
        let made = made.policy.ok_or_else(|| empty("CreatePolicy"))?;
        let description = Some(self.description.unwrap_or_default());
        Ok(Observed::of(Self { path: made.path.or(self.path), description, policy_document: document, arn: made.arn, name: self.name }))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let document = canonical(self.policy_document);
        if document != was.row.policy_document {
            policy_versions::write(aws, was.row.arn.as_deref().unwrap_or_default(), &document).await?;
        }
        Ok(Observed { row: Self { policy_document: document, ..was.row }, ..was })
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let arn = self.arn.unwrap_or_default();
        gone(policy_versions::remove_old(aws, &arn).await)?;
        gone(aws.iam().delete_policy().policy_arn(arn).send().await.map_err(refused("DeletePolicy")))?;
        Ok(None)
    }
}

impl Policy {
    fn listed(policy: ManagedPolicyDetail) -> Result<Observed<Self>, Error> {
        let versions = policy.policy_version_list.unwrap_or_default();
        let current = versions.into_iter().find(|version| version.is_default_version).and_then(|version| version.document);
        let row = Self {
            name: name_of(policy.arn.as_deref()).to_owned(),
            path: policy.path,
            description: Some(policy.description.unwrap_or_default()),
            policy_document: document::read("GetAccountAuthorizationDetails", &current.unwrap_or_default())?,
            arn: policy.arn,
        };
        Ok(Observed::of(row))
    }
}
