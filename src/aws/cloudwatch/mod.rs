//! CloudWatch: alarms.

pub(super) mod metric_alarm;
