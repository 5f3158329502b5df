//! A subscription: where what is sent to a topic goes on to.

use std::collections::HashMap;

use aws_sdk_sns::types::Subscription as Answer;
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{ASIDE, Attributes, flag, object, unlike};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
    },
    resource::{Error, Observed, Owner, Reads, Resource, gone},
};

/// A row of `sns.subscription`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Subscription {
    region: String,
    topic: String,
    protocol: String,
    queue: Option<String>,
    endpoint: Option<String>,
    raw_message_delivery: Option<bool>,
    filter_policy: Option<Value>,
    filter_policy_scope: Option<String>,
    dead_letter_queue: Option<String>,
    delivery_policy: Option<Value>,
    subscription_role_arn: Option<String>,
    pending_confirmation: Option<bool>,
    subscription_arn: Option<String>,
    subscription_id: Option<String>,
}

impl Resource for Subscription {
    const TABLE: &'static str = "sns.subscription";
    /// One listing tells all there are; but what an unconfirmed one was made with only the row knows.
    const READS: Reads = Reads::Named;
    type Cloud = Aws;

    async fn list(aws: &Aws, named: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let mut pages = aws.sns().list_subscriptions().into_paginator().send();
        let mut all = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(refused("ListSubscriptions"))?;
            all.extend(page.subscriptions.unwrap_or_default().into_iter().filter_map(|answer| Self::listed(aws.region(), answer)));
        }
        let asked = stream::iter(all).map(|row| row.asked(named, aws));
        asked.buffer_unordered(ASIDE).try_filter_map(|row| async { Ok(row.map(Observed::of)) }).try_collect().await
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let attributes = self.attributes().into_iter().filter(|(_, value)| !["", "{}"].contains(&value.as_str()));
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value)).collect();
        let asked = aws.sns().subscribe().topic_arn(&self.topic).protocol(&self.protocol).set_endpoint(self.target().cloned());
        let asked = asked.set_attributes(Some(attributes)).return_subscription_arn(true);
        let arn = asked.send().await.map_err(refused("Subscribe"))?.subscription_arn.ok_or_else(|| empty("Subscribe"))?;
        let subscription_id = Some(self.id());
        Ok(Observed::of(Self { subscription_arn: Some(arn), subscription_id, ..self }))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let asked = unlike(self.attributes(), &was.row.attributes());
        // AWS changes nothing of what nobody has confirmed
        if let Some(arn) = was.row.subscription_arn.as_ref().filter(|_| was.row.pending_confirmation != Some(true)) {
            // what a filter looks at comes before what it looks for
            let (scope, others): (Vec<_>, Vec<_>) = asked.into_iter().partition(|(name, _)| *name == "FilterPolicyScope");
            for (name, value) in scope.into_iter().chain(others) {
                let asked = aws.sns().set_subscription_attributes().subscription_arn(arn).attribute_name(name).attribute_value(value);
                asked.send().await.map_err(refused("SetSubscriptionAttributes"))?;
            }
        }
        Ok(Observed { row: self.over(was.row.clone()), ..was })
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        // AWS forgets by itself what nobody confirms, and lets nobody else end it
        if let Some(arn) = self.subscription_arn.filter(|_| self.pending_confirmation != Some(true)) {
            gone(aws.sns().unsubscribe().subscription_arn(arn).send().await.map_err(refused("Unsubscribe")))?;
        }
        Ok(None)
    }
}

impl Subscription {
    fn target(&self) -> Option<&String> {
        self.queue.as_ref().or(self.endpoint.as_ref())
    }

    fn id(&self) -> String {
        format!("{},{},{}", self.topic, self.protocol, self.target().map(String::as_str).unwrap_or_default())
    }

    /// As the listing tells it, without attributes. One that was ended stands there for a while without an ARN.
    fn listed(region: &str, answer: Answer) -> Option<Self> {
        let arn = answer.subscription_arn.filter(|arn| arn != "Deleted")?;
        let protocol = answer.protocol.unwrap_or_default();
        let (queue, endpoint) = if protocol == "sqs" { (answer.endpoint, None) } else { (None, answer.endpoint) };
        let is_pending = !arn.starts_with("arn:");
        let row = Self {
            region: region.to_owned(),
            topic: answer.topic_arn.unwrap_or_default(),
            protocol,
            queue,
            endpoint,
            raw_message_delivery: None,
            filter_policy: None,
            filter_policy_scope: None,
            dead_letter_queue: None,
            delivery_policy: None,
            subscription_role_arn: None,
            pending_confirmation: Some(is_pending),
            subscription_arn: Some(arn).filter(|_| !is_pending),
            subscription_id: None,
        };
        Some(Self { subscription_id: Some(row.id()), ..row })
    }

