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
pub(crate) use one_by_one::each;
pub use rds::address::{database_url, secret_text, secret_text_or};
pub(crate) use s3::{BucketCors, BucketLifecycle, BucketTagging, Facet, Spelt, listed as buckets};

use crate::resource::Registry;

/// Every AWS resource, bound to one account: a line for each service, which lists its own.
pub fn register(registry: Registry, aws: &Aws) -> Registry {
    const SERVICES: [fn(Registry, &Aws) -> Registry; 18] = [
        acm::register,
        cloudwatch::register,
        dynamodb::register,
        ec2::register,
        ecr::register,
        ecs::register,
        elbv2::register,
        iam::register,
        kms::register,
        lambda::register,
        logs::register,
        rds::register,
        route53::register,
        s3::register,
        secretsmanager::register,
        sns::register,
        sqs::register,
        ssm::register,
    ];
    SERVICES.iter().fold(registry, |registry, service| service(registry, aws))
}
