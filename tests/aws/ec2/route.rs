//! Route tables, their routes, and who uses them.

use serde_json::{Value, json};

use super::{given, given_subnet, given_vpc, lives, made};
use crate::{
    aws::table::{Table, with},
    support::{Account, account},
};

async fn given_table(account: &Account, vpc: &str) -> String {
    given(account, "ec2.route_table", json!({ "name": "a", "vpc": vpc }), "route_table_id").await
}

async fn given_gateway(account: &Account, vpc: Value) -> String {
    given(account, "ec2.internet_gateway", json!({ "name": "a", "vpc": vpc }), "internet_gateway_id").await
}

#[tokio::test]
async fn a_route_table_lives() {
    let account = account().await;
    let vpc = given_vpc(&account).await;
    let row = json!({ "name": "a", "vpc": vpc, "tags": {} });
    lives(&account, "ec2.route_table", row, json!({ "name": "b", "tags": { "a": "b" } }), &["CreateRouteTable"], &["CreateTags"]).await;
}

#[tokio::test]
async fn a_route_goes_elsewhere_in_place() {
    let account = account().await;
    let vpc = given_vpc(&account).await;
    let (table, gateway) = (given_table(&account, &vpc).await, given_gateway(&account, json!(vpc)).await);
    let network =
        account.aws.ec2().create_vpn_gateway().r#type("ipsec.1".into()).send().await.expect("a gateway").vpn_gateway.expect("a gateway");
    let other = network.vpn_gateway_id.expect("its id");
    account.aws.ec2().attach_vpn_gateway().vpn_gateway_id(&other).vpc_id(&vpc).send().await.expect("attached");
    let routes = Table::of(&account, "ec2.route");
    let row = json!({ "region": "us-east-1", "route_table": table, "destination": "0.0.0.0/0", "internet_gateway": gateway });
    account.calls.take();

    let created = routes.create(row.clone()).await.expect("a route");
    assert_eq!(account.calls.take_changes(), ["CreateRoute"]);
    assert_eq!(made(&routes).await, std::slice::from_ref(&created));
    assert_eq!(routes.update(row.clone(), created.clone()).await, Ok(created.clone()));
    assert!(account.calls.take_changes().is_empty());

    let updated = routes.update(with(&row, json!({ "internet_gateway": null, "gateway_id": other })), created).await.expect("a change");
    assert_eq!(account.calls.take_changes(), ["ReplaceRoute"]);
    assert_eq!(made(&routes).await, std::slice::from_ref(&updated));
    assert_eq!(updated["route_id"], format!("{table},0.0.0.0/0"));

    assert_eq!(routes.delete(updated.clone()).await, Ok(None));
    assert_eq!(routes.delete(updated).await, Ok(None), "what is gone already is gone");
    assert!(made(&routes).await.is_empty());
}

#[tokio::test]
async fn an_ipv6_destination_is_spelt_as_postgres_spells_it() {
    let account = account().await;
    let vpc = given_vpc(&account).await;
    let (table, gateway) = (given_table(&account, &vpc).await, given_gateway(&account, json!(vpc)).await);
    let row = json!({ "region": "us-east-1", "route_table": table, "destination": "::/0", "internet_gateway": gateway });
    let routes = Table::of(&account, "ec2.route");
    let created = routes.create(row).await.expect("a route");
    assert_eq!(made(&routes).await, [created]);
}

#[tokio::test]
async fn a_subnet_turns_to_another_route_table_in_place() {
    let account = account().await;
    let vpc = given_vpc(&account).await;
    let (subnet, first, second) =
        (given_subnet(&account, &vpc).await, given_table(&account, &vpc).await, given_table(&account, &vpc).await);
    let associations = Table::of(&account, "ec2.route_table_association");
    let row = json!({ "region": "us-east-1", "subnet": subnet, "route_table": first });

    let created = associations.create(row.clone()).await.expect("an association");
    assert_eq!(account.calls.take_changes(), ["AssociateRouteTable"]);
    assert_eq!(made(&associations).await, std::slice::from_ref(&created));
    assert_eq!(associations.update(row.clone(), created.clone()).await, Ok(created.clone()));
    assert!(account.calls.take_changes().is_empty());

    let updated = associations.update(with(&row, json!({ "route_table": second })), created.clone()).await.expect("a change");
    assert_eq!(account.calls.take_changes(), ["ReplaceRouteTableAssociation"]);
    assert_ne!(updated["route_table_association_id"], created["route_table_association_id"]);
    assert_eq!(made(&associations).await, std::slice::from_ref(&updated));

    assert_eq!(associations.delete(updated.clone()).await, Ok(None));
    assert_eq!(associations.delete(updated).await, Ok(None), "what is gone already is gone");
    assert!(made(&associations).await.is_empty());
}
