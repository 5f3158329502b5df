//! A topic: what is sent to it goes on to all who subscribe to it.

use std::collections::HashMap;

use aws_sdk_sns::types::Tag;
use futures::{StreamExt, TryStreamExt, future::try_join, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{ASIDE, Attributes, flag, object, unlike};
use crate::{
    aws::{
        Aws,
        arns::of_key,
        canonical_policy::{canonical, spelt},
        error::{empty, refused},
        tags::{Tags, all, difference, tell},
    },
    resource::{Error, Observed, Owner, Resource, gone},
};

/// How the policy is called that every topic has at first.
const FIRST_POLICY: &str = "__default_policy_ID";

/// A row of `sns.topic`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Topic {
    region: String,
    name: String,
    fifo_topic: bool,
    content_based_deduplication: Option<bool>,
    display_name: Option<String>,
    policy: Option<Value>,
    delivery_policy: Option<Value>,
    kms_key: Option<String>,
    tracing_config: Option<String>,
    signature_version: Option<String>,
    tags: Tags,
    arn: Option<String>,
}

impl Resource for Topic {
    const TABLE: &'static str = "sns.topic";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let mut pages = aws.sns().list_topics().into_paginator().send();
        let mut arns = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(refused("ListTopics"))?;
            arns.extend(page.topics.unwrap_or_default().into_iter().filter_map(|topic| topic.topic_arn));
        }
        let asked = stream::iter(arns).map(|arn| Self::asked(aws, arn));
        asked.buffer_unordered(ASIDE).try_filter_map(|topic| async { Ok(topic) }).try_collect().await
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let attributes = self.attributes(None).into_iter().filter(|(_, value)| !value.is_empty());
        let mut attributes: HashMap<_, _> = attributes.map(|(name, value)| (name.to_owned(), value)).collect();
        attributes.extend(self.fifo_topic.then(|| ("FifoTopic".to_owned(), "true".to_owned())));
        let tags = listed(all(&self.tags, None, &owner.tag))?;
        let asked = aws.sns().create_topic().name(&self.name).set_attributes(Some(attributes)).set_tags(Some(tags));
        let arn = asked.send().await.map_err(refused("CreateTopic"))?.topic_arn.ok_or_else(|| empty("CreateTopic"))?;
        Ok(Observed::of(Self { arn: Some(arn), ..self }).owned(Some(owner.tag.clone())))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let arn = was.row.arn.clone().unwrap_or_default();
        for (name, value) in unlike(self.attributes(Some(&arn)), &was.row.attributes(Some(&arn))) {
            let asked = aws.sns().set_topic_attributes().topic_arn(&arn).attribute_name(name).attribute_value(value);
            asked.send().await.map_err(refused("SetTopicAttributes"))?;
        }
        let before = all(&was.row.tags, None, was.owner.as_deref().unwrap_or_default());
        let (set, unset) = difference(&before, &all(&self.tags, None, &owner.tag));
        if !set.is_empty() {
            let asked = aws.sns().tag_resource().resource_arn(&arn).set_tags(Some(listed(set)?));
            asked.send().await.map_err(refused("TagResource"))?;
        }
        if !unset.is_empty() {
            let asked = aws.sns().untag_resource().resource_arn(&arn).set_tag_keys(Some(unset));
            asked.send().await.map_err(refused("UntagResource"))?;
        }
        Ok(Observed::of(self.over(was.row)).owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        gone(aws.sns().delete_topic().topic_arn(self.arn.unwrap_or_default()).send().await.map_err(refused("DeleteTopic")))?;
        Ok(None)
    }
}

