//! Who, beyond the account's own, may do what with a repository.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::name;
use crate::{
    aws::{Aws, canonical_policy::spelt, error::refused, one_by_one},
    resource::{Error, Observed, Owner, Reads, Resource, gone},
};

/// A row of `ecr.repository_policy`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RepositoryPolicy {
    region: String,
    repository: String,
    policy: Value,
}

impl Resource for RepositoryPolicy {
    const TABLE: &'static str = "ecr.repository_policy";
    const READS: Reads = Reads::Named;
    type Cloud = Aws;

    async fn list(aws: &Aws, named: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        one_by_one::each(named.to_vec(), |row| async move {
            let asked = aws.ecr().get_repository_policy().repository_name(name::of(&row.repository));
            let answer = asked.send().await.map_err(refused("GetRepositoryPolicy"))?;
            let policy = answer.policy_text.map(|text| spelt("GetRepositoryPolicy", &text)).transpose()?;
            Ok(policy.map(|policy| Observed::of(Self { policy, ..row })))
        })
        .await
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        self.set(aws).await
    }

    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        if self.policy == was.row.policy { Ok(was) } else { self.set(aws).await }
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.ecr().delete_repository_policy().repository_name(name::of(&self.repository));
        gone(asked.send().await.map_err(refused("DeleteRepositoryPolicy")))?;
        Ok(None)
    }
}

impl RepositoryPolicy {
    async fn set(self, aws: &Aws) -> Result<Observed<Self>, Error> {
        let asked = aws.ecr().set_repository_policy().repository_name(name::of(&self.repository)).policy_text(self.policy.to_string());
        asked.send().await.map_err(refused("SetRepositoryPolicy"))?;
        Ok(Observed::of(self))
    }
}