    /// The same with its attributes; an unconfirmed one is as whoever manages it asked for. `None` where it has gone meanwhile.
    async fn asked(self, named: &[Self], aws: &Aws) -> Result<Option<Self>, Error> {
        let Some(arn) = self.subscription_arn.clone() else { return Ok(Some(self.unconfirmed(named))) };
        let answer = aws.sns().get_subscription_attributes().subscription_arn(arn).send().await;
        match answer.map_err(refused("GetSubscriptionAttributes")) {
            Err(error) if error.is_absent() => Ok(None),
            answer => self.told(&answer?.attributes.unwrap_or_default()).map(Some),
        }
    }

    /// What an unconfirmed one was made with nobody tells: it is taken to be what its row asks for.
    fn unconfirmed(self, named: &[Self]) -> Self {
        match named.iter().find(|row| row.id() == self.id()).cloned() {
            Some(row) => row.over(self),
            None => self,
        }
    }

    fn told(self, all: &HashMap<String, String>) -> Result<Self, Error> {
        const OPERATION: &str = "GetSubscriptionAttributes";
        let filter_policy = object(OPERATION, all, "FilterPolicy")?;
        let filters = filter_policy != json!({});
        Ok(Self {
            raw_message_delivery: Some(flag(all, "RawMessageDelivery").unwrap_or_default()),
            filter_policy: Some(filter_policy),
            filter_policy_scope: all.get("FilterPolicyScope").filter(|_| filters).cloned(),
            dead_letter_queue: object(OPERATION, all, "RedrivePolicy")?["deadLetterTargetArn"].as_str().map(str::to_owned),
            delivery_policy: Some(object(OPERATION, all, "DeliveryPolicy")?),
            subscription_role_arn: all.get("SubscriptionRoleArn").cloned(),
            pending_confirmation: Some(flag(all, "PendingConfirmation").unwrap_or_default()),
            ..self
        })
    }

    /// What the row asks for.
    fn attributes(&self) -> Attributes {
        let redrive = self.dead_letter_queue.as_ref().map(|arn| json!({ "deadLetterTargetArn": arn }).to_string());
        let asked = [
            ("RawMessageDelivery", self.raw_message_delivery.map(|flag| flag.to_string())),
            ("FilterPolicy", self.filter_policy.as_ref().map(Value::to_string)),
            ("FilterPolicyScope", self.filter_policy_scope.clone()),
            ("RedrivePolicy", Some(redrive.unwrap_or_default())),
            ("DeliveryPolicy", self.delivery_policy.as_ref().map(Value::to_string)),
            ("SubscriptionRoleArn", self.subscription_role_arn.clone()),
        ];
        asked.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// What is there when `was` has been turned into this.
    fn over(self, was: Self) -> Self {
        Self {
            raw_message_delivery: self.raw_message_delivery.or(was.raw_message_delivery),
            filter_policy: self.filter_policy.or(was.filter_policy),
            filter_policy_scope: self.filter_policy_scope.or(was.filter_policy_scope),
            dead_letter_queue: self.dead_letter_queue,
            delivery_policy: self.delivery_policy.or(was.delivery_policy),
            subscription_role_arn: self.subscription_role_arn.or(was.subscription_role_arn),
            region: was.region,
            topic: was.topic,
            protocol: was.protocol,
            queue: was.queue,
            endpoint: was.endpoint,
            pending_confirmation: was.pending_confirmation,
            subscription_arn: was.subscription_arn,
            subscription_id: was.subscription_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Subscription};

    fn seen(arn: &str) -> Option<Subscription> {
        let answer = Answer::builder().subscription_arn(arn).topic_arn("arn:t").protocol("email").endpoint("a@example.com").build();
        Subscription::listed("us-east-1", answer)
    }

    #[test]
    fn an_unconfirmed_subscription_is_as_its_row_asks_and_is_called_the_same_afterwards() {
        let (pending, confirmed) = (seen("PendingConfirmation").unwrap(), seen("arn:aws:sns:us-east-1:123456789012:t:1").unwrap());
        assert_eq!(pending.subscription_id, confirmed.subscription_id);
        assert_eq!((pending.pending_confirmation, &pending.subscription_arn), (Some(true), &None));
        let row = Subscription { filter_policy: Some(serde_json::json!({ "size": ["large"] })), ..pending.clone() };
        assert_eq!(pending.unconfirmed(std::slice::from_ref(&row)).filter_policy, row.filter_policy);
        assert_eq!(seen("Deleted"), None);
    }
}
