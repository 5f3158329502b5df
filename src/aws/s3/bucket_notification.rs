//! Who is told what happens in a bucket.

use aws_sdk_s3::{
    Client,
    config::http::HttpResponse,
    types::{
        Event, EventBridgeConfiguration, FilterRule, FilterRuleName, LambdaFunctionConfiguration, NotificationConfiguration,
        NotificationConfigurationFilter, QueueConfiguration, S3KeyFilter, TopicConfiguration,
    },
};
use aws_smithy_types::error::operation::BuildError;
use serde::{Deserialize, Serialize};

use super::facet::Facet;
use crate::{
    aws::error::{empty, refused},
    resource::{Error, Kind},
};

/// A row of `s3.bucket_notification`, with those of `s3.bucket_notification_target`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BucketNotification {
    bucket: String,
    event_bridge: bool,
    #[serde(default)]
    targets: Option<Vec<Target>>,
}

/// A row of `s3.bucket_notification_target`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Target {
    id: String,
    region: String,
    #[serde(default)]
    queue: Option<String>,
    #[serde(default)]
    topic: Option<String>,
    #[serde(default)]
    lambda_function_arn: Option<String>,
    events: Vec<String>,
    prefix: String,
    suffix: String,
}

impl Facet for BucketNotification {
    const TABLE: &'static str = "s3.bucket_notification";

    fn bucket(&self) -> &str {
        &self.bucket
    }

    async fn read(&self, s3: &Client) -> Result<Option<Self>, Error> {
        let answer = match s3.get_bucket_notification_configuration().bucket(&self.bucket).send().await {
            // moto (5.2.5) gives its empty answer another name than S3 does, and the SDK then does not look into it
            Err(error) if error.raw_response().is_some_and(tells_nobody) => return Ok(None),
            answer => answer.map_err(refused("GetBucketNotificationConfiguration"))?,
        };
        let queues = answer.queue_configurations.unwrap_or_default().into_iter().map(|told| {
            let target = Target::told(told.id, &told.queue_arn, &told.events, told.filter);
            Target { queue: Some(told.queue_arn), ..target }
        });
        let topics = answer.topic_configurations.unwrap_or_default().into_iter().map(|told| {
            let target = Target::told(told.id, &told.topic_arn, &told.events, told.filter);
            Target { topic: Some(told.topic_arn), ..target }
        });
        let functions = answer.lambda_function_configurations.unwrap_or_default().into_iter().map(|told| {
            let target = Target::told(told.id, &told.lambda_function_arn, &told.events, told.filter);
            Target { lambda_function_arn: Some(told.lambda_function_arn), ..target }
        });
        let targets: Vec<_> = queues.chain(topics).chain(functions).collect();
        let event_bridge = answer.event_bridge_configuration.is_some();
        let is_set = event_bridge || !targets.is_empty();
        Ok(is_set.then(|| Self { bucket: self.bucket.clone(), event_bridge, targets: Some(targets) }))
    }

    async fn set(self, was: Option<Self>, s3: &Client) -> Result<Self, Error> {
        const OPERATION: &str = "PutBucketNotificationConfiguration";
        let before = was.as_ref().and_then(|was| was.targets.clone());
        let now = Self { targets: Some(self.targets.or(before).unwrap_or_default()), ..self };
        let targets = now.targets.as_deref().unwrap_or_default();
        if targets.is_empty() && !now.event_bridge {
            let said = "nobody is told: neither EventBridge nor a row of s3.bucket_notification_target";
            return Err(Error::new(OPERATION, Kind::Invalid, said));
        }
        if was.as_ref() != Some(&now) {
            let configuration = configuration(targets, now.event_bridge).map_err(|_| empty(OPERATION))?;
            let asked = s3.put_bucket_notification_configuration().bucket(&now.bucket).notification_configuration(configuration);
            asked.send().await.map_err(refused(OPERATION))?;
        }
        Ok(now)
    }

    async fn reset(self, s3: &Client) -> Result<(), Error> {
        let none = NotificationConfiguration::builder().build();
        let asked = s3.put_bucket_notification_configuration().bucket(&self.bucket).notification_configuration(none);
        asked.send().await.map(drop).map_err(refused("PutBucketNotificationConfiguration"))
    }
}

fn tells_nobody(answer: &HttpResponse) -> bool {
    let body = answer.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
    answer.status().is_success() && !body.contains("<Event")
}

fn configuration(targets: &[Target], event_bridge: bool) -> Result<NotificationConfiguration, BuildError> {
    let bridge = event_bridge.then(|| EventBridgeConfiguration::builder().build());
    let mut all = NotificationConfiguration::builder().set_event_bridge_configuration(bridge);
    for target in targets {
        let (id, events, filter) = (&target.id, Some(target.events()), target.filter());
        if let Some(arn) = &target.queue {
            all = all
                .queue_configurations(QueueConfiguration::builder().id(id).queue_arn(arn).set_events(events).set_filter(filter).build()?);
        } else if let Some(arn) = &target.topic {
            all = all
                .topic_configurations(TopicConfiguration::builder().id(id).topic_arn(arn).set_events(events).set_filter(filter).build()?);
        } else if let Some(arn) = &target.lambda_function_arn {
            let function = LambdaFunctionConfiguration::builder().id(id).lambda_function_arn(arn);
            all = all.lambda_function_configurations(function.set_events(events).set_filter(filter).build()?);
        }
    }
    Ok(all.build())
}

impl Target {
    fn told(id: Option<String>, arn: &str, events: &[Event], filter: Option<NotificationConfigurationFilter>) -> Self {
        let rules = filter.and_then(|filter| filter.key).and_then(|key| key.filter_rules).unwrap_or_default();
        // S3 answers with other capitals than it is asked with
        let part = |name: FilterRuleName| {
            let is_it = |rule: &&FilterRule| rule.name().is_some_and(|told| told.as_str().eq_ignore_ascii_case(name.as_str()));
            rules.iter().find(is_it).and_then(|rule| rule.value()).unwrap_or_default().to_owned()
        };
        let mut events: Vec<_> = events.iter().map(|event| event.as_str().to_owned()).collect();
        events.sort();
        Self {
            id: id.unwrap_or_default(),
            region: arn.split(':').nth(3).unwrap_or_default().to_owned(),
            queue: None,
            topic: None,
            lambda_function_arn: None,
            events,
            prefix: part(FilterRuleName::Prefix),
            suffix: part(FilterRuleName::Suffix),
        }
    }

    fn events(&self) -> Vec<Event> {
        self.events.iter().map(|event| Event::from(event.as_str())).collect()
    }

    fn filter(&self) -> Option<NotificationConfigurationFilter> {
        let parts = [(FilterRuleName::Prefix, &self.prefix), (FilterRuleName::Suffix, &self.suffix)];
        let rules = parts.into_iter().filter(|(_, value)| !value.is_empty());
        let rules: Vec<_> = rules.map(|(name, value)| FilterRule::builder().name(name).value(value).build()).collect();
        (!rules.is_empty()).then(|| {
            let key = S3KeyFilter::builder().set_filter_rules(Some(rules)).build();
            NotificationConfigurationFilter::builder().key(key).build()
        })
    }
}
