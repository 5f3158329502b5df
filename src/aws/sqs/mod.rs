//! SQS: queues.

mod attributes;
pub(super) mod queue;
