//! Certificate Manager.

pub(super) mod certificate;
pub(super) mod read;
mod tags;
