//! Several regions in one database.

use std::collections::BTreeSet;

use iasql::{
    engine::{Kind, State},
    resource::Cloud,
};

use super::World;

#[tokio::test]
async fn rows_of_several_regions_become_things_of_several_regions() {
    let mut world = World::with(&["ec2"]).await;
    // the same names and ranges: they never meet
    world.sql("insert into ec2.vpc (region, name, cidr_block) values ('us-east-1', 'core', '10.0.0.0/16'), ('eu-west-1', 'core', '10.0.0.0/16')").await;
    world.sql("insert into ec2.subnet (region, name, vpc, cidr_block) values ('us-east-1', 'a', 'core', '10.0.1.0/24'), ('eu-west-1', 'a', 'core', '10.0.2.0/24')").await;
    let diff = [
        "+ ec2.subnet a (eu-west-1)",
        "+ ec2.subnet a (us-east-1)",
        "+ ec2.vpc core (eu-west-1)",
        "+ ec2.vpc core (us-east-1)",
        "Plan: 4 to create.",
    ];
    assert_eq!(world.diff().await, diff);
    let mut calls = world.check().await;
    calls.sort();
    assert_eq!(calls, ["CreateSubnet", "CreateSubnet", "CreateVpc", "CreateVpc"]);
    let aws = world.outside().await;
    for (region, range) in [("us-east-1", "10.0.1.0/24"), ("eu-west-1", "10.0.2.0/24")] {
        let id = world.ask(&format!("select subnet_id from ec2.subnet where region = '{region}'")).await.remove(0);
        let there = aws.at(region).ec2().describe_subnets().subnet_ids(id).send().await.unwrap();
        assert_eq!(there.subnets()[0].cidr_block(), Some(range));
    }
    // a change here is no call there
    world.sql("update ec2.vpc set name = 'store' where region = 'eu-west-1'").await;
    let outcome = world.run(Kind::Check).await;
    let changes: Vec<_> =
        world.account.calls.take().into_iter().filter(|call| call.is_change()).map(|call| (call.action, call.region)).collect();
    assert_eq!((outcome.state, &changes[..]), (State::Done, &[("CreateTags".to_owned(), "eu-west-1".to_owned())][..]));
    world.rests().await;
}

#[tokio::test]
async fn another_region_means_another_thing() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16'); insert into ec2.subnet (name, vpc, cidr_block) values ('a', 'core', '10.0.1.0/24')").await;
    world.check().await;
    world.sql("update ec2.vpc set region = 'eu-west-1'").await;
    assert_eq!(world.diff().await.last().unwrap(), "Plan: 2 to replace.");
    let mut calls = world.check().await;
    calls.sort();
    assert_eq!(calls, ["CreateSubnet", "CreateVpc", "DeleteSubnet", "DeleteVpc"]);
    assert_eq!(world.ask("select region from ec2.subnet").await, ["eu-west-1"]);
}

#[tokio::test]
async fn a_machine_that_moves_to_another_region_ends_where_it_was() {
    let mut world = World::with(&["ec2"]).await;
    let images = world.outside().await.ec2().describe_images().send().await.unwrap();
    let image = images.images()[0].image_id().unwrap();
    world.sql(&format!("insert into ec2.instance (name, image_id, instance_type) values ('one', '{image}', 't3.micro')")).await;
    assert_eq!(world.settled().await, ["RunInstances"]);
    world.sql("update ec2.instance set region = 'eu-west-1'").await;
    assert_eq!(world.settled().await, ["TerminateInstances", "RunInstances"]);
}

#[tokio::test]
async fn only_regions_in_use_and_those_that_the_setting_names_are_read() {
    let mut world = World::with(&["ec2"]).await;
    let default = "us-east-1";
    assert_eq!(read(&mut world).await, [default]);
    world.sql("insert into ec2.vpc (region, name, cidr_block) values ('eu-west-1', 'core', '10.0.0.0/16')").await;
    assert_eq!(read(&mut world).await, ["eu-west-1", default]);
    world.sql("select iasql.set('regions', 'ap-south-1, eu-west-1')").await;
    assert_eq!(read(&mut world).await, ["ap-south-1", "eu-west-1", default]);
}

/// The regions that a plan reads.
async fn read(world: &mut World) -> Vec<String> {
    world.run(Kind::Plan).await;
    let calls = world.account.calls.take().into_iter().filter(|call| call.action == "DescribeSubnets" || call.action == "DescribeVpcs");
    calls.map(|call| call.region).collect::<BTreeSet<_>>().into_iter().collect()
}
