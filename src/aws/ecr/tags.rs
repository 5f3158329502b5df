//! Tags as ECR takes them, and what is kept in one of them: AWS asks for it only at the end.

use aws_sdk_ecr::types::Tag;

use crate::{
    aws::{
        Aws,
        error::refused,
        tags::{Tags, Told, difference, tell},
    },
    resource::{Error, Owner},
};

/// The tag that says that the images go with their repository.
const FORCE: &str = "iasql:force_delete";

/// All the tags that a repository has: the user's, the owner's where it has one, and whether its images go with it.
pub(super) fn labels(tags: &Tags, owner: Option<&str>, force_delete: bool) -> Tags {
    let owner = owner.map(|owner| (Owner::KEY.to_owned(), owner.to_owned()));
    let force = force_delete.then(|| (FORCE.to_owned(), "true".to_owned()));
    tags.clone().into_iter().chain(owner).chain(force).collect()
}

/// Tells the tags of one repository apart, and whether its images go with it.
pub(super) fn told(tags: impl IntoIterator<Item = (String, String)>) -> (Told, bool) {
    let told = tell(tags).name_is_a_tag();
    let force_delete = told.ours.contains_key(FORCE);
    (told, force_delete)
}

/// The tags as ECR takes them.
pub(super) fn listed(tags: Tags) -> Result<Option<Vec<Tag>>, Error> {
    let tag = |(key, value): (String, String)| Tag::builder().key(key).value(value).build();
    tags.into_iter()
        .map(tag)
        .collect::<Result<_, _>>()
        .map(Some)
        .map_err(|error| Error::new("tags", crate::resource::Kind::Row, error.to_string()))
}

/// Asks for the tags of one repository.
pub(super) async fn asked(aws: &Aws, arn: &str) -> Result<(Told, bool), Error> {
    let answer = aws.ecr().list_tags_for_resource().resource_arn(arn).send().await.map_err(refused("ListTagsForResource"))?;
    Ok(told(answer.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value))))
}

/// Turns the tags of `arn` from `was` into `now`: no call, or one, or two where keys must go.
pub(super) async fn retag(aws: &Aws, arn: &str, was: &Tags, now: &Tags) -> Result<(), Error> {
    let (set, unset) = difference(was, now);
    if !set.is_empty() {
        aws.ecr().tag_resource().resource_arn(arn).set_tags(listed(set)?).send().await.map_err(refused("TagResource"))?;
    }
    if !unset.is_empty() {
        aws.ecr().untag_resource().resource_arn(arn).set_tag_keys(Some(unset)).send().await.map_err(refused("UntagResource"))?;
    }
    Ok(())
}