impl Topic {
    /// A topic with its attributes and tags: a call for each, since no listing tells them. `None` where it has gone meanwhile.
    async fn asked(aws: &Aws, arn: String) -> Result<Option<Observed<Self>>, Error> {
        let attributes = aws.sns().get_topic_attributes().topic_arn(&arn).send();
        let tags = aws.sns().list_tags_for_resource().resource_arn(&arn).send();
        let attributes = async { attributes.await.map_err(refused("GetTopicAttributes")) };
        let tags = async { tags.await.map_err(refused("ListTagsForResource")) };
        let (attributes, tags) = match try_join(attributes, tags).await {
            Err(error) if error.is_absent() => return Ok(None),
            answers => answers?,
        };
        let row = Self::told(aws.region(), arn, &attributes.attributes.unwrap_or_default())?;
        let told = tell(tags.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value))).name_is_a_tag();
        Ok(Some(Observed::of(Self { tags: told.tags, ..row }).owned(told.owner)))
    }

    fn told(region: &str, arn: String, all: &HashMap<String, String>) -> Result<Self, Error> {
        let policy = all.get("Policy").filter(|text| !text.is_empty()).map(|text| spelt("GetTopicAttributes", text)).transpose()?;
        let policy = policy.filter(|policy| policy["Id"] != FIRST_POLICY).unwrap_or_else(|| canonical(json!({})));
        let fifo_topic = flag(all, "FifoTopic").unwrap_or_default();
        Ok(Self {
            region: region.to_owned(),
            name: arn.rsplit(':').next().unwrap_or_default().to_owned(),
            fifo_topic,
            content_based_deduplication: flag(all, "ContentBasedDeduplication").filter(|_| fifo_topic),
            display_name: Some(all.get("DisplayName").cloned().unwrap_or_default()),
            policy: Some(policy),
            delivery_policy: Some(object("GetTopicAttributes", all, "DeliveryPolicy")?),
            kms_key: all.get("KmsMasterKeyId").filter(|key| !key.is_empty()).map(|key| of_key(key, &arn)),
            tracing_config: Some(all.get("TracingConfig").cloned().unwrap_or_else(|| "PassThrough".to_owned())),
            signature_version: Some(all.get("SignatureVersion").cloned().unwrap_or_else(|| "1".to_owned())),
            tags: Tags::new(),
            arn: Some(arn),
        })
    }

    /// What the row asks for. A topic that is there gets the first policy back by being told it.
    fn attributes(&self, arn: Option<&str>) -> Attributes {
        let policy = self.policy.as_ref().map(|policy| match policy.get("Statement") {
            Some(_) => policy.to_string(),
            None => arn.map(|arn| first_policy(arn).to_string()).unwrap_or_default(),
        });
        let delivery = self.delivery_policy.as_ref().map(|policy| if *policy == json!({}) { String::new() } else { policy.to_string() });
        let asked = [
            ("ContentBasedDeduplication", self.content_based_deduplication.map(|flag| flag.to_string())),
            ("DisplayName", self.display_name.clone()),
            ("Policy", policy),
            ("DeliveryPolicy", delivery),
            ("KmsMasterKeyId", Some(self.kms_key.clone().unwrap_or_default())),
            ("TracingConfig", self.tracing_config.clone()),
            ("SignatureVersion", self.signature_version.clone()),
        ];
        asked.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// What is there when `was` has been turned into this.
    fn over(self, was: Self) -> Self {
        Self {
            content_based_deduplication: self.content_based_deduplication.or(was.content_based_deduplication),
            display_name: self.display_name.or(was.display_name),
            policy: self.policy.or(was.policy),
            delivery_policy: self.delivery_policy.or(was.delivery_policy),
            kms_key: self.kms_key,
            tracing_config: self.tracing_config.or(was.tracing_config),
            signature_version: self.signature_version.or(was.signature_version),
            tags: self.tags,
            region: was.region,
            name: was.name,
            fifo_topic: was.fifo_topic,
            arn: was.arn,
        }
    }
}

fn listed(tags: Tags) -> Result<Vec<Tag>, Error> {
    tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build().map_err(|_| empty("TagResource"))).collect()
}

/// The policy that AWS gives every topic: <https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html>.
fn first_policy(arn: &str) -> Value {
    let actions = ["GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic", "Subscribe"];
    let actions = actions.into_iter().chain(["ListSubscriptionsByTopic", "Publish"]).map(|action| format!("SNS:{action}"));
    json!({
        "Version": "2008-10-17",
        "Id": FIRST_POLICY,
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": actions.collect::<Vec<_>>(),
            "Resource": arn,
            "Condition": { "StringEquals": { "AWS:SourceOwner": arn.split(':').nth(4).unwrap_or_default() } },
        }],
    })
}
