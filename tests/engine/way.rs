//! The way to the cloud: what is said where there is none.

use std::net::TcpListener;

use aws_config::SdkConfig;
use iasql::{
    aws::Aws,
    engine::{Kind, Outcome, State},
};

use super::World;

/// A user who asks for a bucket and a secret over this way to the cloud.
async fn over(config: impl FnOnce(SdkConfig) -> SdkConfig) -> Outcome {
    let mut world = World::with(&["s3", "secretsmanager"]).await;
    world.sql(&format!("insert into s3.bucket (name) values ('shop-{}')", world.account.id)).await;
    world.sql("insert into secretsmanager.secret (name, value) values ('shop', 'x')").await;
    let aws = Aws::new(config(world.account.config.clone()));
    world.through(&aws);
    let outcome = world.run(Kind::Check).await;
    assert_eq!(outcome.applied, 0, "{outcome:#?}");
    outcome
}

#[tokio::test]
async fn an_endpoint_that_is_down_is_named_and_nothing_is_done() {
    // a port that was free a moment ago
    let endpoint = format!("http://{}", TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap());
    let outcome = over(|config| config.to_builder().endpoint_url(endpoint).build()).await;
    eprintln!("{outcome:#?}");
    assert_eq!(outcome.blind.len(), 7);
    assert!(outcome.blind[0].starts_with("s3.bucket: ListBuckets: "), "{:#?}", outcome.blind);
}
