//! Refusals that pass, and some that don't: what they are about waits, and all else goes on.

use iasql::engine::{Kind, State};

use super::{TRUST, census, done, ends_right, faults, hasty, on, wanted};
use crate::{engine::World, support::faults::Fault};

const CREATIONS: &str = "CreateVpc CreateSubnet CreateSecurityGroup CreateRole CreateQueue CreateLogGroup CreateSecret CreateBucket";

/// A user who wants one thing of each service: all forms in which AWS refuses.
async fn with_one_of_each() -> World {
    let mut world = hasty(&["ec2", "iam", "sqs", "logs", "secretsmanager", "s3"]).await;
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
             insert into s3.bucket (name) values ('refused-{id}');
             commit"
        ))
        .await;
    world
}

/// With each first creation of a kind refused this way once, the very first check makes everything.
async fn passes_at_once(fault: Fault) {
    let mut world = with_one_of_each().await;
    for action in CREATIONS.split(' ') {
        faults(&world).add(on(action).nth(1), fault.clone());
    }
    done(&world).await;
    assert_eq!(faults(&world).injected().len(), 8);
    ends_right(&mut world, 1).await;
}

#[tokio::test]
async fn throttling_in_each_services_own_words_is_tried_again_at_once() {
    passes_at_once(Fault::Throttled).await;
}

/// Where the service fails for longer than the client tries, the run waits, and the next look makes what is left: each once.
async fn passes_later(fault: Fault) {
    let mut world = with_one_of_each().await;
    faults(&world).add(on(CREATIONS).first(24), fault.clone());
    let mut checks = 1;
    while world.run(Kind::Check).await.state == State::Waiting {
        checks += 1;
        assert!(checks < 12, "{:#?}", faults(&world).injected());
    }
    assert!(checks > 1);
    assert_eq!(world.account.calls.refused(), Vec::<String>::new(), "none was made twice");
    ends_right(&mut world, 1).await;
}

#[tokio::test]
async fn throttling_for_longer_than_the_client_tries_is_waited_for() {
    passes_later(Fault::Throttled).await;
}

#[tokio::test]
async fn a_service_that_answers_500_is_asked_again_and_nothing_is_made_twice() {
    passes_later(Fault::Broken(500)).await;
}

#[tokio::test]
async fn a_service_that_answers_503_is_asked_again_and_nothing_is_made_twice() {
    passes_later(Fault::Broken(503)).await;
}

#[tokio::test]
async fn a_gateway_that_answers_502_without_a_code_is_a_failure_that_passes() {
    passes_later(Fault::Broken(502)).await;
}

#[tokio::test]
async fn a_list_that_may_not_be_read_leaves_its_type_out_and_all_others_go_on() {
    let mut world = with_one_of_each().await;
    faults(&world).add(on("DescribeSubnets"), Fault::Denied);
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, outcome.errors.len()), (State::Done, 0), "{outcome:#?}");
    assert!(outcome.blind[0].starts_with("ec2.subnet in us-east-1: DescribeSubnets: not for you"), "{:?}", outcome.blind);
    assert!(!census(&world).await.iter().any(|thing| thing.starts_with("ec2.subnet")));
    ends_right(&mut world, 1).await;
}

#[tokio::test]
async fn a_creation_that_is_denied_is_told_and_stops_only_what_stands_on_it() {
    let mut world = with_one_of_each().await;
    faults(&world).add(on("CreateVpc"), Fault::Denied);
    let outcome = world.run(Kind::Check).await;
    assert_eq!(
        (outcome.state, outcome.applied, &outcome.errors[..]),
        (State::Failed, 5, &["ec2.vpc core (us-east-1): CreateVpc: not for you (UnauthorizedOperation)".to_owned()][..])
    );
    ends_right(&mut world, 1).await;
}

#[tokio::test]
async fn a_region_that_is_denied_is_left_out_and_the_others_go_on() {
    let mut world = hasty(&["ec2"]).await;
    world
        .sql("insert into ec2.vpc (region, name, cidr_block) values ('us-east-1', 'one', '10.0.0.0/16'), ('eu-west-1', 'two', '10.1.0.0/16')")
        .await;
    let all = "DescribeVpcs DescribeSubnets DescribeSecurityGroups DescribeInternetGateways DescribeRouteTables CreateVpc";
    faults(&world).add(on(all).in_region("eu-west-1"), Fault::Denied);
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, outcome.applied, outcome.errors.len()), (State::Done, 1, 0), "{outcome:#?}");
    assert_eq!(outcome.blind, ["ec2.vpc in eu-west-1: DescribeVpcs: not for you (UnauthorizedOperation)"]);
    assert_eq!(census(&world).await, ["ec2.vpc 10.0.0.0/16"]);
    ends_right(&mut world, 1).await;
}

#[tokio::test]
async fn a_trust_policy_that_names_a_role_made_a_moment_ago_is_sent_again() {
    let mut world = hasty(&["iam"]).await;
    world.sql(&format!("insert into iam.role (name, assume_role_policy_document) values ('reader', '{TRUST}')")).await;
    let refused = Fault::Refused(400, "MalformedPolicyDocument", "Invalid principal in policy: \"AWS\":\"arn:aws:iam::1:role/x\"");
    faults(&world).add(on("CreateRole").nth(1), refused);
    assert_eq!(world.run(Kind::Check).await.state, State::Waiting);
    done(&world).await;
    ends_right(&mut world, 1).await;
}

#[tokio::test]
async fn a_parent_that_is_not_known_everywhere_yet_is_waited_for() {
    let mut world = hasty(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    world.check().await;
    world.sql("insert into ec2.subnet (name, vpc, cidr_block, availability_zone) values ('a', 'core', '10.0.0.0/24', 'us-east-1a')").await;
    faults(&world).add(on("CreateSubnet").nth(1), Fault::Refused(400, "InvalidVpcID.NotFound", "The vpc ID 'vpc-1' does not exist"));
    assert_eq!(world.run(Kind::Check).await.state, State::Waiting);
    done(&world).await;
    assert_eq!(census(&world).await, wanted(&mut world).await);
    ends_right(&mut world, 1).await;
}
