//! Systems Manager: parameters.

pub(super) mod details;
pub(super) mod parameter;
mod tags;
