//! CloudWatch Logs: groups of log streams, and their tags.

pub(super) mod log_group;
pub(super) mod log_group_tagging;
mod tags;
