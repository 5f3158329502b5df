//! Networks: from rows to the cloud and back.

use aws_sdk_ec2::types::{AttributeBooleanValue, Tag};
use iasql::engine::{Kind, State};

use super::World;

const SHOP: &str = "
    insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
    insert into ec2.subnet (name, vpc, cidr_block, map_public_ip_on_launch) values ('public', 'shop', '10.20.0.0/24', true), ('private', 'shop', '10.20.1.0/24', false);
    insert into ec2.internet_gateway (name, vpc) values ('shop', 'shop');
    insert into ec2.route_table (name, vpc) values ('public', 'shop');
    insert into ec2.route (route_table, destination, internet_gateway) values ('public', '0.0.0.0/0', 'shop');
    insert into ec2.route_table_association (subnet, route_table) values ('public', 'public');";

async fn shop() -> World {
    let mut world = World::with(&["ec2"]).await;
    world.sql(SHOP).await;
    let mut calls = world.check().await;
    assert_eq!(calls[0], "CreateVpc");
    in_order(&calls, &["CreateSubnet", "ModifySubnetAttribute"]);
    in_order(&calls, &["CreateInternetGateway", "AttachInternetGateway", "CreateRoute"]);
    in_order(&calls, &["CreateRouteTable", "CreateRoute"]);
    in_order(&calls, &["CreateRouteTable", "AssociateRouteTable"]);
    calls.sort();
    let all = ["AssociateRouteTable", "AttachInternetGateway", "CreateInternetGateway", "CreateRoute", "CreateRouteTable"];
    assert_eq!(calls, [&all[..], &["CreateSubnet", "CreateSubnet", "CreateVpc", "ModifySubnetAttribute"]].concat());
    world
}

/// The first of each of these calls comes before the first of the next.
fn in_order(calls: &[String], order: &[&str]) {
    let places: Vec<_> = order.iter().map(|call| calls.iter().position(|it| it == call)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{order:?} in {calls:?}");
}

/// The local cloud keeps the association of a subnet that is gone, and then refuses to delete its table: AWS removes it with
/// its subnet, and so the plan makes no call for it. Where that matters here, it is taken away beforehand.
async fn alone(world: &mut World) {
    world.sql("delete from ec2.route_table_association").await;
    assert_eq!(world.check().await, ["DisassociateRouteTable"]);
}

async fn id(world: &mut World, table: &str, name: &str) -> String {
    let column = format!("{}_id", table.trim_start_matches("ec2."));
    world.ask(&format!("select {column} from {table} where name = '{name}'")).await.remove(0)
}

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

#[tokio::test]
async fn a_whole_network_is_torn_down_with_whoever_stands_on_something_first() {
    let mut world = shop().await;
    alone(&mut world).await;
    world.sql("delete from ec2.route; delete from ec2.route_table; delete from ec2.internet_gateway; delete from ec2.subnet; delete from ec2.vpc").await;
    assert_eq!(world.diff().await.last().unwrap(), "Plan: 6 to delete.");
    let mut calls = world.check().await;
    assert_eq!(calls.last().unwrap(), "DeleteVpc");
    // the route goes with its table, and holds the gateway until then
    in_order(&calls, &["DeleteRouteTable", "DetachInternetGateway", "DeleteInternetGateway"]);
    calls.sort();
    let all = ["DeleteInternetGateway", "DeleteRouteTable", "DeleteSubnet", "DeleteSubnet", "DeleteVpc", "DetachInternetGateway"];
    assert_eq!(calls, all);
    let left = world.outside().await.ec2().describe_vpcs().send().await.unwrap();
    assert!(left.vpcs().iter().all(|vpc| vpc.is_default() == Some(true)));
}

#[tokio::test]
async fn a_replaced_vpc_drags_all_along_that_stands_on_it() {
    let mut world = shop().await;
    alone(&mut world).await;
    world.sql("update ec2.vpc set instance_tenancy = 'dedicated'").await;
    let diff = world.diff().await;
    // the gateway is moved over, everything else is made anew
    assert_eq!(diff.last().unwrap(), "Plan: 1 to update, 5 to replace.", "{diff:#?}");
    assert!(diff.contains(&"~ ec2.internet_gateway shop (us-east-1)  # ec2.vpc shop is replaced".to_owned()), "{diff:#?}");
    let mut calls = world.check().await;
    in_order(&calls, &["CreateVpc", "DetachInternetGateway", "AttachInternetGateway", "DeleteVpc"]);
    in_order(&calls, &["DeleteSubnet", "DeleteVpc"]);
    in_order(&calls, &["DeleteRouteTable", "DeleteVpc"]);
    calls.sort();
    let made = ["AttachInternetGateway", "CreateRoute", "CreateRouteTable", "CreateSubnet", "CreateSubnet", "CreateVpc"];
    let gone = ["DeleteRouteTable", "DeleteSubnet", "DeleteSubnet", "DeleteVpc", "DetachInternetGateway", "ModifySubnetAttribute"];
    assert_eq!(calls, [&made[..], &gone].concat());
}

#[tokio::test]
async fn a_renamed_vpc_gets_one_tag_though_all_refer_to_it() {
    let mut world = shop().await;
    world.sql("update ec2.vpc set name = 'store'").await;
    assert_eq!(world.diff().await, ["~ ec2.vpc store (us-east-1)", "      name: shop -> store", "Plan: 1 to update."]);
    assert_eq!(world.check().await, ["CreateTags"]);
    world.sql("update ec2.subnet set name = 'outer' where name = 'public'; update ec2.route_table set name = 'outer'; update ec2.internet_gateway set name = 'door'").await;
    assert_eq!(world.diff().await.last().unwrap(), "Plan: 3 to update.");
    assert_eq!(world.check().await, ["CreateTags", "CreateTags", "CreateTags"]);
    assert_eq!(world.ask("select subnet || ' ' || route_table from ec2.route_table_association").await, ["outer outer"]);
}

#[tokio::test]
async fn a_replaced_subnet_takes_its_association_along_and_leaves_the_rest_alone() {
    let mut world = shop().await;
    world.sql("update ec2.subnet set cidr_block = '10.20.7.0/24' where name = 'public'").await;
    assert_eq!(world.diff().await.last().unwrap(), "Plan: 2 to replace.");
    // the association goes with the old subnet, and is made with the new one (here the old one stays: see `alone`)
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, outcome.plan.len()), (State::Done, 0), "{outcome:#?}");
    assert_eq!(world.account.calls.take_changes(), ["DeleteSubnet", "CreateSubnet", "ModifySubnetAttribute", "AssociateRouteTable"]);
}

