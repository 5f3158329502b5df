//! EC2: networks and machines.

mod block_device;
mod cidr;
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
