//! Systems Manager: parameters.

pub(super) mod details;
pub(super) mod parameter;
mod tags;

use super::Aws;
use crate::resource::Registry;

/// What there is of it; one line each.
pub(super) fn register(registry: Registry, aws: &Aws) -> Registry {
    registry.with::<parameter::Parameter>(aws)
}
