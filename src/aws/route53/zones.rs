//! The hosted zones of an account, and their tags.

use std::collections::HashMap;

use aws_sdk_route53::types::{HostedZone, Tag, TagResourceType};

use crate::{
    aws::{
        Aws,
        error::refused,
        tags::{Tags, Told, difference, tell},
    },
    resource::Error,
};

/// All of them.
pub(super) async fn all(aws: &Aws) -> Result<Vec<HostedZone>, Error> {
    let zones = aws.route53().list_hosted_zones().max_items(100).into_paginator().items().send();
    zones.try_collect().await.map_err(refused("ListHostedZones"))
}

/// The id without what Route 53 writes before it.
pub(super) fn id(zone: &HostedZone) -> &str {
    zone.id().rsplit('/').next().unwrap_or_default()
}

/// The tags of these zones by id; ten are told at a time.
pub(super) async fn tags(aws: &Aws, zones: &[HostedZone]) -> Result<HashMap<String, Told>, Error> {
    let mut all = HashMap::new();
    for some in zones.chunks(10) {
        let ids = some.iter().map(|zone| id(zone).to_owned()).collect();
        let asked = aws.route53().list_tags_for_resources().resource_type(TagResourceType::Hostedzone).set_resource_ids(Some(ids));
        let answer = asked.send().await.map_err(refused("ListTagsForResources"))?;
        all.extend(answer.resource_tag_sets.into_iter().map(|set| (set.resource_id.unwrap_or_default(), told(set.tags))));
    }
    Ok(all)
}

fn told(tags: Option<Vec<Tag>>) -> Told {
    tell(tags.into_iter().flatten().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))))
}

/// Turns the tags of a zone from `was` into `now`: one call, or none.
pub(super) async fn retag(aws: &Aws, id: &str, was: &Tags, now: &Tags) -> Result<(), Error> {
    let (set, unset) = difference(was, now);
    if set.is_empty() && unset.is_empty() {
        return Ok(());
    }
    let set: Vec<Tag> = set.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    let asked = aws
        .route53()
        .change_tags_for_resource()
        .resource_type(TagResourceType::Hostedzone)
        .resource_id(id)
        // empty lists are refused
        .set_add_tags(Some(set).filter(|set| !set.is_empty()))
        .set_remove_tag_keys(Some(unset).filter(|unset| !unset.is_empty()));
    asked.send().await.map_err(refused("ChangeTagsForResource"))?;
    Ok(())
}
