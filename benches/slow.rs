//! 1,000 security groups that did not change, in a cloud that is far away.

use std::time::{Duration, Instant};

use aws_config::{BehaviorVersion, Region};
use aws_sdk_ec2::config::Credentials;
use iasql::{aws::Aws, engine::Kind};

use crate::{
    canned,
    ground::Ground,
    table::{Figure, median, ratio, time},
};

const RUNS: usize = 7;

/// Beside the two lists that it takes at the least.
pub(crate) async fn figures(ground: &Ground) -> Vec<Figure> {
    let mut user = ground.user(&["ec2"]).await;
    user.sql(include_str!("rows/groups.sql")).await;
    let aws = far_away(&canned::serve(user.database.name()).await).await;
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..=RUNS {
        bare.push(two_lists(&aws).await);
        let started = Instant::now();
        let outcome = user.run(Kind::Check, &aws).await;
        ours.push(started.elapsed());
        assert_eq!((outcome.applied, outcome.plan.len()), (0, 0), "{outcome:#?}");
    }
    // the first check is another one: it takes everything in
    let (first, ours, bare) = (ours[0], median(ours.split_off(1)), median(bare.split_off(1)));
    vec![Figure {
        what: "check of 1,000 unchanged security groups and 2,000 rules, 50 ms a call".to_owned(),
        measured: format!("{} (the first time {})", time(ours), time(first)),
        goal: "≤ 1 s",
        beside: format!(
            "{} for the three pages alone, one after the other: {} times; Terraform: 79 s, 1,006 calls †",
            time(bare),
            ratio(ours, bare)
        ),
    }]
}

async fn two_lists(aws: &Aws) -> Duration {
    let started = Instant::now();
    let groups =
        aws.ec2().describe_security_groups().max_results(1000).into_paginator().items().send().try_collect().await.expect("a list");
    let rules =
        aws.ec2().describe_security_group_rules().max_results(1000).into_paginator().items().send().try_collect().await.expect("a list");
    assert_eq!((groups.len(), rules.len()), (1000, 2000));
    started.elapsed()
}

async fn far_away(endpoint: &str) -> Aws {
    let keys = Credentials::new("test", "test", None, None, "a benchmark");
    let config =
        aws_config::defaults(BehaviorVersion::latest()).endpoint_url(endpoint).region(Region::new("us-east-1")).credentials_provider(keys);
    Aws::new(config.load().await)
}
