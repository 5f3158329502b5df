//! Credentials that are over in the middle of a run.

use std::sync::Arc;

use aws_config::SdkConfig;
use iasql::{
    aws::Aws,
    engine::{Kind, State},
};

use super::{census, done, ends_right, faults, hasty, on};
use crate::{
    engine::World,
    support::{Account, faults::Fault},
};

const TWO: &str = "insert into ec2.vpc (name, cidr_block) values ('one', '10.0.0.0/16'), ('two', '10.1.0.0/16'); insert into sqs.queue (name) values ('jobs')";

/// An engine whose chain gives these credentials when the first ones are over.
fn renewing(account: &Account, then: SdkConfig) -> Aws {
    let then = Arc::new(then);
    Aws::renewing(
        account.hasty(2),
        Box::new(move || {
            let then = Arc::clone(&then);
            Box::pin(async move { Some(SdkConfig::clone(&then)) })
        }),
    )
}

#[tokio::test]
async fn a_run_goes_on_with_new_credentials_where_the_chain_gives_them() {
    let mut world = hasty(&["ec2", "sqs"]).await;
    let other = world.account.again().await;
    world.through(&renewing(&world.account, other));
    world.sql(TWO).await;
    faults(&world).add(on("DescribeSubnets").nth(1), Fault::Expired);
    done(&world).await;
    assert!(!faults(&world).injected().is_empty());
    ends_right(&mut world, 1).await;
}

#[tokio::test]
async fn credentials_that_end_between_two_changes_are_renewed_and_nothing_is_made_twice() {
    let mut world = hasty(&["ec2", "sqs"]).await;
    let other = world.account.again().await;
    world.through(&renewing(&world.account, other));
    world.sql(TWO).await;
    faults(&world).add(on("CreateVpc").nth(2), Fault::Expired);
    let mut runs = 0;
    while world.run(Kind::Check).await.state == State::Waiting {
        runs += 1;
        assert!(runs < 4);
    }
    ends_right(&mut world, 1).await;
}

#[tokio::test]
async fn credentials_that_end_and_come_from_nowhere_else_end_the_run_with_a_sentence_that_says_what_to_do() {
    let mut world: World = hasty(&["ec2", "sqs"]).await;
    world.through(&renewing(&world.account, world.account.config.clone()));
    world.sql(TWO).await;
    faults(&world).add(on("CreateVpc").nth(1), Fault::Expired);
    let outcome = world.run(Kind::Check).await;
    assert_eq!(outcome.state, State::Failed, "{outcome:#?}");
    let hint = "the credentials are over; renew them where they come from, and check again";
    assert!(outcome.errors[0].contains(hint), "{:?}", outcome.errors);
    assert_eq!(world.ask("select state from iasql.run order by started_at desc limit 1").await, ["failed"]);
    assert_eq!(world.ask("select count(*)::text from iasql.change where state = 'intent'").await, ["0"]);
    // the next run can read nothing: it says so once, and does nothing
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, outcome.applied), (State::Failed, 0));
    assert!(!outcome.errors.is_empty() && outcome.errors.iter().all(|said| said.contains(hint)), "{:?}", outcome.errors);
    let there = census(&world).await;
    world.through(&Aws::new(world.account.again().await));
    done(&world).await;
    assert!(there.len() < census(&world).await.len());
    ends_right(&mut world, 1).await;
}
