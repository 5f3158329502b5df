//! A queue's fields as SQS takes and tells them: texts by name.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName as Name;
use serde_json::{Value, json};

use super::queue::Queue;
use crate::{
    aws::{
        arns::of_key,
        canonical_policy::{canonical, spelt},
    },
    resource::{Error, Kind},
};

/// What SQS tells of one queue, or is told.
pub(super) type Attributes = HashMap<Name, String>;

impl Queue {
    /// What the row asks for. An empty text asks for there to be none.
    pub(super) fn attributes(&self) -> Attributes {
        let redrive = self.dead_letter_queue.as_ref().zip(self.max_receive_count);
        let redrive = redrive.map(|(arn, count)| json!({ "deadLetterTargetArn": arn, "maxReceiveCount": count }).to_string());
        let policy = self.policy.as_ref().map(|policy| policy.get("Statement").map(|_| policy.to_string()).unwrap_or_default());
        let asked = [
            (Name::FifoQueue, self.fifo_queue.then(|| "true".to_owned())),
            (Name::ContentBasedDeduplication, text(self.content_based_deduplication)),
            (Name::DeduplicationScope, self.deduplication_scope.clone()),
            (Name::FifoThroughputLimit, self.fifo_throughput_limit.clone()),
            (Name::DelaySeconds, text(self.delay_seconds)),
            (Name::MaximumMessageSize, text(self.maximum_message_size)),
            (Name::MessageRetentionPeriod, text(self.message_retention_period)),
            (Name::ReceiveMessageWaitTimeSeconds, text(self.receive_message_wait_time_seconds)),
            (Name::VisibilityTimeout, text(self.visibility_timeout)),
            (Name::RedrivePolicy, Some(redrive.unwrap_or_default())),
            (Name::Policy, policy),
            (Name::KmsMasterKeyId, self.kms_key.clone()),
            (Name::KmsDataKeyReusePeriodSeconds, text(self.kms_data_key_reuse_period_seconds)),
            (Name::SqsManagedSseEnabled, text(self.sqs_managed_sse_enabled)),
        ];
        asked.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// What must be sent to turn `was` into `self`.
    pub(super) fn unlike(&self, was: &Self) -> Attributes {
        let (mut asked, is) = (self.attributes(), was.attributes());
        // there is one kind of encryption at a time
        if self.sqs_managed_sse_enabled == Some(true) && was.kms_key.is_some() {
            asked.insert(Name::KmsMasterKeyId, String::new());
        }
        asked.retain(|name, value| is.get(name) != Some(value) && *name != Name::FifoQueue);
        asked
    }

    /// The queue at `url` with what SQS tells of it; without tags.
    pub(super) fn told(region: &str, url: &str, all: &Attributes) -> Result<Self, Error> {
        let arn = all.get(&Name::QueueArn).cloned().unwrap_or_default();
        let fifo_queue = flag(all, &Name::FifoQueue).unwrap_or_default();
        let only_fifo = |name| all.get(&name).filter(|_| fifo_queue).cloned();
        let redrive = redrive(all)?;
        Ok(Self {
            region: region.to_owned(),
            name: url.rsplit('/').next().unwrap_or_default().to_owned(),
            fifo_queue,
            content_based_deduplication: flag(all, &Name::ContentBasedDeduplication).filter(|_| fifo_queue),
            deduplication_scope: only_fifo(Name::DeduplicationScope),
            fifo_throughput_limit: only_fifo(Name::FifoThroughputLimit),
            delay_seconds: number(all, &Name::DelaySeconds),
            maximum_message_size: number(all, &Name::MaximumMessageSize),
            message_retention_period: number(all, &Name::MessageRetentionPeriod),
            receive_message_wait_time_seconds: number(all, &Name::ReceiveMessageWaitTimeSeconds),
            visibility_timeout: number(all, &Name::VisibilityTimeout),
            max_receive_count: redrive.as_ref().map(|(_, count)| *count),
            dead_letter_queue: redrive.map(|(arn, _)| arn),
            policy: Some(set(all, &Name::Policy).map_or_else(|| Ok(canonical(json!({}))), |text| spelt("GetQueueAttributes", text))?),
            kms_key: set(all, &Name::KmsMasterKeyId).map(|key| of_key(key, &arn)),
            kms_data_key_reuse_period_seconds: number(all, &Name::KmsDataKeyReusePeriodSeconds),
            sqs_managed_sse_enabled: Some(flag(all, &Name::SqsManagedSseEnabled).unwrap_or_default()),
            tags: crate::aws::tags::Tags::new(),
            queue_url: Some(url.to_owned()),
            arn: Some(arn),
        })
    }
}

fn text(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

fn set<'a>(all: &'a Attributes, name: &Name) -> Option<&'a String> {
    all.get(name).filter(|text| !text.is_empty())
}

fn number(all: &Attributes, name: &Name) -> Option<i32> {
    all.get(name)?.parse().ok()
}

fn flag(all: &Attributes, name: &Name) -> Option<bool> {
    all.get(name).map(|text| text.eq_ignore_ascii_case("true"))
}

/// The dead letter queue's ARN, and how often a message is received before it goes there. AWS keeps the number as it was written.
fn redrive(all: &Attributes) -> Result<Option<(String, i32)>, Error> {
    let Some(text) = set(all, &Name::RedrivePolicy) else { return Ok(None) };
    let unread = |said: String| Error::new("GetQueueAttributes", Kind::Broken, said);
    let policy: Value = serde_json::from_str(text).map_err(|error| unread(error.to_string()))?;
    let count = match &policy["maxReceiveCount"] {
        Value::String(text) => text.parse().ok(),
        number => number.as_i64().and_then(|number| i32::try_from(number).ok()),
    };
    Ok(policy["deadLetterTargetArn"].as_str().map(str::to_owned).zip(count))
}

#[cfg(test)]
mod tests {
    use super::{Attributes, Name, Queue};

    fn queue(attributes: &[(Name, &str)]) -> Queue {
        let all: Attributes = attributes.iter().map(|(name, text)| (name.clone(), (*text).to_owned())).collect();
        Queue::told("us-east-1", "https://sqs.us-east-1.amazonaws.com/123456789012/shop", &all).unwrap()
    }

    #[test]
    fn keys_of_sqs_take_the_place_of_a_key_of_kms() {
        let was = queue(&[(Name::KmsMasterKeyId, "alias/shop"), (Name::SqsManagedSseEnabled, "false")]);
        let asked = queue(&[(Name::SqsManagedSseEnabled, "true")]).unlike(&was);
        assert_eq!(asked, [(Name::KmsMasterKeyId, String::new()), (Name::SqsManagedSseEnabled, "true".to_owned())].into());
    }

    #[test]
    fn a_redrive_policy_is_read_whether_its_count_is_a_number_or_a_text() {
        let [number, text] =
            [r#"{"deadLetterTargetArn":"arn:a","maxReceiveCount":3}"#, r#"{"deadLetterTargetArn":"arn:a","maxReceiveCount":"3"}"#]
                .map(|policy| queue(&[(Name::RedrivePolicy, policy)]));
        assert_eq!((number.dead_letter_queue.as_deref(), number.max_receive_count), (Some("arn:a"), Some(3)));
        assert_eq!(number, text);
        assert!(text.unlike(&number).is_empty(), "nothing differs");
    }
}
