//! Tags as EC2 takes them: in the creating call, and by id afterwards.

use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};

use crate::{
    aws::{
        Aws,
        error::refused,
        tags::{Tags, Told, all, difference, tell},
    },
    resource::{Error, Owner},
};

/// Tells the tags of one answer apart.
pub(super) fn told(tags: &[Tag]) -> Told {
    tell(tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()))))
}

/// The tags for a creating call.
pub(super) fn specification(kind: ResourceType, name: Option<&str>, tags: &Tags, owner: &Owner) -> TagSpecification {
    TagSpecification::builder().resource_type(kind).set_tags(Some(listed(all(tags, name, &owner.tag)))).build()
}

/// One side of a change of tags.
pub(super) struct Labels<'a> {
    pub name: Option<&'a str>,
    pub tags: &'a Tags,
    pub owner: Option<&'a str>,
}

/// Turns the tags of `id` from `was` into `now`: no call, or one, or two where keys must go.
pub(super) async fn retag(aws: &Aws, id: &str, was: Labels<'_>, now: Labels<'_>) -> Result<(), Error> {
    let side = |labels: &Labels| {
        let mut side = labels.tags.clone();
        side.extend(labels.name.map(|name| ("Name".to_owned(), name.to_owned())));
        side.extend(labels.owner.map(|owner| (Owner::KEY.to_owned(), owner.to_owned())));
        side
    };
    let (set, unset) = difference(&side(&was), &side(&now));
    if !set.is_empty() {
        aws.ec2().create_tags().resources(id).set_tags(Some(listed(set))).send().await.map_err(refused("CreateTags"))?;
    }
    if !unset.is_empty() {
        let keys = unset.into_iter().map(|key| Tag::builder().key(key).build()).collect();
        aws.ec2().delete_tags().resources(id).set_tags(Some(keys)).send().await.map_err(refused("DeleteTags"))?;
    }
    Ok(())
}

fn listed(tags: Tags) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