#[tokio::test]
async fn what_changes_in_place_changes_with_one_call() {
    let mut world = shop().await;
    world.sql("update ec2.subnet set map_public_ip_on_launch = true where name = 'private'").await;
    assert_eq!(world.check().await, ["ModifySubnetAttribute"]);
    world.sql("update ec2.vpc set tags = '{\"team\": \"a\"}'").await;
    assert_eq!(world.check().await, ["CreateTags"]);
    world.sql("update ec2.vpc set tags = '{\"stage\": \"b\"}'").await;
    assert_eq!(world.check().await, ["CreateTags", "DeleteTags"]);
    world.sql("insert into ec2.route_table (name, vpc) values ('other', 'shop')").await;
    world.sql("update ec2.route_table_association set route_table = 'other'").await;
    assert_eq!(world.check().await, ["CreateRouteTable", "ReplaceRouteTableAssociation"]);
    // the way out stays open: nothing is dropped before the other gateway takes over
    world.sql("insert into ec2.vpc (name, cidr_block) values ('next', '10.30.0.0/16')").await;
    world.sql("update ec2.internet_gateway set vpc = 'next'; delete from ec2.route").await;
    let mut calls = world.check().await;
    in_order(&calls, &["CreateVpc", "DetachInternetGateway", "AttachInternetGateway"]);
    calls.sort();
    assert_eq!(calls, ["AttachInternetGateway", "CreateVpc", "DeleteRoute", "DetachInternetGateway"]);
}

#[tokio::test]
async fn a_route_turns_to_another_target_without_a_gap() {
    let mut world = shop().await;
    let aws = world.outside().await;
    let vpn = aws.ec2().create_vpn_gateway().r#type(aws_sdk_ec2::types::GatewayType::Ipsec1).send().await.unwrap();
    let vpn = vpn.vpn_gateway().and_then(|gateway| gateway.vpn_gateway_id()).unwrap().to_owned();
    world.sql(&format!("update ec2.route set internet_gateway = null, gateway_id = '{vpn}'")).await;
    assert_eq!(world.check().await, ["ReplaceRoute"]);
    world.sql("update ec2.route set internet_gateway = 'shop', gateway_id = null").await;
    assert_eq!(world.check().await, ["ReplaceRoute"]);
    world.sql("update ec2.route set destination = '0.0.0.0/1'").await;
    assert_eq!(world.diff().await.last().unwrap(), "Plan: 1 to replace.");
    assert_eq!(world.check().await, ["DeleteRoute", "CreateRoute"]);
}

