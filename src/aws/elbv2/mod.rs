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

use super::Aws;
use crate::resource::Registry;

/// What there is of it; one line each.
pub(super) fn register(registry: Registry, aws: &Aws) -> Registry {
    registry
        .with::<listener::Listener>(aws)
        .with::<listener_rule::ListenerRule>(aws)
        .with::<load_balancer::LoadBalancer>(aws)
        .with::<target::Target>(aws)
        .with::<target_group::TargetGroup>(aws)
}

/// Questions in flight at a time, where each thing must be asked about by itself.
const ASIDE: usize = 8;
