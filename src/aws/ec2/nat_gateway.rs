//! A NAT gateway: the way out for subnets that nothing outside may reach.

use aws_sdk_ec2::types::{ConnectivityType, Filter, InternetGateway, NatGateway as Answer, NatGatewayAddress, ResourceType};
use serde::{Deserialize, Serialize};

use super::{
    internet_gateway::gateways,
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

/// A row of `ec2.nat_gateway`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct NatGateway {
    region: String,
    name: Option<String>,
    subnet: Option<String>,
    connectivity_type: String,
    elastic_ip: Option<String>,
    internet_gateway: Option<String>,
    private_ip_address: Option<String>,
    tags: Tags,
    nat_gateway_id: Option<String>,
    network_interface_id: Option<String>,
    public_ip: Option<String>,
    state: Option<String>,
}

impl Resource for NatGateway {
    const TABLE: &'static str = "ec2.nat_gateway";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        // the deleted ones are shown for an hour more
        let there = ["pending", "available", "deleting", "failed"].map(str::to_owned).to_vec();
        let there = Filter::builder().name("state").set_values(Some(there)).build();
        let found = aws.ec2().describe_nat_gateways().filter(there).max_results(1000).into_paginator().items().send();
        let found = found.try_collect().await.map_err(refused("DescribeNatGateways"))?;
        let is_public = |gateway: &Answer| gateway.connectivity_type() != Some(&ConnectivityType::Private);
        let ways = if found.iter().any(is_public) { gateways(aws).await? } else { Vec::new() };
        let way = |gateway: &Answer| ways.iter().find(|way| is_public(gateway) && leads_from(way, gateway.vpc_id())).and_then(id_of);
        Ok(found.iter().map(|gateway| Self::shown(gateway, way(gateway), aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let way = self.way_out(aws).await?;
        let made = aws
            .ec2()
            .create_nat_gateway()
            .client_token(&owner.token)
            .set_subnet_id(self.subnet.clone())
            .connectivity_type(ConnectivityType::from(self.connectivity_type.as_str()))
            .set_allocation_id(self.elastic_ip.clone())
            .set_private_ip_address(self.private_ip_address.clone())
            .tag_specifications(specification(ResourceType::Natgateway, self.name.as_deref(), &self.tags, owner))
            .send()
            .await
            .map_err(refused("CreateNatGateway"))?;
        made.nat_gateway.map(|gateway| Self::shown(&gateway, way, aws.region())).ok_or_else(|| empty("CreateNatGateway"))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let id = was.row.nat_gateway_id.as_deref().unwrap_or_default();
        let before = Labels { name: was.row.name.as_deref(), tags: &was.row.tags, owner: was.owner.as_deref() };
        retag(aws, id, before, Labels { name: self.name.as_deref(), tags: &self.tags, owner: Some(&owner.tag) }).await?;
        let row = Self { name: self.name, tags: self.tags, ..was.row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.ec2().delete_nat_gateway().set_nat_gateway_id(self.nat_gateway_id.clone());
        match asked.send().await.map_err(refused("DeleteNatGateway")) {
            // it keeps its address and its place in the subnet until it is gone
            Ok(_) => Ok(Some(Observed::of(Self { state: Some("deleting".to_owned()), ..self }).pending(Some("deleting".to_owned())))),
            Err(error) => gone::<()>(Err(error)).map(|()| None),
        }
    }
}

impl NatGateway {
    /// The internet gateway of the VPC that a public one is to stand in. AWS takes the call without one, and the NAT gateway then fails.
    async fn way_out(&self, aws: &Aws) -> Result<Option<String>, Error> {
        if self.connectivity_type != "public" {
            return Ok(None);
        }
        let subnets = aws.ec2().describe_subnets().set_subnet_ids(self.subnet.clone().map(|id| vec![id])).send().await;
        let subnets = subnets.map_err(refused("DescribeSubnets"))?;
        let vpc = subnets.subnets().first().and_then(|subnet| subnet.vpc_id());
        let way = gateways(aws).await?.iter().find(|way| leads_from(way, vpc)).and_then(id_of);
        way.map(Some).ok_or_else(|| Error::new("CreateNatGateway", Kind::Held, "the VPC of its subnet has no internet gateway yet"))
    }

    fn shown(gateway: &Answer, internet_gateway: Option<String>, region: &str) -> Observed<Self> {
        let told = told(gateway.tags());
        let state = gateway.state().map(|state| state.as_str().to_owned());
        let busy = state.clone().filter(|state| matches!(state.as_str(), "pending" | "deleting"));
        let all = gateway.nat_gateway_addresses();
        let first = all.iter().find(|address| address.is_primary().unwrap_or_default()).or(all.first());
        let address = |field: fn(&NatGatewayAddress) -> Option<&str>| first.and_then(field).map(str::to_owned);
        let row = Self {
            region: region.to_owned(),
            name: told.name,
            subnet: gateway.subnet_id().map(str::to_owned),
            connectivity_type: gateway.connectivity_type().map_or("public", ConnectivityType::as_str).to_owned(),
            elastic_ip: address(NatGatewayAddress::allocation_id),
            internet_gateway,
            private_ip_address: address(NatGatewayAddress::private_ip),
            tags: told.tags,
            nat_gateway_id: gateway.nat_gateway_id().map(str::to_owned),
            network_interface_id: address(NatGatewayAddress::network_interface_id),
            public_ip: address(NatGatewayAddress::public_ip),
            state,
        };
        Observed::of(row).owned(told.owner).pending(busy)
    }
}

fn leads_from(way: &InternetGateway, vpc: Option<&str>) -> bool {
    way.attachments().iter().any(|attachment| attachment.vpc_id().is_some() && attachment.vpc_id() == vpc)
}

fn id_of(way: &InternetGateway) -> Option<String> {
    way.internet_gateway_id().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::NatGatewayState;

    use super::*;

    #[test]
    fn a_gateway_that_failed_is_waited_for_no_longer_and_is_not_made_again_and_again() {
        let shown = |state| NatGateway::shown(&Answer::builder().nat_gateway_id("nat-1").state(state).build(), None, "us-east-1");
        assert_eq!(shown(NatGatewayState::Pending).pending.as_deref(), Some("pending"));
        assert_eq!(shown(NatGatewayState::Deleting).pending.as_deref(), Some("deleting"));
        let failed = shown(NatGatewayState::Failed);
        assert_eq!((failed.pending, failed.row.state.as_deref()), (None, Some("failed")));
    }
}
