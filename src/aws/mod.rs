//! Amazon's services; only below here is AWS called.

mod clients;
mod ec2;
mod error;
mod rds;
mod s3;
mod secretsmanager;
mod tags;

pub use clients::Aws;

use crate::resource::Registry;

/// Every AWS resource, bound to one account; one line each.
pub fn register(registry: Registry, aws: &Aws) -> Registry {
    registry
        .with::<ec2::vpc::Vpc>(aws)
}
