//! Amazon's services; only below here is AWS called.

mod canonical_policy;
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
        .with::<ec2::image::Image>(aws)
        .with::<ec2::instance::Instance>(aws)
        .with::<ec2::internet_gateway::InternetGateway>(aws)
        .with::<ec2::key_pair::KeyPair>(aws)
        .with::<ec2::launch_template::LaunchTemplate>(aws)
        .with::<ec2::route::Route>(aws)
        .with::<ec2::route_table::RouteTable>(aws)
        .with::<ec2::route_table_association::RouteTableAssociation>(aws)
        .with::<ec2::security_group::SecurityGroup>(aws)
        .with::<ec2::security_group_rule::SecurityGroupRule>(aws)
        .with::<ec2::subnet::Subnet>(aws)
        .with::<ec2::volume::Volume>(aws)
        .with::<ec2::volume_attachment::VolumeAttachment>(aws)
        .with::<ec2::vpc::Vpc>(aws)
        .with::<rds::db_instance::DbInstance>(aws)
        .with::<rds::db_parameter_group::DbParameterGroup>(aws)
        .with::<rds::db_subnet_group::DbSubnetGroup>(aws)
        .with::<s3::bucket::Bucket>(aws)
        .with::<s3::bucket_encryption::BucketEncryption>(aws)
        .with::<s3::bucket_policy::BucketPolicy>(aws)
        .with::<s3::bucket_tagging::BucketTagging>(aws)
        .with::<s3::bucket_versioning::BucketVersioning>(aws)
        .with::<s3::public_access_block::PublicAccessBlock>(aws)
        .with::<secretsmanager::secret::Secret>(aws)
}
