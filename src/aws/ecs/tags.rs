//! Tags as ECS takes them: in the creating call, and by ARN afterwards.

use aws_sdk_ecs::types::Tag;

use crate::{
    aws::{
        Aws,
        error::refused,
        tags::{Tags, Told, difference, tell},
    },
    resource::{Error, Owner},
};

/// Tells the tags of one answer apart.
pub(super) fn told(tags: &[Tag]) -> Told {
    tell(tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())))).name_is_a_tag()
}

/// The user's tags and the owner's, where there is one.
pub(super) fn labels(tags: &Tags, owner: Option<&str>) -> Tags {
    let owner = owner.map(|owner| (Owner::KEY.to_owned(), owner.to_owned()));
    tags.clone().into_iter().chain(owner).collect()
}

/// The same as ECS takes them.
pub(super) fn listed(tags: Tags) -> Option<Vec<Tag>> {
    Some(tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect())
}

/// Turns the tags of `arn` from `was` into `now`: no call, or one, or two where keys must go.
pub(super) async fn retag(aws: &Aws, arn: &str, was: &Tags, now: &Tags) -> Result<(), Error> {
    let (set, unset) = difference(was, now);
    if !set.is_empty() {
        aws.ecs().tag_resource().resource_arn(arn).set_tags(listed(set)).send().await.map_err(refused("TagResource"))?;
    }
    if !unset.is_empty() {
        aws.ecs().untag_resource().resource_arn(arn).set_tag_keys(Some(unset)).send().await.map_err(refused("UntagResource"))?;
    }
    Ok(())
}
