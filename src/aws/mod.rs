//! Amazon's services; only below here is AWS called.

mod acm;
mod arns;
mod caller;
mod canonical_policy;
mod clients;
mod cloudwatch;
mod dynamodb;
mod ec2;
mod ecr;
mod ecs;
mod elbv2;
mod error;
mod iam;
mod kms;
mod lambda;
mod logs;
mod once;
mod one_by_one;
mod rds;
mod route53;
mod s3;
mod secretsmanager;
mod sns;
mod sqs;
mod ssm;
mod tags;

pub use canonical_policy::canonical as canonical_policy;
pub use clients::{Aws, Source};
pub(crate) use error::{refused, said_of_one};
pub(crate) use iam::document::read as told_policy;
pub(crate) use once::Once;
pub(crate) use one_by_one::each;
pub use rds::address::{database_url, secret_text, secret_text_or};
pub(crate) use s3::{BucketCors, BucketLifecycle, BucketTagging, Facet, Spelt, listed as buckets};

use crate::resource::Registry;

/// What adds the resources of one service to a registry.
type Register = fn(Registry, &Aws) -> Registry;

/// Every service, by the name of its module.
const SERVICES: [(&str, Register); 18] = [
    ("acm", acm::register),
    ("cloudwatch", cloudwatch::register),
    ("dynamodb", dynamodb::register),
    ("ec2", ec2::register),
    ("ecr", ecr::register),
    ("ecs", ecs::register),
    ("elbv2", elbv2::register),
    ("iam", iam::register),
    ("kms", kms::register),
    ("lambda", lambda::register),
    ("logs", logs::register),
    ("rds", rds::register),
    ("route53", route53::register),
    ("s3", s3::register),
    ("secretsmanager", secretsmanager::register),
    ("sns", sns::register),
    ("sqs", sqs::register),
    ("ssm", ssm::register),
];

/// Whether a module's tables are of AWS.
pub fn has(module: &str) -> bool {
    SERVICES.iter().any(|(service, _)| *service == module)
}

/// Every AWS resource, bound to one account: each service lists its own.
pub fn register(registry: Registry, aws: &Aws) -> Registry {
    SERVICES.iter().fold(registry, |registry, (_, service)| service(registry, aws))
}
