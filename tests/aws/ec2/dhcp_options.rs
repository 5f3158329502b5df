//! DHCP options, as far as the local cloud does not remember them.

use serde_json::json;

use crate::{aws::table::Table, support::account};

#[tokio::test]
async fn tags_go_out_in_the_creating_call_though_the_local_cloud_forgets_them() {
    let account = account().await;
    let table = Table::of(&account, "ec2.dhcp_options");
    let row = json!({ "region": "us-east-1", "name": "shop", "domain_name_servers": ["10.0.0.2", "10.0.0.3"], "netbios_node_type": 2, "tags": { "a": "b" } });
    let made = table.create(row).await.unwrap();
    assert_eq!(made["owner"], json!(table.owner.tag));
    let call = account.calls.take().into_iter().find(|call| call.is_change()).unwrap();
    let told: Vec<_> =
        ["TagSpecification.1.ResourceType=dhcp-options", "iasql%3Arow", "domain-name-servers", "DhcpConfiguration.1.Value.2=10.0.0.3"]
            .into_iter()
            .filter(|text| !call.body.contains(text))
            .collect();
    assert!(call.action == "CreateDhcpOptions" && told.is_empty(), "{told:?} in {}", call.body);
    let listed = table.list(&[]).await;
    assert_eq!(
        (listed[0]["netbios_node_type"].clone(), listed[0]["domain_name_servers"].clone()),
        (json!(2), json!(["10.0.0.2", "10.0.0.3"]))
    );
}
