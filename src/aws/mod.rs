//! Amazon's services; only below here is AWS called.

mod arns;
mod canonical_policy;
mod clients;
mod dynamodb;
mod ec2;
mod error;
mod iam;
mod kms;
mod rds;
mod s3;
mod secretsmanager;
mod sns;
mod sqs;
mod ssm;
mod tags;

pub use clients::Aws;

use crate::resource::Registry;

/// Every AWS resource, bound to one account; one line each.
pub fn register(registry: Registry, aws: &Aws) -> Registry {
    registry
        .with::<dynamodb::table::Table>(aws)
        .with::<ec2::instance::Instance>(aws)
        .with::<ec2::internet_gateway::InternetGateway>(aws)
        .with::<ec2::route::Route>(aws)
        .with::<ec2::route_table::RouteTable>(aws)
        .with::<ec2::route_table_association::RouteTableAssociation>(aws)
        .with::<ec2::security_group::SecurityGroup>(aws)
        .with::<ec2::security_group_rule::SecurityGroupRule>(aws)
        .with::<ec2::subnet::Subnet>(aws)
        .with::<ec2::vpc::Vpc>(aws)
        .with::<iam::access_key::AccessKey>(aws)
        .with::<iam::instance_profile::InstanceProfile>(aws)
        .with::<iam::policy::Policy>(aws)
        .with::<iam::role::Role>(aws)
        .with::<iam::role_inline_policy::RoleInlinePolicy>(aws)
        .with::<iam::role_policy_attachment::RolePolicyAttachment>(aws)
        .with::<iam::user::User>(aws)
        .with::<kms::alias::Alias>(aws)
        .with::<kms::key::Key>(aws)
        .with::<rds::db_instance::DbInstance>(aws)
        .with::<rds::db_parameter_group::DbParameterGroup>(aws)
        .with::<rds::db_subnet_group::DbSubnetGroup>(aws)
        .with::<s3::bucket::Bucket>(aws)
        .with::<s3::bucket_cors::BucketCors>(aws)
        .with::<s3::bucket_encryption::BucketEncryption>(aws)
        .with::<s3::bucket_lifecycle::BucketLifecycle>(aws)
        .with::<s3::bucket_notification::BucketNotification>(aws)
        .with::<s3::bucket_policy::BucketPolicy>(aws)
        .with::<s3::bucket_tagging::BucketTagging>(aws)
        .with::<s3::bucket_versioning::BucketVersioning>(aws)
        .with::<s3::bucket_website::BucketWebsite>(aws)
        .with::<s3::object::Object>(aws)
        .with::<s3::public_access_block::PublicAccessBlock>(aws)
        .with::<secretsmanager::secret::Secret>(aws)
        .with::<sns::subscription::Subscription>(aws)
        .with::<sns::topic::Topic>(aws)
        .with::<sqs::queue::Queue>(aws)
        .with::<ssm::parameter::Parameter>(aws)
}
