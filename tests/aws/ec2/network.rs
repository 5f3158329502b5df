//! VPCs, subnets, internet gateways.

use iasql::resource::Kind;
use serde_json::json;

use super::{given, given_subnet, given_vpc, lives, made};
use crate::{
    aws::table::{Table, with},
    support::account,
};

#[tokio::test]
async fn a_vpc_lives() {
    let row = json!({ "name": "a", "cidr_block": "10.1.0.0/16", "tags": { "keep": "1", "drop": "2" } });
    let change = json!({ "name": "b", "tags": { "keep": "1", "new": "3" } });
    lives(&account().await, "ec2.vpc", row, change, &["CreateVpc"], &["CreateTags", "DeleteTags"]).await;
}

#[tokio::test]
async fn a_subnet_lives() {
    let account = account().await;
    let vpc = given_vpc(&account).await;
    let row = json!({ "name": "a", "vpc": vpc, "cidr_block": "10.20.1.0/24", "availability_zone": "us-east-1b", "map_public_ip_on_launch": true, "tags": {} });
    let change = json!({ "name": "b", "map_public_ip_on_launch": false });
    let (create, update) = (["CreateSubnet", "ModifySubnetAttribute"], ["ModifySubnetAttribute", "CreateTags"]);
    lives(&account, "ec2.subnet", row, change, &create, &update).await;
}

#[tokio::test]
async fn a_subnet_that_gives_out_no_public_addresses_is_one_call() {
    let account = account().await;
    let vpc = given_vpc(&account).await;
    let row = json!({ "region": "us-east-1", "name": "a", "vpc": vpc, "cidr_block": "10.20.1.0/24", "map_public_ip_on_launch": false, "tags": {} });
    Table::of(&account, "ec2.subnet").create(row).await.expect("a subnet");
    assert_eq!(account.calls.take_changes(), ["CreateSubnet"]);
}

#[tokio::test]
async fn an_internet_gateway_lives_and_moves_to_another_vpc() {
    let account = account().await;
    let (here, there) = (given_vpc(&account).await, given_vpc(&account).await);
    let row = json!({ "name": "a", "vpc": here, "tags": {} });
    let change = json!({ "name": "b", "vpc": there });
    let update = ["DetachInternetGateway", "AttachInternetGateway", "CreateTags"];
    lives(&account, "ec2.internet_gateway", row, change, &["CreateInternetGateway", "AttachInternetGateway"], &update).await;
}

#[tokio::test]
async fn a_gateway_that_names_no_vpc_stays_where_it_is() {
    let account = account().await;
    let vpc = given_vpc(&account).await;
    given(&account, "ec2.internet_gateway", json!({ "name": "a", "vpc": vpc }), "internet_gateway_id").await;
    let gateways = Table::of(&account, "ec2.internet_gateway");
    let listed = made(&gateways).await;
    account.calls.take();
    gateways.update(with(&listed[0], json!({ "vpc": null })), listed[0].clone()).await.expect("nothing to do");
    assert!(account.calls.take_changes().is_empty());
}

#[tokio::test]
async fn adopting_a_vpc_sets_the_owner_and_touches_nothing_else() {
    let account = account().await;
    account.outside().await.ec2().create_vpc().cidr_block("10.7.0.0/16").send().await.expect("somebody else's");
    let vpcs = Table::of(&account, "ec2.vpc");
    let found = made(&vpcs).await.remove(0);
    assert!(found["owner"].is_null() && found["name"].is_null());
    account.calls.take();
    let adopted = vpcs.update(with(&found, json!({ "name": "ours" })), found).await.expect("an adoption");
    assert_eq!(account.calls.take_changes(), ["CreateTags"]);
    assert_eq!(made(&vpcs).await, [adopted]);
}

#[tokio::test]
async fn what_aws_makes_with_an_account_and_with_a_vpc_is_implicit() {
    let account = account().await;
    let vpc = given_vpc(&account).await;
    given_subnet(&account, &vpc).await;
    let tables =
        [("ec2.vpc", 1), ("ec2.subnet", 1), ("ec2.security_group", 0), ("ec2.security_group_rule", 0), ("ec2.internet_gateway", 0)];
    let more = [("ec2.route_table", 0), ("ec2.route", 0), ("ec2.route_table_association", 0), ("ec2.instance", 0)];
    for (table, ours) in tables.into_iter().chain(more) {
        let rows = made(&Table::of(&account, table)).await;
        assert_eq!(rows.len(), ours, "{table}: {rows:#?}");
    }
}

#[tokio::test]
async fn the_gateway_of_the_default_vpc_and_its_way_out_are_implicit() {
    let account = account().await;
    let vpcs = Table::of(&account, "ec2.vpc").list(&[]).await;
    let default = vpcs[0]["vpc_id"].as_str().expect("the default VPC");
    let gateway = given(&account, "ec2.internet_gateway", json!({ "name": "a", "vpc": default }), "internet_gateway_id").await;
    let main = Table::of(&account, "ec2.route_table").list(&[]).await.remove(0);
    assert_eq!(main["implicit"], true);
    let route = json!({ "route_table": main["route_table_id"], "destination": "0.0.0.0/0", "internet_gateway": gateway });
    given(&account, "ec2.route", route, "route_id").await;
    for table in ["ec2.internet_gateway", "ec2.route"] {
        assert!(made(&Table::of(&account, table)).await.is_empty(), "{table}");
    }
}

#[tokio::test]
async fn a_vpc_with_a_subnet_in_it_is_not_deleted() {
    let account = account().await;
    let vpc = given_vpc(&account).await;
    given_subnet(&account, &vpc).await;
    let vpcs = Table::of(&account, "ec2.vpc");
    let ours = made(&vpcs).await.remove(0);
    assert_eq!(vpcs.delete(ours).await.expect_err("something stands on it").kind, Kind::Held);
}

#[tokio::test]
async fn each_region_has_networks_of_its_own() {
    let account = account().await;
    given_vpc(&account).await;
    let vpcs = Table::of(&account, "ec2.vpc");
    let elsewhere = vpcs.list_in("eu-central-1", &[]).await;
    assert!(elsewhere.iter().all(|vpc| vpc["implicit"] == true && vpc["region"] == "eu-central-1"), "{elsewhere:#?}");
}
