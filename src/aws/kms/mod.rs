//! The Key Management Service: keys, and the names by which programs call them.

pub(super) mod alias;
mod details;
pub(super) mod key;
mod tags;
