//! Amazon's services; only below here is AWS called.

mod acm;
mod canonical_policy;
mod clients;
mod ec2;
mod ecs;
mod elbv2;
mod error;
mod rds;
mod route53;
mod s3;
mod secretsmanager;
mod tags;

pub use clients::Aws;

use crate::resource::Registry;

/// Every AWS resource, bound to one account; one line each.
pub fn register(registry: Registry, aws: &Aws) -> Registry {
    registry
        .with::<acm::certificate::Certificate>(aws)
        .with::<ec2::instance::Instance>(aws)
        .with::<ec2::internet_gateway::InternetGateway>(aws)
        .with::<ec2::route::Route>(aws)
        .with::<ec2::route_table::RouteTable>(aws)
        .with::<ec2::route_table_association::RouteTableAssociation>(aws)
        .with::<ec2::security_group::SecurityGroup>(aws)
        .with::<ec2::security_group_rule::SecurityGroupRule>(aws)
        .with::<ec2::subnet::Subnet>(aws)
        .with::<ec2::vpc::Vpc>(aws)
        .with::<ecs::cluster::Cluster>(aws)
        .with::<ecs::service::Service>(aws)
        .with::<ecs::task_definition::TaskDefinition>(aws)
        .with::<elbv2::listener::Listener>(aws)
        .with::<elbv2::listener_rule::ListenerRule>(aws)
        .with::<elbv2::load_balancer::LoadBalancer>(aws)
        .with::<elbv2::target::Target>(aws)
        .with::<elbv2::target_group::TargetGroup>(aws)
        .with::<rds::db_cluster::DbCluster>(aws)
        .with::<rds::db_cluster_parameter_group::DbClusterParameterGroup>(aws)
        .with::<rds::db_instance::DbInstance>(aws)
        .with::<rds::db_parameter_group::DbParameterGroup>(aws)
        .with::<rds::db_snapshot::DbSnapshot>(aws)
        .with::<rds::db_subnet_group::DbSubnetGroup>(aws)
        .with::<route53::certificate_validation::CertificateValidation>(aws)
        .with::<route53::hosted_zone::HostedZone>(aws)
        .with::<route53::record::Record>(aws)
        .with::<s3::bucket::Bucket>(aws)
        .with::<s3::bucket_encryption::BucketEncryption>(aws)
        .with::<s3::bucket_policy::BucketPolicy>(aws)
        .with::<s3::bucket_tagging::BucketTagging>(aws)
        .with::<s3::bucket_versioning::BucketVersioning>(aws)
        .with::<s3::public_access_block::PublicAccessBlock>(aws)
        .with::<secretsmanager::secret::Secret>(aws)
}
