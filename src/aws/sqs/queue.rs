//! A queue: messages wait in it until somebody takes them.

use aws_sdk_sqs::types::QueueAttributeName;
use futures::{StreamExt, TryStreamExt, future::try_join, stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    aws::{
        Aws,
        arns::partition,
        error::{empty, refused},
        tags::{Tags, all, difference, tell},
    },
    resource::{Error, Observed, Owner, Resource, gone},
};

/// Queues in one page, the most that AWS gives.
const PAGE: i32 = 1000;
/// Questions in flight at a time.
const ASIDE: usize = 16;

/// A row of `sqs.queue`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Queue {
    pub(super) region: String,
    pub(super) name: String,
    pub(super) fifo_queue: bool,
    pub(super) content_based_deduplication: Option<bool>,
    pub(super) deduplication_scope: Option<String>,
    pub(super) fifo_throughput_limit: Option<String>,
    pub(super) delay_seconds: Option<i32>,
    pub(super) maximum_message_size: Option<i32>,
    pub(super) message_retention_period: Option<i32>,
    pub(super) receive_message_wait_time_seconds: Option<i32>,
    pub(super) visibility_timeout: Option<i32>,
    pub(super) dead_letter_queue: Option<String>,
    pub(super) max_receive_count: Option<i32>,
    pub(super) policy: Option<Value>,
    pub(super) kms_key: Option<String>,
    pub(super) kms_data_key_reuse_period_seconds: Option<i32>,
    pub(super) sqs_managed_sse_enabled: Option<bool>,
    pub(super) tags: Tags,
    pub(super) queue_url: Option<String>,
    pub(super) arn: Option<String>,
}

impl Resource for Queue {
    const TABLE: &'static str = "sqs.queue";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let urls = aws.sqs().list_queues().max_results(PAGE).into_paginator().items().send();
        let urls = urls.try_collect().await.map_err(refused("ListQueues"))?;
        let asked = stream::iter(urls).map(|url| Self::asked(aws, url));
        asked.buffer_unordered(ASIDE).try_filter_map(|queue| async { Ok(queue) }).try_collect().await
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let mut attributes = self.attributes();
        attributes.retain(|_, value| !value.is_empty());
        let tags = all(&self.tags, None, &owner.tag).into_iter().collect();
        let asked = aws.sqs().create_queue().queue_name(&self.name).set_attributes(Some(attributes)).set_tags(Some(tags));
        let url = asked.send().await.map_err(refused("CreateQueue"))?.queue_url.ok_or_else(|| empty("CreateQueue"))?;
        let arn = arn(&url, aws.region()).ok_or_else(|| empty("CreateQueue"))?;
        Ok(Observed::of(Self { queue_url: Some(url), arn: Some(arn), ..self }).owned(Some(owner.tag.clone())))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let url = was.row.queue_url.clone().unwrap_or_default();
        let unlike = self.unlike(&was.row);
        if !unlike.is_empty() {
            let asked = aws.sqs().set_queue_attributes().queue_url(&url).set_attributes(Some(unlike.clone()));
            asked.send().await.map_err(refused("SetQueueAttributes"))?;
        }
        let (set, unset) =
            difference(&all(&was.row.tags, None, was.owner.as_deref().unwrap_or_default()), &all(&self.tags, None, &owner.tag));
        if !set.is_empty() {
            let asked = aws.sqs().tag_queue().queue_url(&url).set_tags(Some(set.into_iter().collect()));
            asked.send().await.map_err(refused("TagQueue"))?;
        }
        if !unset.is_empty() {
            aws.sqs().untag_queue().queue_url(&url).set_tag_keys(Some(unset)).send().await.map_err(refused("UntagQueue"))?;
        }
        let mut now = was.row.attributes();
        now.extend(unlike);
        now.extend(was.row.arn.map(|arn| (QueueAttributeName::QueueArn, arn)));
        Ok(Observed::of(Self { tags: self.tags, ..Self::told(aws.region(), &url, &now)? }).owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.sqs().delete_queue().queue_url(self.queue_url.unwrap_or_default());
        gone(asked.send().await.map_err(refused("DeleteQueue")))?;
        Ok(None)
    }
}

impl Queue {
    /// A queue with its attributes and tags: a call for each, since no listing tells them. `None` where it has gone meanwhile.
    async fn asked(aws: &Aws, url: String) -> Result<Option<Observed<Self>>, Error> {
        let attributes = aws.sqs().get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::All).send();
        let tags = aws.sqs().list_queue_tags().queue_url(&url).send();
        let attributes = async { attributes.await.map_err(refused("GetQueueAttributes")) };
        let tags = async { tags.await.map_err(refused("ListQueueTags")) };
        let (attributes, tags) = match try_join(attributes, tags).await {
            Err(error) if error.is_absent() => return Ok(None),
            answers => answers?,
        };
        let row = Self::told(aws.region(), &url, &attributes.attributes.unwrap_or_default())?;
        let told = tell(tags.tags.unwrap_or_default()).name_is_a_tag();
        Ok(Some(Observed::of(Self { tags: told.tags, ..row }).owned(told.owner)))
    }
}

/// What AWS calls the queue at an address: `https://sqs.us-east-1.amazonaws.com/123456789012/shop`.
fn arn(url: &str, region: &str) -> Option<String> {
    let mut end = url.rsplit('/');
    let (name, account) = (end.next()?, end.next()?);
    let partition = partition(region);
    Some(format!("arn:{partition}:sqs:{region}:{account}:{name}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_queue_is_called_after_its_address() {
        let arn = super::arn("https://sqs.us-east-1.amazonaws.com/123456789012/shop.fifo", "us-east-1");
        assert_eq!(arn.as_deref(), Some("arn:aws:sqs:us-east-1:123456789012:shop.fifo"));
        let arn = super::arn("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/shop", "cn-north-1");
        assert_eq!(arn.as_deref(), Some("arn:aws-cn:sqs:cn-north-1:123456789012:shop"));
    }
}
