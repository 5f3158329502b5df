//! Every resource type through the whole loop, told in a file of SQL: rows, plan, engine, an emulator of AWS, an empty second plan.
//!
//! `tests/loops/<service>/<table>.sql` is a walk of sections; `tests/loops/walk.rs` says what each of them proves. The table of types in
//! the README is written from these files.

mod coverage;
mod walk;

use coverage::{elsewhere, table, walked};
use walk::walk;

/// Where the README's table of types stands.
const MARKS: [&str; 2] = ["<!-- coverage -->\n", "<!-- /coverage -->"];

/// A test for each file, and one that says which files have none.
macro_rules! loops {
    ($($name:ident $file:literal)*) => {
        const WALKED: &[&str] = &[$($file),*];
        $(
            #[tokio::test]
            async fn $name() {
                walk($file, include_str!(concat!("loops/", $file, ".sql"))).await;
            }
        )*
    };
}

loops! {
    acm_certificate "acm/certificate"
    cloudwatch_metric_alarm "cloudwatch/metric_alarm"
    dynamodb_table "dynamodb/table"
    ec2_availability_zone "ec2/availability_zone"
    ec2_dhcp_options "ec2/dhcp_options"
    ec2_dhcp_options_association "ec2/dhcp_options_association"
    ec2_elastic_ip "ec2/elastic_ip"
    ec2_elastic_ip_association "ec2/elastic_ip_association"
    ec2_image "ec2/image"
    ec2_instance "ec2/instance"
    ec2_internet_gateway "ec2/internet_gateway"
    ec2_key_pair "ec2/key_pair"
    ec2_launch_template "ec2/launch_template"
    ec2_nat_gateway "ec2/nat_gateway"
    ec2_network_acl "ec2/network_acl"
    ec2_network_acl_association "ec2/network_acl_association"
    ec2_network_acl_rule "ec2/network_acl_rule"
    ec2_route "ec2/route"
    ec2_route_table "ec2/route_table"
    ec2_route_table_association "ec2/route_table_association"
    ec2_security_group "ec2/security_group"
    ec2_security_group_rule "ec2/security_group_rule"
    ec2_subnet "ec2/subnet"
    ec2_volume "ec2/volume"
    ec2_volume_attachment "ec2/volume_attachment"
    ec2_vpc "ec2/vpc"
    ec2_vpc_attribute "ec2/vpc_attribute"
    ec2_vpc_endpoint "ec2/vpc_endpoint"
    ec2_vpc_peering_connection "ec2/vpc_peering_connection"
    ecr_image "ecr/image"
    ecr_lifecycle_policy "ecr/lifecycle_policy"
    ecr_public_repository "ecr/public_repository"
    ecr_repository "ecr/repository"
    ecr_repository_policy "ecr/repository_policy"
    ecs_cluster "ecs/cluster"
    ecs_service "ecs/service"
    ecs_task_definition "ecs/task_definition"
    elbv2_listener "elbv2/listener"
    elbv2_listener_rule "elbv2/listener_rule"
    elbv2_load_balancer "elbv2/load_balancer"
    elbv2_target "elbv2/target"
    elbv2_target_group "elbv2/target_group"
    fly_app "fly/app"
    fly_certificate "fly/certificate"
    fly_ip_address "fly/ip_address"
    fly_machine "fly/machine"
    fly_secret "fly/secret"
    fly_volume "fly/volume"
    gateway_certificate "gateway/certificate"
    gateway_database "gateway/database"
    gateway_domain "gateway/domain"
    gateway_machine "gateway/machine"
    gateway_pin "gateway/pin"
    gateway_version "gateway/version"
    iam_access_key "iam/access_key"
    iam_instance_profile "iam/instance_profile"
    iam_policy "iam/policy"
    iam_role "iam/role"
    iam_role_inline_policy "iam/role_inline_policy"
    iam_role_policy_attachment "iam/role_policy_attachment"
    iam_user "iam/user"
    kms_alias "kms/alias"
    kms_key "kms/key"
    lambda_function "lambda/function"
    lambda_permission "lambda/permission"
    logs_log_group "logs/log_group"
    logs_log_group_tagging "logs/log_group_tagging"
    postgres_backup "postgres/backup"
    postgres_cluster "postgres/cluster"
    postgres_cron_job "postgres/cron_job"
    postgres_cron_run "postgres/cron_run"
    postgres_member "postgres/member"
    rds_db_cluster "rds/db_cluster"
    rds_db_cluster_parameter_group "rds/db_cluster_parameter_group"
    rds_db_instance "rds/db_instance"
    rds_db_parameter_group "rds/db_parameter_group"
    rds_db_snapshot "rds/db_snapshot"
    rds_db_subnet_group "rds/db_subnet_group"
    route53_certificate_validation "route53/certificate_validation"
    route53_hosted_zone "route53/hosted_zone"
    route53_record "route53/record"
    s3_bucket "s3/bucket"
    s3_bucket_cors "s3/bucket_cors"
    s3_bucket_encryption "s3/bucket_encryption"
    s3_bucket_lifecycle "s3/bucket_lifecycle"
    s3_bucket_notification "s3/bucket_notification"
    s3_bucket_policy "s3/bucket_policy"
    s3_bucket_tagging "s3/bucket_tagging"
    s3_bucket_versioning "s3/bucket_versioning"
    s3_bucket_website "s3/bucket_website"
    s3_object "s3/object"
    s3_public_access_block "s3/public_access_block"
    secretsmanager_secret "secretsmanager/secret"
    sns_subscription "sns/subscription"
    sns_topic "sns/topic"
    sqs_queue "sqs/queue"
    ssm_parameter "ssm/parameter"
    tigris_access_key "tigris/access_key"
    tigris_bucket "tigris/bucket"
    tigris_bucket_cors "tigris/bucket_cors"
    tigris_bucket_lifecycle "tigris/bucket_lifecycle"
    tigris_bucket_tagging "tigris/bucket_tagging"
}

#[test]
fn every_file_is_walked() {
    let files: Vec<_> = walked().into_iter().map(|table| table.replace('.', "/")).collect();
    assert_eq!(files, WALKED);
}

#[test]
fn what_is_shown_elsewhere_is_a_test() {
    for name in elsewhere() {
        let (module, test) = name.rsplit_once("::").unwrap_or_else(|| panic!("{name} names no test"));
        let file = format!("{}/tests/{}.rs", env!("CARGO_MANIFEST_DIR"), module.replace("::", "/"));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(text.contains(&format!("fn {test}(")), "there is no {name}");
    }
}

/// `IASQL_WRITE=1 cargo test --test all coverage` writes it.
#[test]
fn the_readme_has_the_coverage_that_the_walks_have() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let text = std::fs::read_to_string(path).expect("README.md");
    let (before, rest) = text.split_once(MARKS[0]).expect("the mark before the table");
    let (stands, after) = rest.split_once(MARKS[1]).expect("the mark behind the table");
    if std::env::var_os("IASQL_WRITE").is_some() {
        std::fs::write(path, [before, MARKS[0], &table(), MARKS[1], after].concat()).expect("README.md");
        return;
    }
    assert_eq!(stands, table(), "IASQL_WRITE=1 cargo test --test all coverage writes it");
}
