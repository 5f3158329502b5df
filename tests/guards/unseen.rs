//! What was not seen whole, and what nobody knows.

use iasql::engine::{Kind, State};

use crate::{
    engine::World,
    support::faults::{Fault, on},
};

const NETWORK: &str = "
    insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16');
    insert into ec2.subnet (name, vpc, cidr_block) values ('a', 'core', '10.0.0.0/24');";

#[tokio::test]
async fn nothing_is_planned_for_a_blind_type_and_what_stands_on_it_stays() {
    let mut world = World::with(&["ec2"]).await;
    world.sql(NETWORK).await;
    world.check().await;
    world.account.calls.refuse(&["DescribeVpcs"]);
    world.sql("update ec2.vpc set cidr_block = '10.9.0.0/16'; insert into ec2.subnet (name, vpc, cidr_block) values ('b', 'core', '10.0.1.0/24')").await;
    let outcome = world.run(Kind::Check).await;
    // the network is there, as it was seen before
    assert_eq!((outcome.state, world.account.calls.take_changes()), (State::Done, vec!["CreateSubnet".to_owned()]), "{outcome:#?}");
    let diff = world.diff().await;
    assert!(diff[..diff.len() - 1].iter().all(|line| line.starts_with("! ") && line.contains("DescribeVpcs: not for you")), "{diff:#?}");
    assert_eq!(diff[diff.len() - 1], "Nothing to do where the cloud can be seen.");
}

#[tokio::test]
async fn what_blind_things_stand_on_is_not_removed_and_not_replaced_under_them() {
    let mut world = World::with(&["ec2"]).await;
    world.sql(NETWORK).await;
    world.check().await;
    world.account.calls.refuse(&["DescribeSubnets"]);
    let id = world.ask("select subnet_id from ec2.subnet").await.remove(0);
    let blocked = format!("BLOCKED: ec2.subnet {id} stands on it and can't be seen");
    for (sql, line) in [
        ("update ec2.vpc set cidr_block = '10.9.0.0/16'", "-/+ ec2.vpc core"),
        ("delete from ec2.subnet; delete from ec2.vpc", "- ec2.vpc core"),
    ] {
        world.sql(sql).await;
        let outcome = world.run(Kind::Check).await;
        assert_eq!((outcome.state, world.account.calls.take_changes()), (State::Failed, vec![]), "{outcome:#?}");
        let diff = world.diff().await;
        assert!(diff.contains(&format!("{line} (us-east-1)  {blocked}")), "{diff:#?}");
        assert!(
            !diff.iter().any(|line| line.contains(" ec2.subnet ") && !line.starts_with("! ") && !line.contains("ec2.vpc core")),
            "{diff:#?}"
        );
    }
    world.account.calls.refuse(&[]);
    assert_eq!(world.check().await, ["DeleteSubnet", "DeleteVpc"]);
}

#[tokio::test]
async fn a_list_that_breaks_off_in_the_middle_is_not_taken_for_the_whole() {
    let mut world = World::with(&["logs"]).await;
    world.sql("insert into logs.log_group (name) values ('a'), ('b'), ('c')").await;
    world.check().await;
    world.sql("delete from logs.log_group where name = 'a'; insert into logs.log_group (name) values ('d')").await;
    let faults = world.account.calls.faults();
    faults.add(on("DescribeLogGroups").nth(2), Fault::Denied);
    faults.add(on("DescribeLogGroups"), Fault::Pages("limit", 2));
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.plan.len(), world.account.calls.take_changes()), (0, vec![]), "{outcome:#?}");
    assert!(outcome.blind.iter().any(|said| said.starts_with("logs.log_group in us-east-1: ")), "{outcome:#?}");
    world.account.calls.faults().calm();
    let mut calls = world.check().await;
    calls.sort();
    assert_eq!(calls, ["CreateLogGroup", "DeleteLogGroup"]);
}