#[tokio::test]
async fn what_somebody_else_changed_is_seen_and_exactly_that_is_repaired() {
    let mut world = shop().await;
    let aws = world.outside().await;
    let (vpc, subnet, table) = (
        id(&mut world, "ec2.vpc", "shop").await,
        id(&mut world, "ec2.subnet", "public").await,
        id(&mut world, "ec2.route_table", "public").await,
    );
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
    aws.ec2().create_tags().resources(&vpc).tags(tag("Name", "mine")).tags(tag("by", "hand")).send().await.unwrap();
    let off = AttributeBooleanValue::builder().value(false).build();
    aws.ec2().modify_subnet_attribute().subnet_id(&subnet).map_public_ip_on_launch(off).send().await.unwrap();
    aws.ec2().delete_route().route_table_id(&table).destination_cidr_block("0.0.0.0/0").send().await.unwrap();
    world.run(Kind::Refresh).await;
    assert_eq!(
        world.diff().await,
        [
            "+ ec2.route public 0.0.0.0/0 (us-east-1)",
            "~ ec2.subnet public (us-east-1)",
            "      map_public_ip_on_launch: false -> true",
            "~ ec2.vpc shop (us-east-1)",
            "      name: mine -> shop",
            "      tags: {\"by\": \"hand\"} -> {}",
            "Plan: 1 to create, 2 to update."
        ]
    );
    let mut calls = world.check().await;
    calls.sort();
    assert_eq!(calls, ["CreateRoute", "CreateTags", "DeleteTags", "ModifySubnetAttribute"]);
}

#[tokio::test]
async fn what_somebody_else_removed_is_made_again_and_nothing_else() {
    let mut world = shop().await;
    let aws = world.outside().await;
    let (table, gateway, subnet, vpc) = (
        id(&mut world, "ec2.route_table", "public").await,
        id(&mut world, "ec2.internet_gateway", "shop").await,
        id(&mut world, "ec2.subnet", "private").await,
        id(&mut world, "ec2.vpc", "shop").await,
    );
    let association = world.ask("select route_table_association_id from ec2.route_table_association").await.remove(0);
    aws.ec2().disassociate_route_table().association_id(association).send().await.unwrap();
    aws.ec2().delete_subnet().subnet_id(subnet).send().await.unwrap();
    assert_eq!(world.check().await.len(), 2);
    assert_ne!(id(&mut world, "ec2.subnet", "private").await, "");
    // a detached gateway is attached again
    aws.ec2().detach_internet_gateway().internet_gateway_id(&gateway).vpc_id(vpc).send().await.unwrap();
    assert_eq!(world.check().await, ["AttachInternetGateway"]);
    let association = world.ask("select route_table_association_id from ec2.route_table_association").await.remove(0);
    aws.ec2().disassociate_route_table().association_id(association).send().await.unwrap();
    aws.ec2().delete_route_table().route_table_id(table).send().await.unwrap();
    let mut calls = world.check().await;
    assert_eq!(calls.remove(0), "CreateRouteTable");
    calls.sort();
    assert_eq!(calls, ["AssociateRouteTable", "CreateRoute"]);
}

#[tokio::test]
async fn a_gateway_lives_without_a_vpc_too() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.internet_gateway (name) values ('door')").await;
    assert_eq!(world.check().await, ["CreateInternetGateway"]);
    world.sql("insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16'); update ec2.internet_gateway set vpc = 'shop'").await;
    assert_eq!(world.check().await, ["CreateVpc", "AttachInternetGateway"]);
    world.sql("delete from ec2.internet_gateway").await;
    assert_eq!(world.check().await, ["DetachInternetGateway", "DeleteInternetGateway"]);
    assert_eq!(world.run(Kind::Plan).await.state, State::Done);
}

#[tokio::test]
async fn the_tags_of_a_route_table_change_in_place() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16'); insert into ec2.route_table (name, vpc) values ('public', 'core')").await;
    world.check().await;
    world.sql(r#"update ec2.route_table set tags = '{"team": "shop"}'"#).await;
    assert_eq!(world.check().await, ["CreateTags"]);
    world.sql("update ec2.route_table set tags = '{}'").await;
    assert_eq!(world.check().await, ["DeleteTags"]);
}
