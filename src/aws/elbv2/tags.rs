//! Tags as Elastic Load Balancing takes them: in the creating call, and by ARN afterwards. They are told for twenty things at a time.

use std::collections::HashMap;

use aws_sdk_elasticloadbalancingv2::types::Tag;
use futures::{StreamExt, TryStreamExt, stream};

use super::ASIDE;
use crate::{
    aws::{
        Aws,
        error::refused,
        tags::{Tags, Told, difference, tell},
    },
    resource::{Error, Owner},
};

/// Things in one question, the most that AWS takes.
const ONE_CALL: usize = 20;

/// One side of a change of tags; `name` only where the name is a tag.
#[derive(Clone, Copy, Default)]
pub(super) struct Labels<'a> {
    pub name: Option<&'a str>,
    pub tags: Option<&'a Tags>,
    pub owner: Option<&'a str>,
}

impl Labels<'_> {
    fn all(self) -> Tags {
        let mut all = self.tags.cloned().unwrap_or_default();
        all.extend(self.name.map(|name| ("Name".to_owned(), name.to_owned())));
        all.extend(self.owner.map(|owner| (Owner::KEY.to_owned(), owner.to_owned())));
        all
    }

    /// The same for a creating call.
    pub(super) fn listed(self) -> Option<Vec<Tag>> {
        Some(listed(self.all()))
    }
}

fn listed(tags: Tags) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// The tags of all of these, by ARN.
pub(super) async fn told(aws: &Aws, arns: Vec<String>) -> Result<HashMap<String, Told>, Error> {
    let some: Vec<Vec<String>> = arns.chunks(ONE_CALL).map(<[String]>::to_vec).collect();
    let answers = stream::iter(some).map(|some| async move {
        let asked = aws.elbv2().describe_tags().set_resource_arns(Some(some.clone())).send().await.map_err(refused("DescribeTags"));
        match asked {
            // one of them went meanwhile, and the answer is for all or none
            Err(error) if error.is_absent() => one_by_one(aws, some).await,
            asked => Ok(asked?.tag_descriptions.unwrap_or_default()),
        }
    });
    let answers: Vec<_> = answers.buffer_unordered(ASIDE).try_collect().await?;
    let pairs = answers.into_iter().flatten().filter_map(|answer| {
        let tags = answer.tags.unwrap_or_default().into_iter();
        Some((answer.resource_arn?, tell(tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))))))
    });
    Ok(pairs.collect())
}

async fn one_by_one(aws: &Aws, arns: Vec<String>) -> Result<Vec<aws_sdk_elasticloadbalancingv2::types::TagDescription>, Error> {
    let mut all = Vec::new();
    for arn in arns {
        match aws.elbv2().describe_tags().resource_arns(arn).send().await.map_err(refused("DescribeTags")) {
            Err(error) if error.is_absent() => {}
            asked => all.extend(asked?.tag_descriptions.unwrap_or_default()),
        }
    }
    Ok(all)
}

/// Turns the tags of `arn` from `was` into `now`: no call, or one, or two where keys must go.
pub(super) async fn retag(aws: &Aws, arn: &str, was: Labels<'_>, now: Labels<'_>) -> Result<(), Error> {
    let (set, unset) = difference(&was.all(), &now.all());
    if !set.is_empty() {
        aws.elbv2().add_tags().resource_arns(arn).set_tags(Some(listed(set))).send().await.map_err(refused("AddTags"))?;
    }
    if !unset.is_empty() {
        aws.elbv2().remove_tags().resource_arns(arn).set_tag_keys(Some(unset)).send().await.map_err(refused("RemoveTags"))?;
    }
    Ok(())
}
