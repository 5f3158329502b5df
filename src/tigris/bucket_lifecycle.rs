//! What becomes of a bucket's objects with time: as in S3, with rules that know less (www.tigrisdata.com/docs/buckets/object-lifecycle-rules/).

use std::collections::BTreeMap;

use aws_sdk_s3::types::{ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter, Transition, TransitionStorageClass};
use aws_smithy_types::error::operation::BuildError;
use serde::{Deserialize, Serialize};

use super::facet::{Set, Table};
use crate::aws::{self, Spelt};

/// A row of `tigris.bucket_lifecycle`, with those of `tigris.bucket_lifecycle_rule`.
pub(super) type BucketLifecycle = Set<Lifecycle>;

#[derive(Clone)]
pub(super) struct Lifecycle;

impl Table for Lifecycle {
    const NAME: &'static str = "tigris.bucket_lifecycle";
    type Row = aws::BucketLifecycle<Rule>;
}

/// A row of `tigris.bucket_lifecycle_rule`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Rule {
    id: String,
    status: String,
    prefix: String,
    /// Days by storage class, at most one.
    transitions: BTreeMap<String, i32>,
    #[serde(default)]
    expiration_days: Option<i32>,
}

impl Spelt for Rule {
    fn told(rule: LifecycleRule) -> Self {
        let transitions = rule.transitions.unwrap_or_default().into_iter();
        Self {
            id: rule.id.unwrap_or_default(),
            status: rule.status.as_str().to_owned(),
            prefix: rule.filter.and_then(|filter| filter.prefix).unwrap_or_default(),
            transitions: transitions.filter_map(|to| Some((to.storage_class?.as_str().to_owned(), to.days?))).collect(),
            expiration_days: rule.expiration.and_then(|expiration| expiration.days).filter(|days| *days > 0),
        }
    }

    fn sent(&self) -> Result<LifecycleRule, BuildError> {
        let transitions = self.transitions.iter();
        let transitions = transitions
            .map(|(class, days)| Transition::builder().days(*days).storage_class(TransitionStorageClass::from(class.as_str())).build());
        let prefix = Some(self.prefix.clone()).filter(|prefix| !prefix.is_empty());
        LifecycleRule::builder()
            .id(&self.id)
            .status(ExpirationStatus::from(self.status.as_str()))
            .filter(LifecycleRuleFilter::builder().set_prefix(prefix).build())
            .set_transitions(Some(transitions.collect::<Vec<_>>()).filter(|all| !all.is_empty()))
            .set_expiration(self.expiration_days.map(|days| LifecycleExpiration::builder().days(days).build()))
            .build()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rule_is_told_as_it_was_sent() {
        for more in
            [json!({ "prefix": "logs/", "transitions": { "GLACIER_IR": 90 } }), json!({ "expiration_days": 7, "status": "Disabled" })]
        {
            let mut rule = json!({ "id": "a", "status": "Enabled", "prefix": "", "transitions": {} });
            rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let rule: Rule = serde_json::from_value(rule).unwrap();
            assert_eq!(Rule::told(rule.sent().unwrap()), rule);
        }
    }
}
