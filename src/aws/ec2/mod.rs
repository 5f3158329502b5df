//! EC2: networks and machines.

pub(super) mod tags;
pub(super) mod vpc;
