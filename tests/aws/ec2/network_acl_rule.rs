//! Rules of network ACLs, as far as the local cloud does not remember them.

use serde_json::json;

use super::{given, given_vpc};
use crate::{aws::table::Table, support::account};

#[tokio::test]
async fn icmp_goes_out_by_its_number_with_type_and_code() {
    let account = account().await;
    let vpc = given_vpc(&account).await;
    let acl = given(&account, "ec2.network_acl", json!({ "name": "a", "vpc": vpc }), "network_acl_id").await;
    let table = Table::of(&account, "ec2.network_acl_rule");
    let row = json!({
        "region": "us-east-1", "network_acl": acl, "direction": "ingress", "rule_number": 100, "rule_action": "deny", "protocol": "icmp",
        "cidr_block": "0.0.0.0/0", "icmp_type": 8, "icmp_code": -1
    });
    let made = table.create(row).await.unwrap();
    assert_eq!(made["network_acl_rule_id"], json!(format!("{acl},ingress,100")));
    let call = account.calls.take().into_iter().find(|call| call.is_change()).unwrap();
    let told = ["Protocol=1&", "Icmp.Type=8", "Icmp.Code=-1", "Egress=false"].into_iter().filter(|text| !call.body.contains(text));
    assert_eq!(told.collect::<Vec<_>>(), Vec::<&str>::new(), "{}", call.body);
}
