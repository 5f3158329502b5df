//! Lambda: functions, and who may call them.

mod code;
mod environment;
pub(super) mod function;
mod labels;
pub(super) mod permission;
mod settings;
