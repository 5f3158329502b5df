//! Secrets Manager.

pub(super) mod secret;
mod tags;
mod versions;

use super::Aws;
use crate::resource::Registry;

/// What there is of it; one line each.
pub(super) fn register(registry: Registry, aws: &Aws) -> Registry {
    registry.with::<secret::Secret>(aws)
}
