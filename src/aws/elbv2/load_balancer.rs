//! A load balancer: where requests come in, and in which subnets.

use aws_sdk_elasticloadbalancingv2::types::{
    IpAddressType, LoadBalancer as Answer, LoadBalancerSchemeEnum, LoadBalancerStateEnum, LoadBalancerTypeEnum,
};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::{
    ASIDE,
    attributes::{Attributes, OfLoadBalancer},
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

/// A row of `elbv2.load_balancer`, with its rows of `elbv2.load_balancer_subnet` and `elbv2.load_balancer_security_group`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LoadBalancer {
    region: String,
    name: String,
    r#type: String,
    scheme: Option<String>,
    ip_address_type: Option<String>,
    subnets: Option<Vec<String>>,
    security_groups: Option<Vec<String>>,
    #[serde(flatten)]
    attributes: OfLoadBalancer,
    tags: Tags,
    arn: Option<String>,
    dns_name: Option<String>,
    canonical_hosted_zone_id: Option<String>,
    vpc_id: Option<String>,
    state: Option<String>,
}

impl Resource for LoadBalancer {
    const TABLE: &'static str = "elbv2.load_balancer";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let found = all(aws).await?;
        let mut told = tags::told(aws, found.iter().filter_map(|one| one.load_balancer_arn.clone()).collect()).await?;
        let rows = stream::iter(found).map(|one| {
            let told = told.remove(one.load_balancer_arn().unwrap_or_default()).unwrap_or_default();
            async move {
                // asked one by one: only for those that somebody manages
                let attributes = match (&told.owner, one.load_balancer_arn()) {
                    (Some(_), Some(arn)) => OfLoadBalancer::asked(aws, arn).await?,
                    _ => OfLoadBalancer::default(),
                };
                Ok(Self::shown(one, attributes, told, aws.region()))
            }
        });
        rows.buffer_unordered(ASIDE).try_collect().await
    }

    // asked again in the same words, AWS answers with the one that it made before; in other words, that the name is taken
    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let labels = Labels { name: None, tags: Some(&self.tags), owner: Some(&owner.tag) };
        let asked = aws
            .elbv2()
            .create_load_balancer()
            .name(&self.name)
            .r#type(LoadBalancerTypeEnum::from(self.r#type.as_str()))
            .set_scheme(self.scheme.as_deref().map(LoadBalancerSchemeEnum::from))
            .set_ip_address_type(self.ip_address_type.as_deref().map(IpAddressType::from))
            .set_subnets(self.subnets.clone())
            .set_security_groups(self.security_groups.clone())
            .set_tags(labels.listed());
        let made = asked.send().await.map_err(refused("CreateLoadBalancer"))?;
        let made = made.load_balancers.and_then(|made| made.into_iter().next()).ok_or_else(|| empty("CreateLoadBalancer"))?;
        self.attributes.write(&OfLoadBalancer::default(), made.load_balancer_arn().unwrap_or_default(), aws).await?;
        let told = Told { tags: self.tags, owner: Some(owner.tag.clone()), ..Told::default() };
        Ok(Self::shown(made, self.attributes, told, aws.region()))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let arn = was.row.arn.clone().unwrap_or_default();
        let row = self.clone().moved(was.row.clone(), &arn, aws).await?;
        self.attributes.write(&row.attributes, &arn, aws).await?;
        let is = Labels { name: None, tags: Some(&row.tags), owner: was.owner.as_deref() };
        retag(aws, &arn, is, Labels { name: None, tags: Some(&self.tags), owner: Some(&owner.tag) }).await?;
        let row = Self { attributes: self.attributes.over(&row.attributes), tags: self.tags, ..row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.elbv2().delete_load_balancer().load_balancer_arn(self.arn.unwrap_or_default());
        gone(asked.send().await.map_err(refused("DeleteLoadBalancer")))?;
        Ok(None)
    }
}

impl LoadBalancer {
    /// A call each for subnets, security groups and kind of addresses, where they differ.
    async fn moved(self, was: Self, arn: &str, aws: &Aws) -> Result<Self, Error> {
        let subnets = self.subnets.filter(|subnets| Some(subnets) != was.subnets.as_ref());
        if subnets.is_some() {
            let asked = aws.elbv2().set_subnets().load_balancer_arn(arn).set_subnets(subnets.clone());
            asked.send().await.map_err(refused("SetSubnets"))?;
        }
        let groups = self.security_groups.filter(|groups| Some(groups) != was.security_groups.as_ref());
        if groups.is_some() {
            let asked = aws.elbv2().set_security_groups().load_balancer_arn(arn).set_security_groups(groups.clone());
            asked.send().await.map_err(refused("SetSecurityGroups"))?;
        }
        let addresses = self.ip_address_type.filter(|addresses| Some(addresses) != was.ip_address_type.as_ref());
        if let Some(addresses) = addresses.as_deref() {
            let asked = aws.elbv2().set_ip_address_type().load_balancer_arn(arn).ip_address_type(addresses.into());
            asked.send().await.map_err(refused("SetIpAddressType"))?;
        }
        Ok(Self {
            subnets: subnets.or(was.subnets),
            security_groups: groups.or(was.security_groups),
            ip_address_type: addresses.or(was.ip_address_type),
            ..was
        })
    }

    fn shown(one: Answer, attributes: OfLoadBalancer, told: Told, region: &str) -> Observed<Self> {
        let told = told.name_is_a_tag();
        let state = one.state.and_then(|state| state.code);
        let mut subnets: Vec<String> = one.availability_zones.into_iter().flatten().filter_map(|zone| zone.subnet_id).collect();
        subnets.sort_unstable();
        let mut groups = one.security_groups.unwrap_or_default();
        groups.sort_unstable();
        let pending = state.as_ref().filter(|state| **state == LoadBalancerStateEnum::Provisioning).map(|state| state.as_str().to_owned());
        let row = Self {
            region: region.to_owned(),
            name: one.load_balancer_name.unwrap_or_default(),
            r#type: one.r#type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
            scheme: one.scheme.map(|scheme| scheme.as_str().to_owned()),
            ip_address_type: one.ip_address_type.map(|kind| kind.as_str().to_owned()),
            subnets: Some(subnets),
            security_groups: Some(groups),
            attributes,
            tags: told.tags,
            arn: one.load_balancer_arn,
            dns_name: one.dns_name,
            canonical_hosted_zone_id: one.canonical_hosted_zone_id,
            vpc_id: one.vpc_id,
            state: state.map(|state| state.as_str().to_owned()),
        };
        Observed::of(row).owned(told.owner).pending(pending)
    }
}

/// All that the region has.
async fn all(aws: &Aws) -> Result<Vec<Answer>, Error> {
    let found = aws.elbv2().describe_load_balancers().page_size(400).into_paginator().items().send();
    found.try_collect().await.map_err(refused("DescribeLoadBalancers"))
}

/// Their ARNs.
pub(super) async fn arns(aws: &Aws) -> Result<Vec<String>, Error> {
    Ok(all(aws).await?.into_iter().filter_map(|one| one.load_balancer_arn).collect())
}
