//! Tags as ACM takes them: in the creating call, and by ARN afterwards.

use aws_sdk_acm::types::Tag;

use crate::{
    aws::{
        Aws,
        error::refused,
        tags::{Tags, difference},
    },
    resource::Error,
};

/// Tags as ACM takes them.
pub(super) fn listed(tags: Tags) -> Option<Vec<Tag>> {
    Some(tags.into_iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect())
}

/// Turns the tags of `arn` from `was` into `now`: no call, or one, or two where keys must go.
pub(super) async fn retag(aws: &Aws, arn: &str, was: &Tags, now: &Tags) -> Result<(), Error> {
    let (set, unset) = difference(was, now);
    if !set.is_empty() {
        let asked = aws.acm().add_tags_to_certificate().certificate_arn(arn).set_tags(listed(set));
        asked.send().await.map_err(refused("AddTagsToCertificate"))?;
    }
    if !unset.is_empty() {
        let keys = unset.into_iter().filter_map(|key| Tag::builder().key(key).build().ok()).collect();
        let asked = aws.acm().remove_tags_from_certificate().certificate_arn(arn).set_tags(Some(keys));
        asked.send().await.map_err(refused("RemoveTagsFromCertificate"))?;
    }
    Ok(())
}
