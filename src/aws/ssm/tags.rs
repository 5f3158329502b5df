//! A parameter's tags, and which write of its secret value it has, which is kept in one of them.

use aws_sdk_ssm::types::{ResourceTypeForTagging, Tag};
use uuid::Uuid;

use crate::{
    aws::{
        Aws,
        error::refused,
        tags::{Tags, Told, difference, tell},
    },
    resource::{Error, Kind},
};

/// The tag that says which write of the secret value it has, and the version that AWS made of that: `<uuid>/3`.
pub(super) const SECRET: &str = "iasql:secret_value_version";

/// Which write it has; none where somebody has written since.
pub(super) fn written(told: &Told, version: i64) -> Option<Uuid> {
    let (write, then) = told.ours.get(SECRET)?.split_once('/')?;
    write.parse().ok().filter(|_| then == version.to_string())
}

/// Asks for the tags of one parameter.
pub(super) async fn asked(aws: &Aws, name: &str) -> Result<Told, Error> {
    let asked = aws.ssm().list_tags_for_resource().resource_type(ResourceTypeForTagging::Parameter).resource_id(name);
    let answer = asked.send().await.map_err(refused("ListTagsForResource"))?;
    Ok(tell(answer.tag_list.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value))).name_is_a_tag())
}

/// The same as AWS takes them.
pub(super) fn listed(operation: &'static str, tags: Tags) -> Result<Vec<Tag>, Error> {
    let tag = |(key, value)| Tag::builder().key(key).value(value).build();
    tags.into_iter().map(tag).collect::<Result<_, _>>().map_err(|error| Error::new(operation, Kind::Row, error.to_string()))
}

/// Turns the tags of a parameter from `was` into `now`: no call, or one, or two where keys must go.
pub(super) async fn retag(aws: &Aws, name: &str, was: &Tags, now: &Tags) -> Result<(), Error> {
    let (set, unset) = difference(was, now);
    if !set.is_empty() {
        let tags = listed("AddTagsToResource", set)?;
        let asked = aws.ssm().add_tags_to_resource().resource_type(ResourceTypeForTagging::Parameter).resource_id(name);
        asked.set_tags(Some(tags)).send().await.map_err(refused("AddTagsToResource"))?;
    }
    if !unset.is_empty() {
        let asked = aws.ssm().remove_tags_from_resource().resource_type(ResourceTypeForTagging::Parameter).resource_id(name);
        asked.set_tag_keys(Some(unset)).send().await.map_err(refused("RemoveTagsFromResource"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{SECRET, written};
    use crate::aws::tags::tell;

    #[test]
    fn what_somebody_else_has_written_since_is_not_ours() {
        let write = "0f0f0f0f-0000-4000-8000-000000000001";
        let told = tell([(SECRET.to_owned(), format!("{write}/3"))]);
        assert_eq!(written(&told, 3), write.parse().ok());
        assert_eq!(written(&told, 4), None);
    }
}
