//! A target group: what answers the requests, and how its health is looked after.

use aws_sdk_elasticloadbalancingv2::types::{Matcher, ProtocolEnum, TargetGroup as Answer, TargetGroupIpAddressTypeEnum, TargetTypeEnum};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::{
    ASIDE,
    attributes::{Attributes, OfTargetGroup},
    tags::{self, Labels, retag},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::{Tags, Told},
    },
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `elbv2.target_group`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TargetGroup {
    region: String,
    name: Option<String>,
    target_group_name: Option<String>,
    target_type: String,
    protocol: Option<String>,
    protocol_version: Option<String>,
    port: Option<i32>,
    vpc: Option<String>,
    ip_address_type: Option<String>,
    #[serde(flatten)]
    health: Health,
    #[serde(flatten)]
    attributes: OfTargetGroup,
    tags: Tags,
    arn: Option<String>,
}

/// How the health of its targets is looked after.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Health {
    health_check_enabled: Option<bool>,
    health_check_protocol: Option<String>,
    health_check_port: Option<String>,
    health_check_path: Option<String>,
    health_check_interval_seconds: Option<i32>,
    health_check_timeout_seconds: Option<i32>,
    healthy_threshold_count: Option<i32>,
    unhealthy_threshold_count: Option<i32>,
    matcher: Option<String>,
}

impl Resource for TargetGroup {
    const TABLE: &'static str = "elbv2.target_group";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let found = aws.elbv2().describe_target_groups().page_size(400).into_paginator().items().send();
        let found: Vec<_> = found.try_collect().await.map_err(refused("DescribeTargetGroups"))?;
        let mut told = tags::told(aws, found.iter().filter_map(|one| one.target_group_arn.clone()).collect()).await?;
        let rows = stream::iter(found).map(|one| {
            let told = told.remove(one.target_group_arn().unwrap_or_default()).unwrap_or_default();
            async move {
                // asked one by one: only for those that somebody manages
                let attributes = match (&told.owner, one.target_group_arn()) {
                    (Some(_), Some(arn)) => OfTargetGroup::asked(aws, arn).await?,
                    _ => OfTargetGroup::default(),
                };
                Ok(Self::shown(one, attributes, told, aws.region()))
            }
        });
        rows.buffer_unordered(ASIDE).try_collect().await
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let labels = Labels { name: self.name.as_deref(), tags: Some(&self.tags), owner: Some(&owner.tag) };
        let health = self.health.clone();
        let asked = aws
            .elbv2()
            .create_target_group()
            .name(self.target_group_name.clone().unwrap_or_else(|| made_up(self.name.as_deref().unwrap_or_default(), owner)))
            .target_type(TargetTypeEnum::from(self.target_type.as_str()))
            .set_protocol(self.protocol.as_deref().map(ProtocolEnum::from))
            .set_protocol_version(self.protocol_version.clone())
            .set_port(self.port)
            .set_vpc_id(self.vpc.clone())
            .set_ip_address_type(self.ip_address_type.as_deref().map(TargetGroupIpAddressTypeEnum::from))
            .set_matcher(health.matcher.map(|codes| self.codes(codes)))
            .set_health_check_enabled(health.health_check_enabled)
            .set_health_check_protocol(health.health_check_protocol.as_deref().map(ProtocolEnum::from))
            .set_health_check_port(health.health_check_port)
            .set_health_check_path(health.health_check_path)
            .set_health_check_interval_seconds(health.health_check_interval_seconds)
            .set_health_check_timeout_seconds(health.health_check_timeout_seconds)
            .set_healthy_threshold_count(health.healthy_threshold_count)
            .set_unhealthy_threshold_count(health.unhealthy_threshold_count)
            .set_tags(labels.listed());
        let made = asked.send().await.map_err(refused("CreateTargetGroup"))?;
        let made = made.target_groups.and_then(|made| made.into_iter().next()).ok_or_else(|| empty("CreateTargetGroup"))?;
        self.attributes.write(&OfTargetGroup::default(), made.target_group_arn().unwrap_or_default(), aws).await?;
        let told = Told { name: self.name, tags: self.tags, owner: Some(owner.tag.clone()), ..Told::default() };
        Ok(Self::shown(made, self.attributes, told, aws.region()))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let arn = was.row.arn.clone().unwrap_or_default();
        let health = self.looked_after(&was.row, &arn, aws).await?;
        self.attributes.write(&was.row.attributes, &arn, aws).await?;
        let is = Labels { name: was.row.name.as_deref(), tags: Some(&was.row.tags), owner: was.owner.as_deref() };
        retag(aws, &arn, is, Labels { name: self.name.as_deref(), tags: Some(&self.tags), owner: Some(&owner.tag) }).await?;
        let attributes = self.attributes.over(&was.row.attributes);
        let row = Self { name: self.name, health, attributes, tags: self.tags, ..was.row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.elbv2().delete_target_group().target_group_arn(self.arn.unwrap_or_default());
        gone(asked.send().await.map_err(refused("DeleteTargetGroup")))?;
        Ok(None)
    }
}

impl TargetGroup {
    /// Status codes of HTTP, or of gRPC.
    fn codes(&self, codes: String) -> Matcher {
        let is_grpc = self.protocol_version.as_deref() == Some("GRPC");
        if is_grpc { Matcher::builder().grpc_code(codes).build() } else { Matcher::builder().http_code(codes).build() }
    }

