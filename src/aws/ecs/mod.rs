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

/// Questions in flight at a time, where each thing must be asked about by itself.
const ASIDE: usize = 8;
