//! A key's tags, and how long it can be restored, which is kept in one of them: AWS asks for it only at the end.

use aws_sdk_kms::types::Tag;

use crate::{
    aws::{
        Aws,
        error::refused,
        tags::{Tags, Told, difference, tell},
    },
    resource::{Error, Kind},
};

/// The tag that says for how many days a deleted key can be restored.
pub(super) const WINDOW: &str = "iasql:pending_window_in_days";

/// Asks for the tags of one key; a key has at most 50.
pub(super) async fn asked(aws: &Aws, id: &str) -> Result<Told, Error> {
    let answer = aws.kms().list_resource_tags().key_id(id).limit(50).send().await.map_err(refused("ListResourceTags"))?;
    Ok(tell(answer.tags.unwrap_or_default().into_iter().map(|tag| (tag.tag_key, tag.tag_value))))
}

/// The same as AWS takes them.
pub(super) fn listed(operation: &'static str, tags: Tags) -> Result<Vec<Tag>, Error> {
    let tag = |(key, value)| Tag::builder().tag_key(key).tag_value(value).build();
    tags.into_iter().map(tag).collect::<Result<_, _>>().map_err(|error| Error::new(operation, Kind::Row, error.to_string()))
}

/// Turns the tags of the key `id` from `was` into `now`: no call, or one, or two where keys must go.
pub(super) async fn retag(aws: &Aws, id: &str, was: &Tags, now: &Tags) -> Result<(), Error> {
    let (set, unset) = difference(was, now);
    if !set.is_empty() {
        let tags = listed("TagResource", set)?;
        aws.kms().tag_resource().key_id(id).set_tags(Some(tags)).send().await.map_err(refused("TagResource"))?;
    }
    if !unset.is_empty() {
        aws.kms().untag_resource().key_id(id).set_tag_keys(Some(unset)).send().await.map_err(refused("UntagResource"))?;
    }
    Ok(())
}
