//! The way to the cloud: what is said where there is none.

use std::net::TcpListener;

use aws_config::{SdkConfig, profile::ProfileFileCredentialsProvider};
use aws_sdk_sts::config::SharedCredentialsProvider;
use iasql::{
    aws::Aws,
    engine::{Kind, Outcome, State},
};

use super::World;

/// A user whose bucket and secret are there, and who wants another of each over this way to the cloud.
async fn over(other: impl FnOnce(&SdkConfig) -> SdkConfig) -> (World, Outcome) {
    let mut world = World::with(&["s3", "secretsmanager"]).await;
    let id = world.account.id.clone();
    world
        .sql(&format!("insert into s3.bucket (name) values ('a-{id}'); insert into secretsmanager.secret (name, value) values ('a', 'x')"))
        .await;
    world.check().await;
    world
        .sql(&format!("insert into s3.bucket (name) values ('b-{id}'); insert into secretsmanager.secret (name, value) values ('b', 'x')"))
        .await;
    world.through(&Aws::new(other(&world.account.config)));
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, outcome.applied, outcome.plan.len()), (State::Failed, 0, 0), "{outcome:#?}");
    (world, outcome)
}

/// What was not seen is not taken for gone: with the old way all goes on.
async fn goes_on(mut world: World) {
    world.through(&world.account.aws.clone());
    let mut calls = world.check().await;
    calls.sort();
    assert_eq!(calls, ["CreateBucket", "CreateSecret"]);
}

#[tokio::test]
async fn an_endpoint_that_is_down_is_said_and_nothing_is_done() {
    // a port that was free a moment ago
    let endpoint = format!("http://{}", TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap());
    let (world, outcome) = over(|config| config.to_builder().endpoint_url(endpoint).build()).await;
    let said = "AWS does not answer: Connection refused (os error 111)";
    for blind in [format!("s3.bucket: ListBuckets: {said}"), format!("secretsmanager.secret in us-east-1: ListSecrets: {said}")] {
        assert!(outcome.blind.contains(&blind), "{:?}", outcome.blind);
    }
    assert!(outcome.blind.iter().all(|blind| blind.ends_with(said)), "{:?}", outcome.blind);
    assert!(outcome.errors.len() == 1 && outcome.errors[0].ends_with(said), "{:?}", outcome.errors);
    goes_on(world).await;
}

#[tokio::test]
async fn a_user_without_credentials_is_told_so_and_nothing_is_done() {
    let nobody = ProfileFileCredentialsProvider::builder().profile_name("nobody-4711").build();
    let (world, outcome) = over(|config| config.to_builder().credentials_provider(SharedCredentialsProvider::new(nobody)).build()).await;
    assert!(
        outcome.errors[0].contains("there are no credentials to ask AWS with: ") && !outcome.errors[0].contains('\n'),
        "{:?}",
        outcome.errors
    );
    goes_on(world).await;
}
