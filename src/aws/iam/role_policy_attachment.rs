//! A policy that is attached to a role.

use aws_sdk_iam::types::RoleDetail;
use serde::{Deserialize, Serialize};

use super::{
    arn::{is_of_aws, is_reserved, name_of},
    details,
};
use crate::{
    aws::{Aws, error::refused},
    resource::{Error, Observed, Owner, Resource, Scope, gone},
};

/// A row of `iam.role_policy_attachment`. IAM gives it no id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RolePolicyAttachment {
    role: Option<String>,
    policy: Option<String>,
    policy_arn: Option<String>,
    attachment_id: Option<String>,
}

impl Resource for RolePolicyAttachment {
    const TABLE: &'static str = "iam.role_policy_attachment";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        Ok(details::roles(aws).await?.iter().flat_map(Self::of_role).collect())
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let asked = aws.iam().attach_role_policy().role_name(name_of(self.role.as_deref())).policy_arn(self.attached());
        asked.send().await.map_err(refused("AttachRolePolicy"))?;
        Ok(Observed::of(self.identified()))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, _: &Aws) -> Result<Observed<Self>, Error> {
        Ok(was)
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.iam().detach_role_policy().role_name(name_of(self.role.as_deref())).policy_arn(self.attached());
        gone(asked.send().await.map_err(refused("DetachRolePolicy")))?;
        Ok(None)
    }
}

impl RolePolicyAttachment {
    fn attached(&self) -> &str {
        self.policy.as_deref().or(self.policy_arn.as_deref()).unwrap_or_default()
    }

    fn identified(self) -> Self {
        let id = format!("{},{}", self.role.as_deref().unwrap_or_default(), self.attached());
        Self { attachment_id: Some(id), ..self }
    }

    fn of_role(role: &RoleDetail) -> Vec<Observed<Self>> {
        let reserved = is_reserved(role.path().unwrap_or_default());
        let arns = role.attached_managed_policies().iter().filter_map(|attached| attached.policy_arn());
        let rows = arns.map(|arn| {
            let (policy, policy_arn) = if is_of_aws(arn) { (None, Some(arn)) } else { (Some(arn), None) };
            Self {
                role: role.arn().map(str::to_owned),
                policy: policy.map(str::to_owned),
                policy_arn: policy_arn.map(str::to_owned),
                attachment_id: None,
            }
        });
        rows.map(|row| Observed::of(row.identified()).implicit(reserved)).collect()
    }
}
