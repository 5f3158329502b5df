//! One rule by which objects are moved or removed with time.

use std::collections::BTreeMap;

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleAndOperator, LifecycleRuleFilter,
    NoncurrentVersionExpiration, NoncurrentVersionTransition, Tag, Transition, TransitionStorageClass,
};
use aws_smithy_types::error::operation::BuildError;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::aws::tags::Tags;

/// Days by storage class.
type Days = BTreeMap<String, i32>;

/// A rule as a table has it: others who speak S3 know less of it, and have tables of their own.
pub(crate) trait Spelt: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// As it was told.
    fn told(rule: LifecycleRule) -> Self;

    /// As it is sent.
    fn sent(&self) -> Result<LifecycleRule, BuildError>;
}

/// A row of `s3.bucket_lifecycle_rule`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rule {
    id: String,
    status: String,
    prefix: String,
    tags: Tags,
    #[serde(default)]
    object_size_greater_than: Option<i64>,
    #[serde(default)]
    object_size_less_than: Option<i64>,
    transitions: Days,
    #[serde(default)]
    expiration_days: Option<i32>,
    #[serde(default)]
    expired_object_delete_marker: Option<bool>,
    noncurrent_version_transitions: Days,
    #[serde(default)]
    noncurrent_version_expiration_days: Option<i32>,
    #[serde(default)]
    newer_noncurrent_versions: Option<i32>,
    #[serde(default)]
    abort_incomplete_multipart_upload_days: Option<i32>,
}

impl Spelt for Rule {
    fn told(rule: LifecycleRule) -> Self {
        let filter = rule.filter.unwrap_or_else(|| LifecycleRuleFilter::builder().build());
        let and = filter.and.unwrap_or_else(|| LifecycleRuleAndOperator::builder().build());
        let tags = and.tags.unwrap_or_default().into_iter().chain(filter.tag);
        let expiration = rule.expiration.unwrap_or_else(|| LifecycleExpiration::builder().build());
        let old = rule.noncurrent_version_expiration.unwrap_or_else(|| NoncurrentVersionExpiration::builder().build());
        let transitions = rule.transitions.unwrap_or_default().into_iter();
        let old_transitions = rule.noncurrent_version_transitions.unwrap_or_default().into_iter();
        #[expect(deprecated, reason = "rules that were made long ago have their prefix there")]
        let prefix = filter.prefix.or(and.prefix).or(rule.prefix).unwrap_or_default();
        Self {
            id: rule.id.unwrap_or_default(),
            status: rule.status.as_str().to_owned(),
            prefix,
            tags: tags.map(|tag| (tag.key, tag.value)).collect(),
            object_size_greater_than: filter.object_size_greater_than.or(and.object_size_greater_than),
            object_size_less_than: filter.object_size_less_than.or(and.object_size_less_than),
            transitions: transitions.filter_map(|to| Some((to.storage_class?.as_str().to_owned(), to.days?))).collect(),
            expiration_days: expiration.days.filter(|days| *days > 0),
            expired_object_delete_marker: expiration.expired_object_delete_marker,
            noncurrent_version_transitions: old_transitions
                .filter_map(|to| Some((to.storage_class?.as_str().to_owned(), to.noncurrent_days?)))
                .collect(),
            noncurrent_version_expiration_days: old.noncurrent_days,
            newer_noncurrent_versions: old.newer_noncurrent_versions,
            abort_incomplete_multipart_upload_days: rule.abort_incomplete_multipart_upload.and_then(|upload| upload.days_after_initiation),
        }
    }

    fn sent(&self) -> Result<LifecycleRule, BuildError> {
        let expires = self.expiration_days.is_some() || self.expired_object_delete_marker.is_some();
        let expiration = LifecycleExpiration::builder()
            .set_days(self.expiration_days)
            .set_expired_object_delete_marker(self.expired_object_delete_marker)
            .build();
        let old = self.noncurrent_version_expiration_days.map(|days| {
            let kept = self.newer_noncurrent_versions;
            NoncurrentVersionExpiration::builder().noncurrent_days(days).set_newer_noncurrent_versions(kept).build()
        });
        let transitions = self
            .transitions
            .iter()
            .map(|(class, days)| Transition::builder().days(*days).storage_class(TransitionStorageClass::from(class.as_str())).build());
        let old_transitions = self.noncurrent_version_transitions.iter().map(|(class, days)| {
            let class = TransitionStorageClass::from(class.as_str());
            NoncurrentVersionTransition::builder().noncurrent_days(*days).storage_class(class).build()
        });
        let uploads = self.abort_incomplete_multipart_upload_days;
        LifecycleRule::builder()
            .id(&self.id)
            .status(ExpirationStatus::from(self.status.as_str()))
            .filter(self.filter()?)
            .set_expiration(expires.then_some(expiration))
            .set_transitions(Some(transitions.collect::<Vec<_>>()).filter(|all| !all.is_empty()))
            .set_noncurrent_version_transitions(Some(old_transitions.collect::<Vec<_>>()).filter(|all| !all.is_empty()))
            .set_noncurrent_version_expiration(old)
            .set_abort_incomplete_multipart_upload(
                uploads.map(|days| AbortIncompleteMultipartUpload::builder().days_after_initiation(days).build()),
            )
            .build()
    }
}

impl Rule {
    /// S3 takes one condition by itself, and several only together.
    fn filter(&self) -> Result<LifecycleRuleFilter, BuildError> {
        let tags = self.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect::<Result<Vec<_>, _>>()?;
        let sizes = (self.object_size_greater_than, self.object_size_less_than);
        let prefix = Some(self.prefix.clone()).filter(|prefix| !prefix.is_empty());
        let many = tags.len() + [prefix.is_some(), sizes.0.is_some(), sizes.1.is_some()].into_iter().filter(|is| *is).count();
        let filter = LifecycleRuleFilter::builder();
        Ok(match many {
            0 => filter.prefix("").build(),
            1 => {
                let filter = filter.set_prefix(prefix).set_tag(tags.into_iter().next());
                filter.set_object_size_greater_than(sizes.0).set_object_size_less_than(sizes.1).build()
            }
            _ => {
                let and = LifecycleRuleAndOperator::builder().set_prefix(prefix).set_tags(Some(tags).filter(|tags| !tags.is_empty()));
                let and = and.set_object_size_greater_than(sizes.0).set_object_size_less_than(sizes.1);
                filter.and(and.build()).build()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Rule, Spelt};

    #[test]
    fn a_rule_is_told_as_it_was_sent_however_many_conditions_it_has() {
        for conditions in [json!({}), json!({ "prefix": "a/" }), json!({ "tags": { "a": "b" }, "object_size_less_than": 5 })] {
            let mut rule = json!({
                "id": "a", "status": "Enabled", "prefix": "", "tags": {}, "transitions": { "GLACIER": 90, "STANDARD_IA": 30 },
                "noncurrent_version_transitions": {}, "noncurrent_version_expiration_days": 7, "newer_noncurrent_versions": 2,
            });
            rule.as_object_mut().unwrap().extend(conditions.as_object().unwrap().clone());
            let rule: Rule = serde_json::from_value(rule).unwrap();
            assert_eq!(Rule::told(rule.sent().unwrap()), rule);
        }
    }
}
