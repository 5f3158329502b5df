//! Tags as CloudWatch Logs takes them: in the creating call, and by ARN afterwards. No list tells them.

use std::collections::HashMap;

use crate::{
    aws::{
        Aws,
        error::refused,
        tags::{Tags, Told, difference, tell},
    },
    resource::Error,
};

/// Asks for the tags of one log group.
pub(super) async fn asked(aws: &Aws, arn: &str) -> Result<Told, Error> {
    let answer = aws.logs().list_tags_for_resource().resource_arn(arn).send().await.map_err(refused("ListTagsForResource"))?;
    Ok(tell(answer.tags.unwrap_or_default()).name_is_a_tag())
}

/// Turns the tags of `arn` from `was` into `now`: no call, or one, or two where keys must go.
pub(super) async fn retag(aws: &Aws, arn: &str, was: &Tags, now: &Tags) -> Result<(), Error> {
    let (set, unset) = difference(was, now);
    if !set.is_empty() {
        let set: HashMap<_, _> = set.into_iter().collect();
        aws.logs().tag_resource().resource_arn(arn).set_tags(Some(set)).send().await.map_err(refused("TagResource"))?;
    }
    if !unset.is_empty() {
        aws.logs().untag_resource().resource_arn(arn).set_tag_keys(Some(unset)).send().await.map_err(refused("UntagResource"))?;
    }
    Ok(())
}
