//! The Key Management Service: keys, and the names by which programs call them.

pub(super) mod alias;
mod details;
pub(super) mod key;
mod tags;

use super::Aws;
use crate::resource::Registry;

/// What there is of it; one line each.
pub(super) fn register(registry: Registry, aws: &Aws) -> Registry {
    registry.with::<alias::Alias>(aws).with::<key::Key>(aws)
}
