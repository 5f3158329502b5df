//! What goes wrong does so as it was told, is noted, and is the same for the same seed.

use std::time::Duration;

use aws_sdk_ec2::error::ProvideErrorMetadata;
use iasql::aws::Aws;

use super::{Fault, Rates, on};
use crate::support::{Account, account};

/// What somebody hears on making a network, and how many there are then besides the first one.
async fn made(account: &Account, aws: &Aws) -> (String, usize) {
    let answer = aws.ec2().create_vpc().cidr_block("10.9.0.0/16").send().await;
    let said = match answer {
        Ok(_) => "made".to_owned(),
        Err(error) => error.as_service_error().map_or_else(
            || error.to_string(),
            |refusal| format!("{} {}", error.raw_response().map_or(0, |raw| raw.status().as_u16()), refusal.code().unwrap_or_default()),
        ),
    };
    (said, vpcs(&account.outside().await).await - 1)
}

async fn vpcs(aws: &Aws) -> usize {
    aws.ec2().describe_vpcs().send().await.expect("a list").vpcs().len()
}

#[tokio::test]
async fn each_fault_is_what_a_client_sees_and_happens_before_or_after_the_effect() {
    let cases = [
        (Fault::Throttled, "400 RequestLimitExceeded", 0),
        (Fault::Broken(500), "500 InternalError", 0),
        (Fault::Broken(503), "503 Unavailable", 0),
        (Fault::CutBefore, "dispatch failure", 0),
        (Fault::CutAfter, "dispatch failure", 1),
        (Fault::CutMidway, "response error", 1),
        (Fault::SilentBefore, "request has timed out", 0),
        (Fault::SilentAfter, "request has timed out", 1),
        (Fault::Denied, "403 UnauthorizedOperation", 0),
        (Fault::Refused(400, "VpcLimitExceeded", "no more"), "400 VpcLimitExceeded", 0),
        (Fault::Slow(Duration::from_millis(5)), "made", 1),
        (Fault::Expired, "400 RequestExpired", 0),
    ];
    for (fault, said, count) in cases {
        let account = account().await;
        account.calls.faults().add(on("CreateVpc").nth(2), fault.clone());
        let once = Aws::new(account.hasty(1));
        assert_eq!(made(&account, &once).await, ("made".to_owned(), 1), "{fault}: the first call is left alone");
        assert_eq!(made(&account, &once).await, (said.to_owned(), 1 + count), "{fault}");
        assert_eq!(account.calls.faults().injected(), [format!("CreateVpc@us-east-1 #2: {fault}")]);
    }
}

#[tokio::test]
async fn a_stale_list_shows_what_was_before_the_last_change_for_so_many_calls() {
    let account = account().await;
    account.calls.faults().add(on("DescribeVpcs").first(4), Fault::Stale);
    let aws = Aws::new(account.hasty(1));
    assert_eq!(vpcs(&aws).await, 1, "nothing is known of before: it is told as it is");
    aws.ec2().create_vpc().cidr_block("10.9.0.0/16").send().await.expect("a network");
    let mut seen = vec![];
    for _ in 0..4 {
        seen.push(vpcs(&aws).await);
    }
    assert_eq!(seen, [1, 1, 1, 2]);
    assert_eq!(account.calls.faults().injected().len(), 3);
}

#[tokio::test]
async fn a_call_that_is_held_does_nothing_until_the_gate_opens_and_calm_is_calm() {
    let account = account().await;
    let gate = account.calls.faults().hold(on("CreateVpc").in_region("us-east-1").asking("10.9.0.0"));
    account.calls.faults().add(on("DescribeVpcs DescribeSubnets").from(2), Fault::Denied);
    let (made, ()) = tokio::join!(made(&account, &account.aws), async {
        gate.reached().await;
        assert_eq!(vpcs(&account.outside().await).await, 1);
        gate.open();
    });
    assert_eq!(made, ("made".to_owned(), 1));
    let aws = Aws::new(account.hasty(1));
    assert_eq!(vpcs(&aws).await, 2);
    aws.ec2().describe_vpcs().send().await.expect_err("a refusal");
    account.calls.faults().calm();
    assert_eq!(vpcs(&aws).await, 2);
}

#[tokio::test]
async fn a_list_comes_in_smaller_pages() {
    let account = account().await;
    for name in ["a", "b", "c"] {
        account.aws.logs().create_log_group().log_group_name(name).send().await.expect("a group");
    }
    account.calls.faults().add(on("DescribeLogGroups"), Fault::Pages("limit", 2));
    let groups = account.aws.logs().describe_log_groups().into_paginator().items().send().try_collect().await.expect("a list");
    assert_eq!((groups.len(), account.calls.faults().injected().len()), (3, 2));
}

#[tokio::test]
async fn the_same_seed_decides_the_same_and_another_one_otherwise() {
    let mut told = vec![];
    for seed in [7, 7, 8] {
        let account = account().await;
        account.calls.faults().play(seed, Rates { broken: 300, ..Rates::of_each(100) });
        let once = Aws::new(account.hasty(1));
        for _ in 0..20 {
            let _ = once.ec2().describe_vpcs().send().await;
        }
        told.push(account.calls.faults().injected());
    }
    assert_eq!(told[0], told[1]);
    assert!(told[0] != told[2] && told[0].len() > 5, "{told:#?}");
}
