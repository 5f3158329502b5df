//! SQS: queues.

mod attributes;
pub(super) mod queue;

use super::Aws;
use crate::resource::Registry;

/// What there is of it; one line each.
pub(super) fn register(registry: Registry, aws: &Aws) -> Registry {
    registry.with::<queue::Queue>(aws)
}
