//! Elastic Container Service: containers, how many of them run, and where.

pub(super) mod cluster;
mod container;
mod container_parts;
mod image;
mod network;
pub(super) mod service;
mod strategy;
mod tags;
pub(super) mod task_definition;
mod volume;

use super::Aws;
use crate::resource::Registry;

/// What there is of it; one line each.
pub(super) fn register(registry: Registry, aws: &Aws) -> Registry {
    registry.with::<cluster::Cluster>(aws).with::<service::Service>(aws).with::<task_definition::TaskDefinition>(aws)
}

/// Questions in flight at a time, where each thing must be asked about by itself.
const ASIDE: usize = 8;
