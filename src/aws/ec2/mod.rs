//! EC2: networks and machines.

mod cidr;
pub(super) mod instance;
mod instance_change;
pub(super) mod internet_gateway;
mod restart;
pub(super) mod route;
pub(super) mod route_table;
pub(super) mod route_table_association;
pub(super) mod security_group;
pub(super) mod security_group_rule;
pub(super) mod subnet;
mod tags;
pub(super) mod vpc;
