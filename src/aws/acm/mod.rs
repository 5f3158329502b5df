//! Certificate Manager.

pub(super) mod certificate;
pub(super) mod read;
mod tags;

use super::Aws;
use crate::resource::Registry;

/// What there is of it; one line each.
pub(super) fn register(registry: Registry, aws: &Aws) -> Registry {
    registry.with::<certificate::Certificate>(aws)
}
