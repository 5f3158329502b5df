//! CloudWatch: alarms.

pub(super) mod metric_alarm;

use super::Aws;
use crate::resource::Registry;

/// What there is of it; one line each.
pub(super) fn register(registry: Registry, aws: &Aws) -> Registry {
    registry.with::<metric_alarm::MetricAlarm>(aws)
}
