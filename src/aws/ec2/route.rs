//! A route: where a route table sends what is bound for one range of addresses.

use aws_sdk_ec2::types::{Route as Answer, RouteOrigin, RouteTable as Table};
use serde::{Deserialize, Serialize};

use super::{
    cidr::canonical,
    route_table::{is_main, tables},
    vpc::default_vpc,
};
use crate::{
    aws::{Aws, error::refused},
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `ec2.route`. It has no tags, and no id but where it stands and what it takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Route {
    region: String,
    route_table: Option<String>,
    destination: String,
    #[serde(flatten)]
    target: Target,
    state: Option<String>,
    route_id: Option<String>,
}

/// Where it leads: one of them in a desired row. An observed one has all that fit: with an instance its network interface besides, and what can
/// be named by a row or by its id under both names, so that a desired row may use either.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Target {
    internet_gateway: Option<String>,
    instance: Option<String>,
    gateway_id: Option<String>,
    nat_gateway: Option<String>,
    nat_gateway_id: Option<String>,
    network_interface_id: Option<String>,
    transit_gateway_id: Option<String>,
    vpc_endpoint: Option<String>,
    vpc_peering_connection: Option<String>,
    vpc_peering_connection_id: Option<String>,
    egress_only_internet_gateway_id: Option<String>,
}

impl Resource for Route {
    const TABLE: &'static str = "ec2.route";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let tables = tables(aws).await?;
        let default = default_vpc(aws).await?;
        let routes = tables.iter().flat_map(|table| {
            let of_default = is_main(table) && table.vpc_id().is_some() && table.vpc_id() == default.as_deref();
            table.routes().iter().filter_map(move |route| Self::shown(route, table, of_default, aws.region()))
        });
        Ok(routes.collect())
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let [ipv4, ipv6] = self.destinations();
        let Target { internet_gateway, instance, gateway_id, vpc_endpoint, nat_gateway_id, .. } = self.target.clone().under_both_names();
        let Target { network_interface_id, transit_gateway_id, vpc_peering_connection_id, egress_only_internet_gateway_id, .. } =
            self.target.clone().under_both_names();
        let call = aws
            .ec2()
            .create_route()
            .set_route_table_id(self.route_table.clone())
            .set_destination_cidr_block(ipv4)
            .set_destination_ipv6_cidr_block(ipv6)
            .set_gateway_id(internet_gateway.or(gateway_id))
            .set_instance_id(instance)
            .set_vpc_endpoint_id(vpc_endpoint)
            .set_nat_gateway_id(nat_gateway_id)
            .set_network_interface_id(network_interface_id)
            .set_transit_gateway_id(transit_gateway_id)
            .set_vpc_peering_connection_id(vpc_peering_connection_id)
            .set_egress_only_internet_gateway_id(egress_only_internet_gateway_id);
        call.send().await.map_err(refused("CreateRoute"))?;
        Ok(Observed::of(Self { target: self.target.clone().under_both_names(), ..self }.active()))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        if self.target.asks_no_more_than(&was.row.target) {
            return Ok(was);
        }
        let [ipv4, ipv6] = was.row.destinations();
        let Target { internet_gateway, instance, gateway_id, vpc_endpoint, nat_gateway_id, .. } = self.target.clone().under_both_names();
        let Target { network_interface_id, transit_gateway_id, vpc_peering_connection_id, egress_only_internet_gateway_id, .. } =
            self.target.clone().under_both_names();
        let call = aws
            .ec2()
            .replace_route()
            .set_route_table_id(was.row.route_table.clone())
            .set_destination_cidr_block(ipv4)
            .set_destination_ipv6_cidr_block(ipv6)
            .set_gateway_id(internet_gateway.or(gateway_id))
            .set_instance_id(instance)
            .set_vpc_endpoint_id(vpc_endpoint)
            .set_nat_gateway_id(nat_gateway_id)
            .set_network_interface_id(network_interface_id)
            .set_transit_gateway_id(transit_gateway_id)
            .set_vpc_peering_connection_id(vpc_peering_connection_id)
            .set_egress_only_internet_gateway_id(egress_only_internet_gateway_id);
        call.send().await.map_err(refused("ReplaceRoute"))?;
        Ok(Observed::of(Self { target: self.target.under_both_names(), ..was.row }.active()))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let [ipv4, ipv6] = self.destinations();
        let call = aws.ec2().delete_route().set_route_table_id(self.route_table).set_destination_cidr_block(ipv4);
        gone(call.set_destination_ipv6_cidr_block(ipv6).send().await.map_err(refused("DeleteRoute")))?;
        Ok(None)
    }
}

