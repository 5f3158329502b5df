//! EC2: networks and machines.

pub(super) mod availability_zone;
mod block_device;
mod cidr;
pub(super) mod dhcp_options;
pub(super) mod dhcp_options_association;
pub(super) mod elastic_ip;
pub(super) mod elastic_ip_association;
pub(super) mod image;
pub(super) mod instance;
mod instance_attributes;
mod instance_block_device;
mod instance_change;
mod instance_metadata;
mod instance_run;
pub(super) mod internet_gateway;
pub(super) mod key_pair;
pub(super) mod launch_template;
mod launch_template_data;
pub(super) mod nat_gateway;
pub(super) mod network_acl;
pub(super) mod network_acl_association;
pub(super) mod network_acl_rule;
mod restart;
pub(super) mod route;
pub(super) mod route_table;
pub(super) mod route_table_association;
pub(super) mod security_group;
pub(super) mod security_group_rule;
pub(super) mod subnet;
mod tags;
pub(super) mod volume;
pub(super) mod volume_attachment;
mod volumes;
pub(super) mod vpc;
pub(super) mod vpc_attribute;
pub(super) mod vpc_endpoint;
pub(super) mod vpc_peering_connection;

use super::Aws;
use crate::resource::Registry;

/// What there is of it; one line each.
pub(super) fn register(registry: Registry, aws: &Aws) -> Registry {
    registry
        .with::<availability_zone::AvailabilityZone>(aws)
        .with::<dhcp_options::DhcpOptions>(aws)
        .with::<dhcp_options_association::DhcpOptionsAssociation>(aws)
        .with::<elastic_ip::ElasticIp>(aws)
        .with::<elastic_ip_association::ElasticIpAssociation>(aws)
        .with::<image::Image>(aws)
        .with::<instance::Instance>(aws)
        .with::<internet_gateway::InternetGateway>(aws)
        .with::<key_pair::KeyPair>(aws)
        .with::<launch_template::LaunchTemplate>(aws)
        .with::<nat_gateway::NatGateway>(aws)
        .with::<network_acl::NetworkAcl>(aws)
        .with::<network_acl_association::NetworkAclAssociation>(aws)
        .with::<network_acl_rule::NetworkAclRule>(aws)
        .with::<route::Route>(aws)
        .with::<route_table::RouteTable>(aws)
        .with::<route_table_association::RouteTableAssociation>(aws)
        .with::<security_group::SecurityGroup>(aws)
        .with::<security_group_rule::SecurityGroupRule>(aws)
        .with::<subnet::Subnet>(aws)
        .with::<volume::Volume>(aws)
        .with::<volume_attachment::VolumeAttachment>(aws)
        .with::<vpc::Vpc>(aws)
        .with::<vpc_attribute::VpcAttribute>(aws)
        .with::<vpc_endpoint::VpcEndpoint>(aws)
        .with::<vpc_peering_connection::VpcPeeringConnection>(aws)
}
