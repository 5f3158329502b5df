//! Networks and machines.

mod dhcp_options;
mod instance;
mod network;
mod network_acl_rule;
mod route;
mod security_group;

use serde_json::{Value, json};

use super::table::{Table, with};
use crate::support::Account;

/// What of a table's rows is there by somebody's will: not what AWS made by itself.
async fn made(table: &Table) -> Vec<Value> {
    let mut rows = table.list(&[]).await;
    rows.retain(|row| row["implicit"] == false);
    rows
}

/// Whether every column of `asked` is so in `row`.
fn shows(row: &Value, asked: &Value) -> bool {
    asked.as_object().expect("a row").iter().all(|(column, value)| value.is_null() || row[column] == *value)
}

/// Drives one row through its life: created, listed with its owner, left alone, changed, listed as changed, deleted twice, gone.
///
/// `create` and `update` are the changing calls that those steps may make, and no more.
async fn lives(account: &Account, table: &'static str, row: Value, change: Value, create: &[&str], update: &[&str]) {
    let table = Table::of(account, table);
    let row = with(&row, json!({ "region": "us-east-1" }));
    let owned = json!({ "owner": table.owner.tag, "pending": null });
    account.calls.take();

    let created = table.create(row.clone()).await.expect("a creation");
    assert_eq!(account.calls.take_changes(), create);
    let listed = made(&table).await;
    assert!(listed.len() == 1 && shows(&listed[0], &with(&row, owned.clone())), "{listed:#?}");
    assert!(shows(&listed[0], &with(&created, json!({ "pending": null }))), "created {created:#?}\nlisted {listed:#?}");

    account.calls.take();
    table.update(row.clone(), listed[0].clone()).await.expect("nothing to do");
    assert!(account.calls.take_changes().is_empty());

    let row = with(&row, change);
    let updated = table.update(row.clone(), listed[0].clone()).await.expect("a change");
    assert_eq!(account.calls.take_changes(), update);
    let listed = made(&table).await;
    assert!(listed.len() == 1 && shows(&listed[0], &with(&row, owned)), "{listed:#?}");
    assert!(shows(&listed[0], &updated), "updated {updated:#?}\nlisted {listed:#?}");

    assert_eq!(table.delete(listed[0].clone()).await, Ok(None));
    assert_eq!(table.delete(listed[0].clone()).await, Ok(None), "what is gone already is gone");
    assert!(made(&table).await.is_empty());
}

/// Makes a row of another table that the one in question needs, and answers its id.
async fn given(account: &Account, table: &'static str, row: Value, id: &str) -> String {
    let row = with(&json!({ "region": "us-east-1", "tags": {} }), row);
    let made = Table::of(account, table).create(row).await.unwrap_or_else(|error| panic!("{error}"));
    account.calls.take();
    made[id].as_str().expect("an id").to_owned()
}

/// A network of the test's own.
async fn given_vpc(account: &Account) -> String {
    given(account, "ec2.vpc", json!({ "name": "shop", "cidr_block": "10.20.0.0/16" }), "vpc_id").await
}

/// A subnet in it.
async fn given_subnet(account: &Account, vpc: &str) -> String {
    let row = json!({ "name": "shop", "vpc": vpc, "cidr_block": "10.20.0.0/24", "map_public_ip_on_launch": false });
    given(account, "ec2.subnet", row, "subnet_id").await
}

/// A security group in it.
async fn given_group(account: &Account, vpc: &str, name: &str) -> String {
    // without a name of its own, a second attempt with the same token would collide
    let row = json!({ "name": name, "group_name": name, "description": "A group", "vpc": vpc });
    given(account, "ec2.security_group", row, "group_id").await
}
