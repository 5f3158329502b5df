//! What would be made twice: the client's own second attempt, and the engine's.

use iasql::engine::{Kind, State};

use super::{TRUST, census, done, ends_right, faults, hasty, on};
use crate::support::faults::Fault;

#[tokio::test]
async fn a_creation_whose_answer_was_lost_is_taken_up_when_the_sdks_own_retry_of_it_is_told_that_it_exists_already() {
    let mut world = hasty(&["ec2", "iam", "sqs", "logs", "secretsmanager", "s3", "rds", "ecr"]).await;
    let id = world.account.id.clone();
    world
        .sql(&format!(
            "begin;
             insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16');
             insert into ec2.subnet (name, vpc, cidr_block, availability_zone) values ('a', 'core', '10.0.0.0/24', 'us-east-1a');
             insert into ec2.security_group (name, vpc, description) values ('web', 'core', 'web');
             insert into iam.role (name, assume_role_policy_document) values ('reader', '{TRUST}');
             insert into sqs.queue (name) values ('jobs');
             insert into logs.log_group (name) values ('/app');
             insert into secretsmanager.secret (name, value) values ('key', 'x');
             insert into s3.bucket (name) values ('twice-{id}');
             insert into ecr.repository (name) values ('app');
             insert into rds.db_parameter_group (name, family, description) values ('pg', 'postgres16', 'ours');
             commit"
        ))
        .await;
    let once = "CreateSubnet CreateSecurityGroup CreateRole CreateQueue CreateLogGroup CreateSecret CreateBucket CreateRepository CreateDBParameterGroup";
    for action in once.split(' ') {
        faults(&world).add(on(action).nth(1), Fault::CutAfter);
    }
    done(&world).await;
    let refused = world.account.calls.refused();
    let told_so = |action: &str| refused.iter().any(|said| said.starts_with(action));
    for action in "CreateSubnet CreateSecurityGroup CreateRole CreateLogGroup CreateRepository CreateDBParameterGroup".split(' ') {
        assert!(told_so(action), "{action} was to be told that it exists: {refused:#?}");
    }
    assert_eq!(faults(&world).injected().len(), 9, "{:#?}", faults(&world).injected());
    ends_right(&mut world, 1).await;
}

#[tokio::test]
async fn a_name_that_somebody_else_has_is_a_failure_at_once() {
    let mut world = hasty(&["iam"]).await;
    let tag = aws_sdk_iam::types::Tag::builder().key("iasql:row").value(format!("other/{}", uuid::Uuid::new_v4())).build().unwrap();
    let iam = world.outside().await;
    iam.iam().create_role().role_name("reader").assume_role_policy_document(TRUST).tags(tag).send().await.unwrap();
    world.sql(&format!("insert into iam.role (name, assume_role_policy_document) values ('reader', '{TRUST}')")).await;
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, outcome.applied, outcome.errors.len()), (State::Failed, 0, 1), "{outcome:#?}");
}

#[tokio::test]
async fn a_thing_without_a_name_of_its_own_that_was_made_twice_is_found_by_its_tag_and_one_is_left() {
    let mut world = hasty(&["ec2", "kms"]).await;
    world.run(Kind::Check).await;
    world
        .sql(
            "insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16');
             insert into ec2.internet_gateway (name) values ('way')",
        )
        .await;
    // neither the answer comes nor do the lists show what was made, and there is no time to wait for them
    faults(&world).add(on("CreateVpc CreateInternetGateway").first(2), Fault::CutAfter);
    faults(&world).add(on("DescribeVpcs DescribeInternetGateways").first(14), Fault::Stale);
    for _ in 0..3 {
        world.run(Kind::Check).await;
    }
    assert!(census(&world).await.len() > 2, "it was to be made twice: {:#?}", faults(&world).injected());
    ends_right(&mut world, 3).await;
    assert_eq!(world.ask("select distinct lost::text from iasql.change where action = 'create' and error is not null").await, ["true"]);
}

#[tokio::test]
async fn the_client_does_not_repeat_blindly_what_would_be_another_thing() {
    let mut world = hasty(&["ec2", "kms"]).await;
    world
        .sql(
            "insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16');
             insert into ec2.internet_gateway (name) values ('way');
             insert into kms.key (name) values ('seal')",
        )
        .await;
    faults(&world).add(on("CreateVpc CreateInternetGateway CreateKey").first(3), Fault::CutAfter);
    done(&world).await;
    let mut calls = world.account.calls.take_changes();
    calls.sort();
    assert_eq!(calls, ["CreateInternetGateway", "CreateKey", "CreateVpc"]);
    ends_right(&mut world, 1).await;
}

#[tokio::test]
async fn a_tag_that_somebody_copied_is_no_second_thing_of_ours() {
    let mut world = hasty(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    faults(&world).add(on("CreateVpc").nth(1), Fault::CutAfter);
    done(&world).await;
    let long_ago = "update iasql.change set started_at = started_at - interval '61 minutes'";
    sqlx::raw_sql(long_ago).execute(&world.owner).await.unwrap();
    let row = world.ask("select row_id::text from ec2.vpc").await.remove(0);
    let tag = format!("{}/{row}", world.database.name());
    let tag = aws_sdk_ec2::types::Tag::builder().key("iasql:row").value(tag).build();
    let tags = aws_sdk_ec2::types::TagSpecification::builder().resource_type("vpc".into()).tags(tag).build();
    world.outside().await.ec2().create_vpc().cidr_block("10.9.0.0/16").tag_specifications(tags).send().await.unwrap();
    assert_eq!(done(&world).await.applied, 0);
    assert_eq!(census(&world).await, ["ec2.vpc 10.0.0.0/16", "ec2.vpc 10.9.0.0/16"]);
}

#[tokio::test]
async fn a_deletion_whose_answer_was_lost_is_done_when_its_second_attempt_is_told_that_it_is_gone_or_on_its_way_out() {
    let mut world = hasty(&["ec2", "iam", "sqs", "sns", "logs", "secretsmanager", "s3", "ecr"]).await;
    let id = world.account.id.clone();
    world
        .sql(&format!(
            "begin;
             insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16');
             insert into iam.role (name, assume_role_policy_document) values ('reader', '{TRUST}');
             insert into sqs.queue (name) values ('jobs');
             insert into sns.topic (name) values ('news');
             insert into logs.log_group (name) values ('/app');
             insert into secretsmanager.secret (name, value) values ('key', 'x');
             insert into s3.bucket (name) values ('gone-{id}');
             insert into ecr.repository (name) values ('app');
             commit"
        ))
        .await;
    done(&world).await;
    world
        .sql(
            "begin;
             delete from ec2.vpc; delete from iam.role; delete from sqs.queue; delete from sns.topic; delete from logs.log_group;
             delete from secretsmanager.secret; delete from s3.bucket; delete from ecr.repository;
             commit",
        )
        .await;
    let once = "DeleteVpc DeleteRole DeleteQueue DeleteTopic DeleteLogGroup DeleteSecret DeleteBucket DeleteRepository";
    for action in once.split(' ') {
        faults(&world).add(on(action).nth(1), Fault::CutAfter);
    }
    done(&world).await;
    assert_eq!(faults(&world).injected().len(), 8, "{:#?}", faults(&world).injected());
    ends_right(&mut world, 0).await;
}
