//! EC2: networks and machines.

pub(super) mod availability_zone;
mod cidr;
pub(super) mod dhcp_options;
pub(super) mod dhcp_options_association;
pub(super) mod elastic_ip;
pub(super) mod elastic_ip_association;
pub(super) mod instance;
mod instance_change;
pub(super) mod internet_gateway;
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
pub(super) mod vpc;
pub(super) mod vpc_attribute;
pub(super) mod vpc_endpoint;
pub(super) mod vpc_peering_connection;
