//! A secret's tags, and how long it can be restored, which is kept in one of them: AWS asks for it only at the end.

use aws_sdk_secretsmanager::types::Tag;

use crate::{
    aws::{
        Aws,
        error::refused,
        tags::{Tags, Told, all, difference, tell},
    },
    resource::{Error, Owner},
};

/// The tag that says for how many days a deleted secret can be restored.
const RECOVERY: &str = "iasql:recovery_window_in_days";

/// Tells the tags of one answer apart, and finds the days among them.
pub(super) fn told(tags: &[Tag]) -> (Told, Option<i32>) {
    let told = tell(tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()))));
    let days = told.ours.get(RECOVERY).and_then(|days| days.parse().ok());
    (told.name_is_a_tag(), days)
}

/// All the tags that a secret has: the user's, the owner's where it has one, and the days.
pub(super) fn labels(tags: &Tags, owner: Option<&str>, days: Option<i32>) -> Tags {
    let mut labels = owner.map_or_else(|| tags.clone(), |owner| all(tags, None, owner));
    labels.extend(days.map(|days| (RECOVERY.to_owned(), days.to_string())));
    labels
}

/// The same as AWS takes them.
pub(super) fn listed(tags: Tags) -> Option<Vec<Tag>> {
    Some(tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect())
}

/// Turns the tags of `arn` from `was` into `now`: no call, or one, or two where keys must go.
pub(super) async fn retag(aws: &Aws, arn: &str, was: &Tags, now: &Tags) -> Result<(), Error> {
    let (set, unset) = difference(was, now);
    if !set.is_empty() {
        aws.secretsmanager().tag_resource().secret_id(arn).set_tags(listed(set)).send().await.map_err(refused("TagResource"))?;
    }
    if !unset.is_empty() {
        aws.secretsmanager().untag_resource().secret_id(arn).set_tag_keys(Some(unset)).send().await.map_err(refused("UntagResource"))?;
    }
    Ok(())
}

/// Whether an ownership tag is of the same database as the owner: one row of it may have taken another's place.
pub(super) fn is_ours(tag: Option<&str>, owner: &Owner) -> bool {
    let database = |tag: &str| tag.split_once('/').map(|(database, _)| database.to_owned());
    tag.and_then(database).is_some_and(|ours| Some(ours) == database(&owner.tag))
}
