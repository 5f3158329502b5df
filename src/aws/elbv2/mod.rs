//! Elastic Load Balancing: where requests come in, and what answers them.

mod action;
mod attributes;
mod conditions;
pub(super) mod listener;
pub(super) mod listener_rule;
pub(super) mod load_balancer;
mod tags;
pub(super) mod target;
pub(super) mod target_group;

/// Questions in flight at a time, where each thing must be asked about by itself.
const ASIDE: usize = 8;
