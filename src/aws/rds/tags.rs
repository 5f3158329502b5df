//! Tags as RDS takes them: in the creating call, and by ARN afterwards. Groups tell theirs only when asked one by one.

use aws_sdk_rds::types::Tag;

use crate::{
    aws::{
        Aws,
        error::refused,
        tags::{Tags, Told, difference, tell},
    },
    resource::{Error, Owner},
};

/// Questions in flight at a time.
pub(super) const ASIDE: usize = 8;

/// Tells the tags of one answer apart.
pub(super) fn told(tags: &[Tag]) -> Told {
    tell(tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())))).name_is_a_tag()
}

/// Asks for the tags of one group.
pub(super) async fn asked(aws: &Aws, arn: &str) -> Result<Told, Error> {
    let answer = aws.rds().list_tags_for_resource().resource_name(arn).send().await.map_err(refused("ListTagsForResource"))?;
    Ok(told(answer.tag_list()))
}

/// The user's tags and the owner's, where there is one.
pub(super) fn labels(tags: &Tags, owner: Option<&str>) -> Tags {
    let owner = owner.map(|owner| (Owner::KEY.to_owned(), owner.to_owned()));
    tags.clone().into_iter().chain(owner).collect()
}

/// The same as RDS takes them.
pub(super) fn listed(tags: Tags) -> Option<Vec<Tag>> {
    Some(tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect())
}

/// Turns the tags of `arn` from `was` into `now`: no call, or one, or two where keys must go.
pub(super) async fn retag(aws: &Aws, arn: &str, was: &Tags, now: &Tags) -> Result<(), Error> {
    let (set, unset) = difference(was, now);
    if !set.is_empty() {
        let asked = aws.rds().add_tags_to_resource().resource_name(arn).set_tags(listed(set));
        asked.send().await.map_err(refused("AddTagsToResource"))?;
    }
    if !unset.is_empty() {
        let asked = aws.rds().remove_tags_from_resource().resource_name(arn).set_tag_keys(Some(unset));
        asked.send().await.map_err(refused("RemoveTagsFromResource"))?;
    }
    Ok(())
}
