//! Route 53: the zones of domains, their records, and those that validate certificates.

mod balancers;
pub(super) mod certificate_validation;
pub(super) mod hosted_zone;
mod names;
pub(super) mod record;
mod record_set;
mod sets;
mod zones;

use super::Aws;
use crate::resource::Registry;

/// What there is of it; one line each.
pub(super) fn register(registry: Registry, aws: &Aws) -> Registry {
    registry.with::<certificate_validation::CertificateValidation>(aws).with::<hosted_zone::HostedZone>(aws).with::<record::Record>(aws)
}
