//! A policy that stands in a role itself.

use aws_sdk_iam::types::RoleDetail;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    arn::{is_reserved, name_of},
    details, document,
};
use crate::{
    aws::{Aws, canonical_policy::canonical, error::refused},
    resource::{Error, Observed, Owner, Resource, Scope, gone},
};

/// A row of `iam.role_inline_policy`. IAM gives it no id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RoleInlinePolicy {
    role: Option<String>,
    name: String,
    policy_document: Value,
    inline_policy_id: Option<String>,
}

impl Resource for RoleInlinePolicy {
    const TABLE: &'static str = "iam.role_inline_policy";
    const SCOPE: Scope = Scope::Global;
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let roles = details::roles(aws).await?;
        let rows = roles.iter().map(Self::of_role).collect::<Result<Vec<_>, _>>()?;
        Ok(rows.into_iter().flatten().collect())
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        self.put(aws).await.map(Observed::of)
    }

    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let now = Self { policy_document: canonical(self.policy_document), ..was.row.clone() };
        let row = if now == was.row { now } else { now.put(aws).await? };
        Ok(Observed { row, ..was })
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.iam().delete_role_policy().role_name(name_of(self.role.as_deref())).policy_name(self.name);
        gone(asked.send().await.map_err(refused("DeleteRolePolicy")))?;
        Ok(None)
    }
}

impl RoleInlinePolicy {
    async fn put(self, aws: &Aws) -> Result<Self, Error> {
        let row = Self { policy_document: canonical(self.policy_document), ..self };
        let asked = aws.iam().put_role_policy().role_name(name_of(row.role.as_deref())).policy_name(&row.name);
        asked.policy_document(row.policy_document.to_string()).send().await.map_err(refused("PutRolePolicy"))?;
        Ok(row.identified())
    }

    fn identified(self) -> Self {
        let id = format!("{},{}", self.role.as_deref().unwrap_or_default(), self.name);
        Self { inline_policy_id: Some(id), ..self }
    }

    fn of_role(role: &RoleDetail) -> Result<Vec<Observed<Self>>, Error> {
        let reserved = is_reserved(role.path().unwrap_or_default());
        let rows = role.role_policy_list().iter().map(|policy| {
            let row = Self {
                role: role.arn().map(str::to_owned),
                name: policy.policy_name().unwrap_or_default().to_owned(),
                policy_document: document::read("GetAccountAuthorizationDetails", policy.policy_document().unwrap_or_default())?,
                inline_policy_id: None,
            };
            Ok(Observed::of(row.identified()).implicit(reserved))
        });
        rows.collect()
    }
}
