//! Secrets Manager.

pub(super) mod secret;
mod tags;
mod versions;
