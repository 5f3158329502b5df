//! Networks: from rows to the cloud and back.

use super::World;

#[tokio::test]
async fn an_inserted_row_becomes_a_network() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    assert_eq!(world.diff().await, ["+ ec2.vpc core (us-east-1)", "Plan: 1 to create."]);
    assert_eq!(world.check().await, ["CreateVpc"]);
    let id = world.ask("select vpc_id from ec2.vpc").await.remove(0);
    let there = world.outside().await.ec2().describe_vpcs().vpc_ids(&id).send().await.unwrap();
    assert_eq!(there.vpcs()[0].cidr_block(), Some("10.0.0.0/16"));
}
