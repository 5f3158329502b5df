//! Which images of a repository are thrown away, and when.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::name;
use crate::{
    aws::{Aws, error::refused, one_by_one},
    resource::{Error, Kind, Observed, Owner, Reads, Resource, gone},
};

/// A row of `ecr.lifecycle_policy`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LifecyclePolicy {
    region: String,
    repository: String,
    lifecycle_policy: Value,
}

impl Resource for LifecyclePolicy {
    const TABLE: &'static str = "ecr.lifecycle_policy";
    const READS: Reads = Reads::Named;
    type Cloud = Aws;

    async fn list(aws: &Aws, named: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        one_by_one::each(named.to_vec(), |row| async move {
            let asked = aws.ecr().get_lifecycle_policy().repository_name(name::of(&row.repository));
            let answer = asked.send().await.map_err(refused("GetLifecyclePolicy"))?;
            let policy = answer.lifecycle_policy_text.map(|text| read(&text)).transpose()?;
            Ok(policy.map(|lifecycle_policy| Observed::of(Self { lifecycle_policy, ..row })))
        })
        .await
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        self.put(aws).await
    }

    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        if self.lifecycle_policy == was.row.lifecycle_policy { Ok(was) } else { self.put(aws).await }
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.ecr().delete_lifecycle_policy().repository_name(name::of(&self.repository));
        gone(asked.send().await.map_err(refused("DeleteLifecyclePolicy")))?;
        Ok(None)
    }
}

impl LifecyclePolicy {
    async fn put(self, aws: &Aws) -> Result<Observed<Self>, Error> {
        let asked = aws.ecr().put_lifecycle_policy().repository_name(name::of(&self.repository));
        let asked = asked.lifecycle_policy_text(self.lifecycle_policy.to_string());
        asked.send().await.map_err(refused("PutLifecyclePolicy"))?;
        Ok(Observed::of(self))
    }
}

/// The rules in the order of their priorities, as the trigger `ecr.sort_rules` keeps them.
fn read(text: &str) -> Result<Value, Error> {
    let mut policy: Value =
        serde_json::from_str(text).map_err(|error| Error::new("GetLifecyclePolicy", Kind::Broken, error.to_string()))?;
    if let Some(rules) = policy.get_mut("rules").and_then(Value::as_array_mut) {
        rules.sort_by_key(|rule| rule["rulePriority"].as_i64());
    }
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn rules_stand_in_the_order_of_their_priorities() {
        let read = super::read(r#"{"rules": [{"rulePriority": 10}, {"rulePriority": 2}]}"#);
        assert_eq!(read, Ok(json!({ "rules": [{ "rulePriority": 2 }, { "rulePriority": 10 }] })));
    }
}
