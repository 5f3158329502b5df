//! A rule of a security group: one kind of traffic that it lets pass.

use aws_sdk_ec2::types::{
    Filter, IpPermission, IpRange, Ipv6Range, PrefixListId, ResourceType, SecurityGroupRule as Answer, SecurityGroupRuleRequest,
    SecurityGroupRuleUpdate, UserIdGroupPair,
};
use serde::{Deserialize, Serialize};

use super::{
    cidr::canonical,
    tags::{Labels, retag, specification, told},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::Tags,
    },
    resource::{Error, Kind, Observed, Owner, Resource, gone},
};

/// A row of `ec2.security_group_rule`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SecurityGroupRule {
    region: String,
    security_group: Option<String>,
    direction: String,
    ip_protocol: String,
    from_port: Option<i32>,
    to_port: Option<i32>,
    cidr_ipv4: Option<String>,
    cidr_ipv6: Option<String>,
    prefix_list_id: Option<String>,
    referenced_security_group: Option<String>,
    description: Option<String>,
    tags: Tags,
    security_group_rule_id: Option<String>,
}

impl Resource for SecurityGroupRule {
    const TABLE: &'static str = "ec2.security_group_rule";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let rules = aws.ec2().describe_security_group_rules().max_results(1000).into_paginator().items().send();
        let rules = rules.try_collect().await.map_err(refused("DescribeSecurityGroupRules"))?;
        Ok(rules.iter().map(|rule| Self::shown(rule, aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        // a new group has this one already, and would refuse another
        if self.is_egress()
            && self.comes_with_a_group()
            && let Some(there) = self.there(aws).await?
        {
            return self.altered(there, owner, aws).await;
        }
        let made = if self.is_egress() { self.authorize_egress(owner, aws).await? } else { self.authorize_ingress(owner, aws).await? };
        let id = made.first().and_then(Answer::security_group_rule_id).ok_or_else(|| empty("AuthorizeSecurityGroup"))?;
        let description = Some(self.description.unwrap_or_default());
        Ok(Observed::of(Self { description, security_group_rule_id: Some(id.to_owned()), ..self }).owned(Some(owner.tag.clone())))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        if self.side() != was.row.side() {
            return self.turned(was.row, owner, aws).await;
        }
        self.altered(was, owner, aws).await
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        if self.is_egress() {
            let call =
                aws.ec2().revoke_security_group_egress().set_group_id(self.security_group.clone()).security_group_rule_ids(self.id());
            gone(call.send().await.map_err(refused("RevokeSecurityGroupEgress")))?;
        } else {
            let call =
                aws.ec2().revoke_security_group_ingress().set_group_id(self.security_group.clone()).security_group_rule_ids(self.id());
            gone(call.send().await.map_err(refused("RevokeSecurityGroupIngress")))?;
        }
        Ok(None)
    }
}

impl SecurityGroupRule {
    async fn authorize_ingress(&self, owner: &Owner, aws: &Aws) -> Result<Vec<Answer>, Error> {
        let call = aws.ec2().authorize_security_group_ingress().set_group_id(self.security_group.clone()).ip_permissions(self.permission());
        let call = call.tag_specifications(specification(ResourceType::SecurityGroupRule, None, &self.tags, owner));
        let made = call.send().await.map_err(refused("AuthorizeSecurityGroupIngress"))?;
        Ok(made.security_group_rules.unwrap_or_default())
    }

    async fn authorize_egress(&self, owner: &Owner, aws: &Aws) -> Result<Vec<Answer>, Error> {
        let call = aws.ec2().authorize_security_group_egress().set_group_id(self.security_group.clone()).ip_permissions(self.permission());
        let call = call.tag_specifications(specification(ResourceType::SecurityGroupRule, None, &self.tags, owner));
        let made = call.send().await.map_err(refused("AuthorizeSecurityGroupEgress"))?;
        Ok(made.security_group_rules.unwrap_or_default())
    }

    /// The same kind of other side: the rule stays the rule it is.
    async fn altered(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let Observed { row: is, owner: owned, .. } = was;
        let should = Self {
            security_group: is.security_group.clone(),
            direction: is.direction.clone(),
            description: self.description.or_else(|| is.description.clone()),
            security_group_rule_id: is.security_group_rule_id.clone(),
            ..self
        };
        if should.settings() != is.settings() {
            should.modify(aws).await?;
        }
        let before = Labels { name: None, tags: &is.tags, owner: owned.as_deref() };
        retag(aws, should.id(), before, Labels { name: None, tags: &should.tags, owner: Some(&owner.tag) }).await?;
        Ok(Observed::of(should).owned(Some(owner.tag.clone())))
    }

    /// All of the rule in one call; its neighbours never notice.
    async fn modify(&self, aws: &Aws) -> Result<(), Error> {
        let update = SecurityGroupRuleUpdate::builder().security_group_rule_id(self.id()).security_group_rule(self.request()).build();
        let call = aws.ec2().modify_security_group_rules().set_group_id(self.security_group.clone()).security_group_rules(update);
        call.send().await.map_err(refused("ModifySecurityGroupRules"))?;
        Ok(())
    }

    /// AWS changes no rule from, say, an IPv4 range to a security group: so the new one comes before the old one goes.
    async fn turned(self, was: Self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let should = Self { security_group: was.security_group.clone(), direction: was.direction.clone(), ..self };
        let made = match should.clone().create(owner, aws).await {
            // an earlier attempt came this far
            Err(error) if error.kind == Kind::Taken => should.there(aws).await?.ok_or(error)?,
            made => made?,
        };
        was.delete(aws).await?;
        Ok(made)
    }

    /// The rule of its group that is about the same traffic, if there is one.
    async fn there(&self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let of_group = Filter::builder().name("group-id").set_values(self.security_group.clone().map(|group| vec![group])).build();
        let rules = aws.ec2().describe_security_group_rules().filters(of_group).max_results(1000).into_paginator().items().send();
        let rules = rules.try_collect().await.map_err(refused("DescribeSecurityGroupRules"))?;
        let same = |rule: &Observed<Self>| self.direction == rule.row.direction && self.reach() == rule.row.reach();
        Ok(rules.iter().map(|rule| Self::shown(rule, aws.region())).find(same))
    }

    fn is_egress(&self) -> bool {
        self.direction == "egress"
    }

    fn id(&self) -> &str {
        self.security_group_rule_id.as_deref().unwrap_or_default()
    }

    /// Which kind of other side it has.
    fn side(&self) -> [bool; 4] {
        [self.cidr_ipv4.is_some(), self.cidr_ipv6.is_some(), self.prefix_list_id.is_some(), self.referenced_security_group.is_some()]
    }

    /// What traffic it is about.
    fn reach(&self) -> (&str, [Option<i32>; 2], [Option<&str>; 4]) {
        let sides = [&self.cidr_ipv4, &self.cidr_ipv6, &self.prefix_list_id, &self.referenced_security_group].map(Option::as_deref);
        (&self.ip_protocol, [self.from_port, self.to_port], sides)
    }

    /// All that `ModifySecurityGroupRules` changes.
    fn settings(&self) -> (impl PartialEq + '_, Option<&str>) {
        (self.reach(), self.description())
    }

    /// No description is the same as an empty one; AWS takes only the former.
    fn description(&self) -> Option<&str> {
        self.description.as_deref().filter(|description| !description.is_empty())
    }

    /// What has no ports says so as AWS does when it shows a rule: with -1 for both.
    fn request(&self) -> SecurityGroupRuleRequest {
        SecurityGroupRuleRequest::builder()
            .ip_protocol(&self.ip_protocol)
            .from_port(self.from_port.unwrap_or(-1))
            .to_port(self.to_port.unwrap_or(-1))
            .set_cidr_ipv4(self.cidr_ipv4.clone())
            .set_cidr_ipv6(self.cidr_ipv6.clone())
            .set_prefix_list_id(self.prefix_list_id.clone())
            .set_referenced_group_id(self.referenced_security_group.clone())
            .set_description(self.description().map(str::to_owned))
            .build()
    }

    fn permission(&self) -> IpPermission {
        let about = self.description().map(str::to_owned);
        let ipv4 = self.cidr_ipv4.iter().map(|range| IpRange::builder().cidr_ip(range).set_description(about.clone()).build());
        let ipv6 = self.cidr_ipv6.iter().map(|range| Ipv6Range::builder().cidr_ipv6(range).set_description(about.clone()).build());
        let lists =
            self.prefix_list_id.iter().map(|list| PrefixListId::builder().prefix_list_id(list).set_description(about.clone()).build());
        let groups = self.referenced_security_group.iter();
        let groups = groups.map(|group| UserIdGroupPair::builder().group_id(group).set_description(about.clone()).build());
        IpPermission::builder()
            .ip_protocol(&self.ip_protocol)
            .set_from_port(self.from_port)
            .set_to_port(self.to_port)
            .set_ip_ranges(some(ipv4.collect()))
            .set_ipv6_ranges(some(ipv6.collect()))
            .set_prefix_list_ids(some(lists.collect()))
            .set_user_id_group_pairs(some(groups.collect()))
            .build()
    }

    fn shown(rule: &Answer, region: &str) -> Observed<Self> {
        let told = told(rule.tags());
        // what has no ports is shown with -1 for both, or with nothing
        let has_ports = matches!(rule.ip_protocol(), Some("tcp" | "udp" | "icmp" | "icmpv6"));
        let row = Self {
            region: region.to_owned(),
            security_group: rule.group_id().map(str::to_owned),
            direction: if rule.is_egress().unwrap_or_default() { "egress" } else { "ingress" }.to_owned(),
            ip_protocol: rule.ip_protocol().unwrap_or_default().to_owned(),
            from_port: rule.from_port().filter(|_| has_ports),
            to_port: rule.to_port().filter(|_| has_ports),
            cidr_ipv4: rule.cidr_ipv4().map(canonical),
            cidr_ipv6: rule.cidr_ipv6().map(canonical),
            prefix_list_id: rule.prefix_list_id().map(str::to_owned),
            referenced_security_group: rule.referenced_group_info().and_then(|group| group.group_id()).map(str::to_owned),
            description: Some(rule.description().unwrap_or_default().to_owned()),
            tags: told.tags,
            security_group_rule_id: rule.security_group_rule_id().map(str::to_owned),
        };
        let implicit = told.owner.is_none() && rule.tags().is_empty() && row.comes_with_a_group();
        Observed::of(row).owned(told.owner).implicit(implicit)
    }

    /// AWS gives each new group a rule that lets everything out, and each default group one that lets in what carries the group
    /// itself. Which group is a default one a rule does not tell, and it is not worth another listing.
    fn comes_with_a_group(&self) -> bool {
        let to_all = matches!(self.cidr_ipv4.as_deref(), Some("0.0.0.0/0")) || matches!(self.cidr_ipv6.as_deref(), Some("::/0"));
        let from_itself = self.referenced_security_group.is_some() && self.referenced_security_group == self.security_group;
        self.ip_protocol == "-1" && if self.is_egress() { to_all } else { from_itself }
    }
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}
