//! Every resource type through the whole loop, told in a file of SQL: rows, plan, engine, an emulator of AWS, an empty second plan.
//!
//! `tests/loops/<service>/<table>.sql` is a walk of sections; `tests/loops/walk.rs` says what each of them proves. The table of types in
//! the README is written from these files.

mod coverage;
mod walk;

use coverage::{covered, table};
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
    ec2_vpc "ec2/vpc"
    elbv2_listener "elbv2/listener"
    elbv2_listener_rule "elbv2/listener_rule"
    elbv2_load_balancer "elbv2/load_balancer"
    elbv2_target "elbv2/target"
    elbv2_target_group "elbv2/target_group"
    rds_db_cluster "rds/db_cluster"
    rds_db_cluster_parameter_group "rds/db_cluster_parameter_group"
    rds_db_instance "rds/db_instance"
    rds_db_parameter_group "rds/db_parameter_group"
    rds_db_snapshot "rds/db_snapshot"
    rds_db_subnet_group "rds/db_subnet_group"
    route53_certificate_validation "route53/certificate_validation"
    route53_hosted_zone "route53/hosted_zone"
    route53_record "route53/record"
    secretsmanager_secret "secretsmanager/secret"
}

#[test]
fn every_file_is_walked() {
    let files: Vec<_> = covered().into_iter().map(|(table, _)| table.replace('.', "/")).collect();
    assert_eq!(files, WALKED);
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
