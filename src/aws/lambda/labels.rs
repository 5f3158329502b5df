//! Tags as Lambda takes them: in the creating call, and by ARN afterwards.

use std::collections::HashMap;

use crate::{
    aws::{
        Aws,
        error::refused,
        tags::{Tags, difference},
    },
    resource::Error,
};

/// The same as Lambda takes them.
pub(super) fn listed(tags: Tags) -> Option<HashMap<String, String>> {
    Some(tags.into_iter().collect())
}

/// Turns the tags of `arn` from `was` into `now`: no call, or one, or two where keys must go.
pub(super) async fn retag(aws: &Aws, arn: &str, was: &Tags, now: &Tags) -> Result<(), Error> {
    let (set, unset) = difference(was, now);
    if !set.is_empty() {
        aws.lambda().tag_resource().resource(arn).set_tags(listed(set)).send().await.map_err(refused("TagResource"))?;
    }
    if !unset.is_empty() {
        aws.lambda().untag_resource().resource(arn).set_tag_keys(Some(unset)).send().await.map_err(refused("UntagResource"))?;
    }
    Ok(())
}
