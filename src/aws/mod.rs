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
mod one_by_one;
mod rds;
mod route53;
mod s3;
mod secretsmanager;
mod sns;
mod sqs;
mod ssm;
mod tags;

pub use clients::Aws;
pub use rds::address::{database_url, secret_text};

use crate::resource::Registry;

/// Every AWS resource, bound to one account; one line each.
pub fn register(registry: Registry, aws: &Aws) -> Registry {
    registry
        .with::<acm::certificate::Certificate>(aws)
        .with::<cloudwatch::metric_alarm::MetricAlarm>(aws)
        .with::<dynamodb::table::Table>(aws)
        .with::<ec2::availability_zone::AvailabilityZone>(aws)
        .with::<ec2::dhcp_options::DhcpOptions>(aws)
        .with::<ec2::dhcp_options_association::DhcpOptionsAssociation>(aws)
        .with::<ec2::elastic_ip::ElasticIp>(aws)
        .with::<ec2::elastic_ip_association::ElasticIpAssociation>(aws)
        .with::<ec2::image::Image>(aws)
        .with::<ec2::instance::Instance>(aws)
        .with::<ec2::internet_gateway::InternetGateway>(aws)
        .with::<ec2::key_pair::KeyPair>(aws)
        .with::<ec2::launch_template::LaunchTemplate>(aws)
        .with::<ec2::nat_gateway::NatGateway>(aws)
        .with::<ec2::network_acl::NetworkAcl>(aws)
        .with::<ec2::network_acl_association::NetworkAclAssociation>(aws)
        .with::<ec2::network_acl_rule::NetworkAclRule>(aws)
        .with::<ec2::route::Route>(aws)
        .with::<ec2::route_table::RouteTable>(aws)
        .with::<ec2::route_table_association::RouteTableAssociation>(aws)
        .with::<ec2::security_group::SecurityGroup>(aws)
        .with::<ec2::security_group_rule::SecurityGroupRule>(aws)
        .with::<ec2::subnet::Subnet>(aws)
        .with::<ec2::volume::Volume>(aws)
        .with::<ec2::volume_attachment::VolumeAttachment>(aws)
        .with::<ec2::vpc::Vpc>(aws)
        .with::<ec2::vpc_attribute::VpcAttribute>(aws)
        .with::<ec2::vpc_endpoint::VpcEndpoint>(aws)
        .with::<ec2::vpc_peering_connection::VpcPeeringConnection>(aws)
        .with::<ecr::image::Image>(aws)
        .with::<ecr::lifecycle_policy::LifecyclePolicy>(aws)
        .with::<ecr::public_repository::PublicRepository>(aws)
        .with::<ecr::repository::Repository>(aws)
        .with::<ecr::repository_policy::RepositoryPolicy>(aws)
        .with::<ecs::cluster::Cluster>(aws)
        .with::<ecs::service::Service>(aws)
        .with::<ecs::task_definition::TaskDefinition>(aws)
        .with::<elbv2::listener::Listener>(aws)
        .with::<elbv2::listener_rule::ListenerRule>(aws)
        .with::<elbv2::load_balancer::LoadBalancer>(aws)
        .with::<elbv2::target::Target>(aws)
        .with::<elbv2::target_group::TargetGroup>(aws)
        .with::<iam::access_key::AccessKey>(aws)
        .with::<iam::instance_profile::InstanceProfile>(aws)
        .with::<iam::policy::Policy>(aws)
        .with::<iam::role::Role>(aws)
        .with::<iam::role_inline_policy::RoleInlinePolicy>(aws)
        .with::<iam::role_policy_attachment::RolePolicyAttachment>(aws)
        .with::<iam::user::User>(aws)
        .with::<kms::alias::Alias>(aws)
        .with::<kms::key::Key>(aws)
        .with::<lambda::function::Function>(aws)
        .with::<lambda::permission::Permission>(aws)
        .with::<logs::log_group::LogGroup>(aws)
        .with::<logs::log_group_tagging::LogGroupTagging>(aws)
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
