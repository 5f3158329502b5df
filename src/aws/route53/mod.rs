//! Route 53: the zones of domains, their records, and those that validate certificates.

mod balancers;
pub(super) mod certificate_validation;
pub(super) mod hosted_zone;
mod names;
pub(super) mod record;
mod record_set;
mod sets;
mod zones;
