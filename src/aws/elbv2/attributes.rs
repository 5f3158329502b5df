//! What AWS keeps as attributes, texts by key: as columns and back. They are told for one thing at a time.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::{LoadBalancerAttribute, TargetGroupAttribute};
use serde::{Deserialize, Serialize};

use crate::{
    aws::{Aws, error::refused},
    resource::Error,
};

/// Attributes by AWS' keys.
type Texts = BTreeMap<String, String>;

/// Columns that AWS keeps as texts by key.
pub(super) trait Attributes: Sized {
    /// Those that are asked for.
    fn texts(&self) -> Texts;
    /// The columns of what AWS tells.
    fn read(texts: &Texts) -> Self;

    /// What is asked for and not so yet.
    fn other_than(&self, was: &Self) -> Texts {
        let was = was.texts();
        self.texts().into_iter().filter(|(key, value)| was.get(key) != Some(value)).collect()
    }

    /// As it is once it has been asked for.
    fn over(&self, was: &Self) -> Self {
        let mut all = was.texts();
        all.extend(self.texts());
        Self::read(&all)
    }
}

fn texts<const N: usize>(pairs: [(&str, Option<String>); N]) -> Texts {
    pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

fn text<T: ToString>(value: Option<&T>) -> Option<String> {
    value.map(T::to_string)
}

fn value<T: std::str::FromStr>(texts: &Texts, key: &str) -> Option<T> {
    texts.get(key).and_then(|text| text.parse().ok())
}

/// The attributes of a load balancer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct OfLoadBalancer {
    idle_timeout: Option<i32>,
    client_keep_alive: Option<i32>,
    deletion_protection: Option<bool>,
    cross_zone: Option<bool>,
    http2: Option<bool>,
    drop_invalid_header_fields: Option<bool>,
    access_logs_bucket: Option<String>,
    access_logs_prefix: Option<String>,
}

impl Attributes for OfLoadBalancer {
    fn texts(&self) -> Texts {
        let logs = self.access_logs_bucket.as_ref();
        texts([
            ("idle_timeout.timeout_seconds", text(self.idle_timeout.as_ref())),
            ("client_keep_alive.seconds", text(self.client_keep_alive.as_ref())),
            ("deletion_protection.enabled", text(self.deletion_protection.as_ref())),
            ("load_balancing.cross_zone.enabled", text(self.cross_zone.as_ref())),
            ("routing.http2.enabled", text(self.http2.as_ref())),
            ("routing.http.drop_invalid_header_fields.enabled", text(self.drop_invalid_header_fields.as_ref())),
            ("access_logs.s3.enabled", logs.map(|bucket| (!bucket.is_empty()).to_string())),
            // AWS keeps the name of a bucket that is used no longer
            ("access_logs.s3.bucket", logs.filter(|bucket| !bucket.is_empty()).cloned()),
            ("access_logs.s3.prefix", self.access_logs_prefix.clone()),
        ])
    }

    fn read(texts: &Texts) -> Self {
        let logs: Option<bool> = value(texts, "access_logs.s3.enabled");
        let bucket = logs.map(|on| value(texts, "access_logs.s3.bucket").filter(|_| on).unwrap_or_default());
        Self {
            idle_timeout: value(texts, "idle_timeout.timeout_seconds"),
            client_keep_alive: value(texts, "client_keep_alive.seconds"),
            deletion_protection: value(texts, "deletion_protection.enabled"),
            cross_zone: value(texts, "load_balancing.cross_zone.enabled"),
            http2: value(texts, "routing.http2.enabled"),
            drop_invalid_header_fields: value(texts, "routing.http.drop_invalid_header_fields.enabled"),
            access_logs_bucket: bucket,
            access_logs_prefix: value(texts, "access_logs.s3.prefix"),
        }
    }
}

impl OfLoadBalancer {
    pub(super) async fn asked(aws: &Aws, arn: &str) -> Result<Self, Error> {
        let asked = aws.elbv2().describe_load_balancer_attributes().load_balancer_arn(arn);
        let told = match asked.send().await.map_err(refused("DescribeLoadBalancerAttributes")) {
            Err(error) if error.is_absent() => return Ok(Self::default()),
            told => told?.attributes.unwrap_or_default(),
        };
        Ok(Self::read(&told.into_iter().filter_map(|attribute| Some((attribute.key?, attribute.value?))).collect()))
    }

