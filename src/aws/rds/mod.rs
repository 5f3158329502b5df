//! RDS: databases, the subnets they stand in and the parameters they run with.

pub(super) mod address;
pub(super) mod db_cluster;
pub(super) mod db_cluster_parameter_group;
pub(super) mod db_instance;
mod db_instance_shown;
pub(super) mod db_parameter_group;
pub(super) mod db_snapshot;
pub(super) mod db_subnet_group;
mod parameter_group;
mod parameters;
mod password;
mod state;
mod tags;

use super::Aws;
use crate::resource::Registry;

/// What there is of it; one line each.
pub(super) fn register(registry: Registry, aws: &Aws) -> Registry {
    registry
        .with::<db_cluster::DbCluster>(aws)
        .with::<db_cluster_parameter_group::DbClusterParameterGroup>(aws)
        .with::<db_instance::DbInstance>(aws)
        .with::<db_parameter_group::DbParameterGroup>(aws)
        .with::<db_snapshot::DbSnapshot>(aws)
        .with::<db_subnet_group::DbSubnetGroup>(aws)
}