impl Route {
    /// The destination as the API takes it: in one of two parameters.
    fn destinations(&self) -> [Option<String>; 2] {
        let destination = Some(self.destination.clone());
        if self.destination.contains(':') { [None, destination] } else { [destination, None] }
    }

    /// As AWS will show it once it is made.
    fn active(self) -> Self {
        let id = format!("{},{}", self.route_table.as_deref().unwrap_or_default(), self.destination);
        Self { state: Some("active".to_owned()), route_id: Some(id), ..self }
    }

    /// `None` for a route to a prefix list: those come and go with VPC endpoints.
    fn shown(route: &Answer, table: &Table, of_default_vpc: bool, region: &str) -> Option<Observed<Self>> {
        let destination = route.destination_cidr_block().or(route.destination_ipv6_cidr_block()).map(canonical)?;
        let target = Target::shown(route);
        let everything_out = target.internet_gateway.is_some() && destination == "0.0.0.0/0";
        let made_by_aws = route.origin().is_some_and(|origin| *origin != RouteOrigin::CreateRoute) || route.gateway_id() == Some("local");
        let row = Self {
            region: region.to_owned(),
            route_table: table.route_table_id().map(str::to_owned),
            destination,
            target,
            state: None,
            route_id: None,
        };
        let row = Self { state: route.state().map(|state| state.as_str().to_owned()), ..row.active() };
        Some(Observed::of(row).implicit(made_by_aws || of_default_vpc && everything_out))
    }
}

impl Target {
    /// With what can be named by a row or by its id under both.
    fn under_both_names(self) -> Self {
        let (nat_gateway, peering) =
            (self.nat_gateway.or(self.nat_gateway_id), self.vpc_peering_connection.or(self.vpc_peering_connection_id));
        Self {
            nat_gateway: nat_gateway.clone(),
            nat_gateway_id: nat_gateway,
            vpc_peering_connection: peering.clone(),
            vpc_peering_connection_id: peering,
            ..self
        }
    }

    fn shown(route: &Answer) -> Self {
        // one field of the answer for three kinds
        let gateway = |prefix| route.gateway_id().filter(|id| id.starts_with(prefix)).map(str::to_owned);
        let (internet_gateway, vpc_endpoint) = (gateway("igw-"), gateway("vpce-"));
        let other = route.gateway_id().filter(|_| internet_gateway.is_none() && vpc_endpoint.is_none());
        let target = Self {
            gateway_id: other.map(str::to_owned),
            internet_gateway,
            vpc_endpoint,
            instance: route.instance_id().map(str::to_owned),
            nat_gateway_id: route.nat_gateway_id().map(str::to_owned),
            network_interface_id: route.network_interface_id().map(str::to_owned),
            transit_gateway_id: route.transit_gateway_id().map(str::to_owned),
            vpc_peering_connection_id: route.vpc_peering_connection_id().map(str::to_owned),
            egress_only_internet_gateway_id: route.egress_only_internet_gateway_id().map(str::to_owned),
            ..Self::default()
        };
        target.under_both_names()
    }

    fn asks_no_more_than(&self, other: &Self) -> bool {
        let parts = |target: &Self| {
            [
                target.internet_gateway.clone(),
                target.instance.clone(),
                target.gateway_id.clone(),
                target.nat_gateway.clone(),
                target.nat_gateway_id.clone(),
                target.network_interface_id.clone(),
                target.transit_gateway_id.clone(),
                target.vpc_endpoint.clone(),
                target.vpc_peering_connection.clone(),
                target.vpc_peering_connection_id.clone(),
                target.egress_only_internet_gateway_id.clone(),
            ]
        };
        parts(self).iter().zip(parts(other)).all(|(asked, is)| asked.is_none() || *asked == is)
    }
}
