//! DynamoDB: tables.

mod apart;
mod change;
mod index;
pub(super) mod table;

use super::Aws;
use crate::resource::Registry;

/// What there is of it; one line each.
pub(super) fn register(registry: Registry, aws: &Aws) -> Registry {
    registry.with::<table::Table>(aws)
}