    /// One call for what differs, none where nothing does.
    pub(super) async fn write(&self, was: &Self, arn: &str, aws: &Aws) -> Result<(), Error> {
        let other = self.other_than(was);
        if other.is_empty() {
            return Ok(());
        }
        let sent = other.into_iter().map(|(key, value)| LoadBalancerAttribute::builder().key(key).value(value).build());
        let asked = aws.elbv2().modify_load_balancer_attributes().load_balancer_arn(arn).set_attributes(Some(sent.collect()));
        asked.send().await.map_err(refused("ModifyLoadBalancerAttributes")).map(drop)
    }
}

/// The attributes of a target group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct OfTargetGroup {
    deregistration_delay: Option<i32>,
    slow_start: Option<i32>,
    stickiness: Option<bool>,
    stickiness_type: Option<String>,
    stickiness_duration: Option<i32>,
    load_balancing_algorithm: Option<String>,
}

impl Attributes for OfTargetGroup {
    fn texts(&self) -> Texts {
        texts([
            ("deregistration_delay.timeout_seconds", text(self.deregistration_delay.as_ref())),
            ("slow_start.duration_seconds", text(self.slow_start.as_ref())),
            ("stickiness.enabled", text(self.stickiness.as_ref())),
            ("stickiness.type", self.stickiness_type.clone()),
            ("stickiness.lb_cookie.duration_seconds", text(self.stickiness_duration.as_ref())),
            ("load_balancing.algorithm.type", self.load_balancing_algorithm.clone()),
        ])
    }

    fn read(texts: &Texts) -> Self {
        Self {
            deregistration_delay: value(texts, "deregistration_delay.timeout_seconds"),
            slow_start: value(texts, "slow_start.duration_seconds"),
            stickiness: value(texts, "stickiness.enabled"),
            stickiness_type: value(texts, "stickiness.type"),
            stickiness_duration: value(texts, "stickiness.lb_cookie.duration_seconds"),
            load_balancing_algorithm: value(texts, "load_balancing.algorithm.type"),
        }
    }
}

impl OfTargetGroup {
    pub(super) async fn asked(aws: &Aws, arn: &str) -> Result<Self, Error> {
        let asked = aws.elbv2().describe_target_group_attributes().target_group_arn(arn);
        let told = match asked.send().await.map_err(refused("DescribeTargetGroupAttributes")) {
            Err(error) if error.is_absent() => return Ok(Self::default()),
            told => told?.attributes.unwrap_or_default(),
        };
        Ok(Self::read(&told.into_iter().filter_map(|attribute| Some((attribute.key?, attribute.value?))).collect()))
    }

    /// One call for what differs, none where nothing does.
    pub(super) async fn write(&self, was: &Self, arn: &str, aws: &Aws) -> Result<(), Error> {
        let other = self.other_than(was);
        if other.is_empty() {
            return Ok(());
        }
        let sent = other.into_iter().map(|(key, value)| TargetGroupAttribute::builder().key(key).value(value).build());
        let asked = aws.elbv2().modify_target_group_attributes().target_group_arn(arn).set_attributes(Some(sent.collect()));
        asked.send().await.map_err(refused("ModifyTargetGroupAttributes")).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_that_are_switched_off_are_asked_for_once() {
        let none = OfLoadBalancer { access_logs_bucket: Some(String::new()), ..OfLoadBalancer::default() };
        let some = OfLoadBalancer { access_logs_bucket: Some("logs".to_owned()), ..OfLoadBalancer::default() };
        assert_eq!(none.other_than(&some), Texts::from([("access_logs.s3.enabled".to_owned(), "false".to_owned())]));
        assert_eq!(none.over(&some), none);
        assert!(none.other_than(&none).is_empty() && OfLoadBalancer::default().other_than(&some).is_empty());
    }
}
