//! Ways out of a network and into it: from rows to the cloud and back.

use super::World;

/// A network with a NAT gateway, and a private route table.
async fn shop() -> World {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16'), ('office', '10.30.0.0/16')").await;
    world.sql("insert into ec2.subnet (name, vpc, cidr_block) values ('shop', 'shop', '10.20.0.0/24')").await;
    world.sql("insert into ec2.nat_gateway (name, subnet, connectivity_type) values ('shop', 'shop', 'private')").await;
    world.sql("insert into ec2.vpc_peering_connection (name, vpc, peer_vpc) values ('shop', 'shop', 'office')").await;
    world.sql("insert into ec2.route_table (name, vpc) values ('shop', 'shop')").await;
    world.sql("insert into ec2.route (route_table, destination, nat_gateway) values ('shop', '0.0.0.0/0', 'shop')").await;
    world.sql("insert into ec2.route (route_table, destination, vpc_peering_connection) values ('shop', '10.30.0.0/16', 'shop')").await;
    world.settled().await;
    world
}

#[tokio::test]
async fn a_target_named_by_its_row_or_by_its_id_is_the_same() {
    let mut world = shop().await;
    world.sql("update ec2.route r set nat_gateway = null, nat_gateway_id = g.nat_gateway_id from ec2.nat_gateway g where r.nat_gateway = g.name").await;
    world.sql("update ec2.route r set vpc_peering_connection = null, vpc_peering_connection_id = p.vpc_peering_connection_id from ec2.vpc_peering_connection p where r.vpc_peering_connection = p.name").await;
    assert_eq!(world.check().await, Vec::<String>::new());
    world.sql("update ec2.route set nat_gateway = 'shop', nat_gateway_id = null where nat_gateway_id is not null").await;
    assert_eq!(world.check().await, Vec::<String>::new());
    let refusal = world.refusal("update ec2.route set nat_gateway_id = 'nat-1' where nat_gateway = 'shop'").await;
    assert!(refusal.contains("a_route_has_exactly_one_target"), "{refusal}");
}

#[tokio::test]
async fn a_replaced_nat_gateway_gets_its_routes_back() {
    let mut world = shop().await;
    world.sql("update ec2.nat_gateway set private_ip_address = '10.20.0.77'").await;
    let diff = world.diff().await;
    assert!(diff.contains(&"~ ec2.route shop 0.0.0.0/0 (us-east-1)  # ec2.nat_gateway shop is replaced".to_owned()), "{diff:#?}");
}

#[tokio::test]
async fn a_whole_network_is_made_in_one_call() {
    let mut world = World::with(&["ec2"]).await;
    let zones = "array['us-east-1a', 'us-east-1b', 'us-east-1c']";
    let made = world
        .ask(&format!("select resource || ' ' || made from ec2.make_network('shop', '10.20.0.0/16', {zones}, nat_gateway => true)"))
        .await;
    assert_eq!((made.len(), made[0].as_str(), made[2].as_str()), (20, "ec2.vpc shop", "ec2.subnet shop-public-a"), "{made:#?}");
    let subnets = world
        .ask("select concat_ws(' ', name, cidr_block, availability_zone, map_public_ip_on_launch) from ec2.subnet order by cidr_block")
        .await;
    let expected = [
        "shop-public-a 10.20.0.0/19 us-east-1a t",
        "shop-public-b 10.20.32.0/19 us-east-1b t",
        "shop-public-c 10.20.64.0/19 us-east-1c t",
        "shop-private-a 10.20.128.0/19 us-east-1a f",
        "shop-private-b 10.20.160.0/19 us-east-1b f",
        "shop-private-c 10.20.192.0/19 us-east-1c f",
    ];
    assert_eq!(subnets, expected);
    let calls = world.settled().await;
    let count = |call: &str| calls.iter().filter(|it| *it == call).count();
    assert_eq!(
        ["CreateVpc", "CreateSubnet", "CreateNatGateway", "CreateRoute", "AssociateRouteTable"].map(count),
        [1, 6, 1, 2, 6],
        "{calls:#?}"
    );
}

#[tokio::test]
async fn a_network_that_does_not_fit_is_refused_in_words() {
    let mut world = World::with(&["ec2"]).await;
    let refusal = world.refusal("select ec2.make_network('shop', '10.20.0.0/27', array['us-east-1a', 'us-east-1b'])").await;
    assert!(refusal.contains("10.20.0.0/27 is too small for 4 subnets"), "{refusal}");
    let refusal = world.refusal("select ec2.make_network('shop', '10.20.0.0/16', '{}')").await;
    assert!(refusal.contains("at least one availability zone"), "{refusal}");
    // another region than the default one, without a NAT gateway
    world.sql("select ec2.make_network('shop', '10.20.0.0/26', array['eu-west-1a'], region => 'eu-west-1')").await;
    assert_eq!(
        world.ask("select region || ' ' || cidr_block from ec2.subnet order by cidr_block").await,
        ["eu-west-1 10.20.0.0/27", "eu-west-1 10.20.0.32/27"]
    );
}
