//! Lambda: functions, and who may call them.

mod code;
mod environment;
pub(super) mod function;
mod labels;
pub(super) mod permission;
mod settings;

use super::Aws;
use crate::resource::Registry;

/// What there is of it; one line each.
pub(super) fn register(registry: Registry, aws: &Aws) -> Registry {
    registry.with::<function::Function>(aws).with::<permission::Permission>(aws)
}
