//! A VPC endpoint: a private way from a VPC to a service.

use aws_sdk_ec2::{
    operation::modify_vpc_endpoint::builders::{ModifyVpcEndpointFluentBuilder, ModifyVpcEndpointInputBuilder},
    types::{IpAddressType, ResourceType, UnsuccessfulItem, VpcEndpoint as Answer, VpcEndpointType},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::tags::{Labels, retag, specification, told};
use crate::{
    aws::{
        Aws,
        canonical_policy::spelt,
        error::{empty, refused, said_of_one},
        tags::Tags,
    },
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `ec2.vpc_endpoint`, with its rows of the three lists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct VpcEndpoint {
    region: String,
    name: Option<String>,
    vpc: Option<String>,
    service_name: String,
    vpc_endpoint_type: String,
    policy_document: Option<Value>,
    private_dns_enabled: Option<bool>,
    ip_address_type: Option<String>,
    route_tables: Option<Vec<String>>,
    subnets: Option<Vec<String>>,
    security_groups: Option<Vec<String>>,
    tags: Tags,
    vpc_endpoint_id: Option<String>,
    state: Option<String>,
    dns_name: Option<String>,
}

impl Resource for VpcEndpoint {
    const TABLE: &'static str = "ec2.vpc_endpoint";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let found = aws.ec2().describe_vpc_endpoints().max_results(1000).into_paginator().items().send();
        let found = found.try_collect().await.map_err(refused("DescribeVpcEndpoints"))?;
        found.iter().filter(|endpoint| is_there(endpoint)).map(|endpoint| Self::shown(endpoint, aws.region())).collect()
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let made = aws
            .ec2()
            .create_vpc_endpoint()
            .client_token(&owner.token)
            .set_vpc_id(self.vpc.clone())
            .service_name(&self.service_name)
            .vpc_endpoint_type(VpcEndpointType::from(self.vpc_endpoint_type.as_str()))
            .set_policy_document(self.policy_document.as_ref().map(Value::to_string))
            // AWS takes no word about it for the other types
            .set_private_dns_enabled(self.private_dns_enabled.filter(|_| self.vpc_endpoint_type == "Interface"))
            .set_ip_address_type(self.ip_address_type.as_deref().map(IpAddressType::from))
            .set_route_table_ids(self.route_tables.clone())
            .set_subnet_ids(self.subnets.clone())
            .set_security_group_ids(self.security_groups.clone())
            .tag_specifications(specification(ResourceType::VpcEndpoint, self.name.as_deref(), &self.tags, owner))
            .send()
            .await
            .map_err(refused("CreateVpcEndpoint"))?;
        Self::shown(&made.vpc_endpoint.ok_or_else(|| empty("CreateVpcEndpoint"))?, aws.region())
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let asked = self.changed(&was.row, aws.ec2().modify_vpc_endpoint());
        if *asked.as_input() != ModifyVpcEndpointInputBuilder::default() {
            asked.vpc_endpoint_id(was.row.id()).send().await.map_err(refused("ModifyVpcEndpoint"))?;
        }
        let before = Labels { name: was.row.name.as_deref(), tags: &was.row.tags, owner: was.owner.as_deref() };
        let after = Labels { name: self.name.as_deref(), tags: &self.tags, owner: Some(&owner.tag) };
        retag(aws, was.row.id(), before, after).await?;
        let row = Self {
            name: self.name,
            policy_document: self.policy_document.or(was.row.policy_document),
            private_dns_enabled: self.private_dns_enabled.or(was.row.private_dns_enabled),
            ip_address_type: self.ip_address_type.or(was.row.ip_address_type),
            route_tables: self.route_tables.or(was.row.route_tables),
            subnets: self.subnets.or(was.row.subnets),
            security_groups: self.security_groups.or(was.row.security_groups),
            tags: self.tags,
            ..was.row
        };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.ec2().delete_vpc_endpoints().vpc_endpoint_ids(self.id());
        let answer = asked.send().await.map_err(refused("DeleteVpcEndpoints"));
        // the call succeeds whatever becomes of each
        let refusal = answer.as_ref().ok().and_then(|answer| answer.unsuccessful().iter().find_map(UnsuccessfulItem::error));
        let refusal = refusal.map(|error| said_of_one("DeleteVpcEndpoints", error.code(), error.message()));
        match answer.and_then(|answer| refusal.map_or(Ok(answer), Err)) {
            // its network interfaces keep their subnets and groups until they are gone
            Ok(_) if self.vpc_endpoint_type != "Gateway" => {
                Ok(Some(Observed::of(Self { state: Some("deleting".to_owned()), ..self }).pending(Some("deleting".to_owned()))))
            }
            answer => gone(answer).map(|()| None),
        }
    }
}

impl VpcEndpoint {
    fn id(&self) -> &str {
        self.vpc_endpoint_id.as_deref().unwrap_or_default()
    }

    /// Asks for what differs and can change in place.
    fn changed(&self, was: &Self, asked: ModifyVpcEndpointFluentBuilder) -> ModifyVpcEndpointFluentBuilder {
        let (add_route_tables, remove_route_tables) = moves(&was.route_tables, &self.route_tables);
        let (add_subnets, remove_subnets) = moves(&was.subnets, &self.subnets);
        let (add_groups, remove_groups) = moves(&was.security_groups, &self.security_groups);
        let policy = self.policy_document.as_ref().filter(|policy| Some(*policy) != was.policy_document.as_ref());
        let addresses = self.ip_address_type.as_deref().filter(|kind| Some(*kind) != was.ip_address_type.as_deref());
        asked
            .set_policy_document(policy.map(Value::to_string))
            .set_private_dns_enabled(self.private_dns_enabled.filter(|on| Some(*on) != was.private_dns_enabled))
            .set_ip_address_type(addresses.map(IpAddressType::from))
            .set_add_route_table_ids(add_route_tables)
            .set_remove_route_table_ids(remove_route_tables)
            .set_add_subnet_ids(add_subnets)
            .set_remove_subnet_ids(remove_subnets)
            .set_add_security_group_ids(add_groups)
            .set_remove_security_group_ids(remove_groups)
    }

    fn shown(endpoint: &Answer, region: &str) -> Result<Observed<Self>, Error> {
        let told = told(endpoint.tags());
        let state = endpoint.state().map(|state| state.as_str().to_owned());
        let busy = state.clone().filter(|state| ["pending", "deleting"].contains(&state.to_lowercase().as_str()));
        let policy = endpoint.policy_document().filter(|policy| !policy.is_empty());
        let groups = endpoint.groups().iter().filter_map(|group| group.group_id()).map(str::to_owned).collect();
        let row = Self {
            region: region.to_owned(),
            name: told.name,
            vpc: endpoint.vpc_id().map(str::to_owned),
            service_name: endpoint.service_name().unwrap_or_default().to_owned(),
            vpc_endpoint_type: endpoint.vpc_endpoint_type().map_or("Gateway", VpcEndpointType::as_str).to_owned(),
            policy_document: policy.map(|policy| spelt("DescribeVpcEndpoints", policy)).transpose()?,
            private_dns_enabled: Some(endpoint.private_dns_enabled().unwrap_or_default()),
            ip_address_type: endpoint.ip_address_type().map(|kind| kind.as_str().to_owned()),
            route_tables: Some(sorted(endpoint.route_table_ids().to_vec())),
            subnets: Some(sorted(endpoint.subnet_ids().to_vec())),
            security_groups: Some(sorted(groups)),
            tags: told.tags,
            vpc_endpoint_id: endpoint.vpc_endpoint_id().map(str::to_owned),
            state,
            dns_name: endpoint.dns_entries().first().and_then(|entry| entry.dns_name()).map(str::to_owned),
        };
        // what another service made goes with its maker
        Ok(Observed::of(row).owned(told.owner).pending(busy).implicit(endpoint.requester_managed().unwrap_or_default()))
    }
}

/// AWS shows those that are gone for a while, in small letters or capitals.
fn is_there(endpoint: &Answer) -> bool {
    !endpoint.state().is_some_and(|state| ["deleted", "expired"].contains(&state.as_str().to_lowercase().as_str()))
}

/// What comes and what goes where a list is asked for; `None` where nothing does.
fn moves(was: &Option<Vec<String>>, now: &Option<Vec<String>>) -> (Option<Vec<String>>, Option<Vec<String>>) {
    let (was, Some(now)) = (was.as_deref().unwrap_or_default(), now) else { return (None, None) };
    let less = |of: &[String], other: &[String]| {
        let rest: Vec<String> = of.iter().filter(|id| !other.contains(id)).cloned().collect();
        (!rest.is_empty()).then_some(rest)
    };
    (less(now, was), less(was, now))
}

fn sorted(mut list: Vec<String>) -> Vec<String> {
    list.sort_unstable();
    list
}
