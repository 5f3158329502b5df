//! RDS: databases, the subnets they stand in and the parameters they run with.

pub(super) mod address;
pub(super) mod db_cluster;
pub(super) mod db_cluster_parameter_group;
pub(super) mod db_instance;
mod db_instance_shown;
pub(super) mod db_parameter_group;
pub(super) mod db_snapshot;
pub(super) mod db_subnet_group;
mod parameters;
mod password;
mod state;
mod tags;