    /// One call for what differs, none where nothing does.
    async fn looked_after(&self, was: &Self, arn: &str, aws: &Aws) -> Result<Health, Error> {
        let other = self.health.other_than(&was.health);
        let soon = other.clone().or(was.health.clone());
        if other == Health::default() {
            return Ok(soon);
        }
        let asked = aws
            .elbv2()
            .modify_target_group()
            .target_group_arn(arn)
            .set_matcher(other.matcher.map(|codes| was.codes(codes)))
            .set_health_check_enabled(other.health_check_enabled)
            .set_health_check_protocol(other.health_check_protocol.as_deref().map(ProtocolEnum::from))
            .set_health_check_port(other.health_check_port)
            .set_health_check_path(other.health_check_path)
            .set_health_check_interval_seconds(other.health_check_interval_seconds)
            .set_health_check_timeout_seconds(other.health_check_timeout_seconds)
            .set_healthy_threshold_count(other.healthy_threshold_count)
            .set_unhealthy_threshold_count(other.unhealthy_threshold_count);
        asked.send().await.map_err(refused("ModifyTargetGroup"))?;
        Ok(soon)
    }

    fn shown(one: Answer, attributes: OfTargetGroup, told: Told, region: &str) -> Observed<Self> {
        let health = Health {
            health_check_enabled: one.health_check_enabled,
            health_check_protocol: one.health_check_protocol.map(|protocol| protocol.as_str().to_owned()),
            health_check_port: one.health_check_port,
            health_check_path: one.health_check_path,
            health_check_interval_seconds: one.health_check_interval_seconds,
            health_check_timeout_seconds: one.health_check_timeout_seconds,
            healthy_threshold_count: one.healthy_threshold_count,
            unhealthy_threshold_count: one.unhealthy_threshold_count,
            matcher: one.matcher.and_then(|codes| codes.http_code.or(codes.grpc_code)),
        };
        let row = Self {
            region: region.to_owned(),
            name: told.name,
            target_group_name: one.target_group_name,
            target_type: one.target_type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
            protocol: one.protocol.map(|protocol| protocol.as_str().to_owned()),
            protocol_version: one.protocol_version,
            port: one.port,
            vpc: one.vpc_id,
            ip_address_type: one.ip_address_type.map(|kind| kind.as_str().to_owned()),
            health,
            attributes,
            tags: told.tags,
            arn: one.target_group_arn,
        };
        Observed::of(row).owned(told.owner)
    }
}

impl Health {
    fn other_than(&self, was: &Self) -> Self {
        fn other<T: Clone + PartialEq>(now: &Option<T>, was: &Option<T>) -> Option<T> {
            now.clone().filter(|_| now != was)
        }
        Self {
            health_check_enabled: other(&self.health_check_enabled, &was.health_check_enabled),
            health_check_protocol: other(&self.health_check_protocol, &was.health_check_protocol),
            health_check_port: other(&self.health_check_port, &was.health_check_port),
            health_check_path: other(&self.health_check_path, &was.health_check_path),
            health_check_interval_seconds: other(&self.health_check_interval_seconds, &was.health_check_interval_seconds),
            health_check_timeout_seconds: other(&self.health_check_timeout_seconds, &was.health_check_timeout_seconds),
            healthy_threshold_count: other(&self.healthy_threshold_count, &was.healthy_threshold_count),
            unhealthy_threshold_count: other(&self.unhealthy_threshold_count, &was.unhealthy_threshold_count),
            matcher: other(&self.matcher, &was.matcher),
        }
    }

    fn or(self, was: Self) -> Self {
        Self {
            health_check_enabled: self.health_check_enabled.or(was.health_check_enabled),
            health_check_protocol: self.health_check_protocol.or(was.health_check_protocol),
            health_check_port: self.health_check_port.or(was.health_check_port),
            health_check_path: self.health_check_path.or(was.health_check_path),
            health_check_interval_seconds: self.health_check_interval_seconds.or(was.health_check_interval_seconds),
            health_check_timeout_seconds: self.health_check_timeout_seconds.or(was.health_check_timeout_seconds),
            healthy_threshold_count: self.healthy_threshold_count.or(was.healthy_threshold_count),
            unhealthy_threshold_count: self.unhealthy_threshold_count.or(was.unhealthy_threshold_count),
            matcher: self.matcher.or(was.matcher),
        }
    }
}

/// A name that no other attempt makes up: letters, digits and single hyphens, 32 at most.
fn made_up(name: &str, owner: &Owner) -> String {
    let plain: String = name.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '-' }).collect();
    let plain = plain.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    let plain: String = plain.chars().take(23).collect();
    let attempt: String = owner.token.chars().filter(char::is_ascii_hexdigit).take(8).collect();
    [plain.trim_end_matches('-'), &attempt].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::made_up;
    use crate::resource::Owner;

    #[test]
    fn a_made_up_target_group_name_has_only_what_aws_allows() {
        let owner = Owner { tag: "shop/1".to_owned(), token: "0a1b2c3d-4e5f-4789-8abc-def012345678".to_owned() };
        assert_eq!(made_up("web", &owner), "web-0a1b2c3d");
        assert_eq!(made_up("-web front--a!", &owner), "web-front-a-0a1b2c3d");
        assert_eq!(made_up("‑", &owner), "0a1b2c3d");
        assert_eq!(made_up(&format!("{} {}", "x".repeat(22), "y"), &owner), format!("{}-0a1b2c3d", "x".repeat(22)));
    }
}
