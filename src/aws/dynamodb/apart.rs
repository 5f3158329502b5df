//! What is set on a table apart from the table itself: its tags, what it forgets, and whether it can be set back.

use aws_sdk_dynamodb::types::{
    PointInTimeRecoverySpecification, PointInTimeRecoveryStatus, Tag, TimeToLiveSpecification, TimeToLiveStatus,
};
use aws_smithy_types::error::operation::BuildError;

use crate::{
    aws::{
        Aws,
        error::refused,
        tags::{Tags, difference},
    },
    resource::{Error, Kind},
};

/// All tags of a table; AWS tells them page by page.
pub(super) async fn tags(aws: &Aws, arn: &str) -> Result<Vec<(String, String)>, Error> {
    let (mut all, mut token) = (Vec::new(), None);
    loop {
        let asked = aws.dynamodb().list_tags_of_resource().resource_arn(arn).set_next_token(token);
        let page = asked.send().await.map_err(refused("ListTagsOfResource"))?;
        all.extend(page.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)));
        token = page.next_token;
        if token.is_none() {
            return Ok(all);
        }
    }
}

/// Turns the tags of `arn` from `was` into `now`: no call, or one, or two where keys must go.
pub(super) async fn retag(aws: &Aws, arn: &str, was: &Tags, now: &Tags) -> Result<(), Error> {
    let (set, unset) = difference(was, now);
    if !set.is_empty() {
        let asked = aws.dynamodb().tag_resource().resource_arn(arn).set_tags(Some(listed(set).map_err(unbuilt("TagResource"))?));
        asked.send().await.map_err(refused("TagResource"))?;
    }
    if !unset.is_empty() {
        let asked = aws.dynamodb().untag_resource().resource_arn(arn).set_tag_keys(Some(unset));
        asked.send().await.map_err(refused("UntagResource"))?;
    }
    Ok(())
}

/// The same as DynamoDB takes them.
pub(super) fn listed(tags: Tags) -> Result<Vec<Tag>, BuildError> {
    tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// The attribute that says when an item is forgotten; an empty text where there is none.
pub(super) async fn time_to_live(aws: &Aws, table: &str) -> Result<String, Error> {
    let answer = aws.dynamodb().describe_time_to_live().table_name(table).send().await.map_err(refused("DescribeTimeToLive"))?;
    let set = answer
        .time_to_live_description
        .filter(|set| matches!(set.time_to_live_status(), Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)));
    Ok(set.and_then(|set| set.attribute_name).unwrap_or_default())
}

/// Sets that attribute. Another one is set only when the first is gone: an hour later, says AWS.
pub(super) async fn forget_by(aws: &Aws, table: &str, was: &str, attribute: &str) -> Result<String, Error> {
    let now = if was.is_empty() { attribute } else { "" };
    let set = TimeToLiveSpecification::builder().enabled(was.is_empty()).attribute_name(if was.is_empty() { attribute } else { was });
    let set = set.build().map_err(unbuilt("UpdateTimeToLive"))?;
    let asked = aws.dynamodb().update_time_to_live().table_name(table).time_to_live_specification(set);
    asked.send().await.map_err(refused("UpdateTimeToLive"))?;
    Ok(now.to_owned())
}

/// Whether a table can be set back, and for how many days.
pub(super) async fn recovery(aws: &Aws, table: &str) -> Result<(bool, Option<i32>), Error> {
    let answer = aws.dynamodb().describe_continuous_backups().table_name(table).send().await;
    let answer = answer.map_err(refused("DescribeContinuousBackups"))?;
    let set = answer.continuous_backups_description.and_then(|backups| backups.point_in_time_recovery_description);
    let is_on = set.as_ref().is_some_and(|set| set.point_in_time_recovery_status() == Some(&PointInTimeRecoveryStatus::Enabled));
    Ok((is_on, set.and_then(|set| set.recovery_period_in_days).filter(|_| is_on)))
}

/// Sets that.
pub(super) async fn recover(aws: &Aws, table: &str, is_on: bool, days: Option<i32>) -> Result<(), Error> {
    let set = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(is_on);
    let set = set.set_recovery_period_in_days(days).build().map_err(unbuilt("UpdateContinuousBackups"))?;
    let asked = aws.dynamodb().update_continuous_backups().table_name(table).point_in_time_recovery_specification(set);
    asked.send().await.map(drop).map_err(refused("UpdateContinuousBackups"))
}

/// What lacks a field that AWS requires.
pub(super) fn unbuilt(operation: &'static str) -> impl Fn(BuildError) -> Error {
    move |error| Error::new(operation, Kind::Row, error.to_string())
}
