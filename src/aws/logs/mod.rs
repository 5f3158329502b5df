//! CloudWatch Logs: groups of log streams, and their tags.

pub(super) mod log_group;
pub(super) mod log_group_tagging;
mod tags;

use super::Aws;
use crate::resource::Registry;

/// What there is of it; one line each.
pub(super) fn register(registry: Registry, aws: &Aws) -> Registry {
    registry.with::<log_group::LogGroup>(aws).with::<log_group_tagging::LogGroupTagging>(aws)
}
