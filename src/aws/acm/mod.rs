//! Certificate Manager.

pub(super) mod certificate;
mod read;
mod tags;
