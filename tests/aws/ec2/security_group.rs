//! Security groups and their rules.

use serde_json::{Value, json};

use super::{given_group, given_vpc, lives, made, shows};
use crate::{
    aws::table::{Table, with},
    support::{Account, account},
};

fn rule(group: &str, other: Value) -> Value {
    let row = json!({ "region": "us-east-1", "security_group": group, "direction": "ingress", "ip_protocol": "tcp", "from_port": 443, "to_port": 443, "tags": {} });
    with(&row, other)
}

async fn groups(account: &Account) -> [String; 2] {
    let vpc = given_vpc(account).await;
    [given_group(account, &vpc, "web").await, given_group(account, &vpc, "db").await]
}

#[tokio::test]
async fn a_group_lives_under_a_name_that_was_made_up() {
    let account = account().await;
    let vpc = given_vpc(&account).await;
    let row = json!({ "name": "web", "description": "What the world reaches", "vpc": vpc, "tags": { "a": "b" } });
    lives(&account, "ec2.security_group", row, json!({ "name": "front" }), &["CreateSecurityGroup"], &["CreateTags"]).await;
}

#[tokio::test]
async fn a_replacement_of_a_group_is_there_before_the_old_one_goes() {
    let account = account().await;
    let vpc = given_vpc(&account).await;
    let row = json!({ "region": "us-east-1", "name": "web", "description": "Old", "vpc": vpc, "tags": {} });
    let mut table = Table::of(&account, "ec2.security_group");
    table.create(row.clone()).await.expect("a group");
    table.owner.token = "6d6f7a63-9e0c-4e4e-8f4e-000000000002".to_owned();
    table.create(with(&row, json!({ "description": "New" }))).await.expect("another group");
    let mut names: Vec<_> = made(&table).await.iter().map(|group| group["group_name"].as_str().expect("a name").to_owned()).collect();
    names.sort();
    assert_eq!(names, ["web-5c5e6f52", "web-6d6f7a63"]);
}

#[tokio::test]
async fn a_rule_lives_and_changes_in_place() {
    let account = account().await;
    let [group, _] = groups(&account).await;
    let row = rule(&group, json!({ "cidr_ipv4": "10.0.0.0/8", "description": "HTTPS", "tags": { "a": "b" } }));
    let change = json!({ "from_port": 80, "to_port": 81, "cidr_ipv4": "192.168.0.0/16", "description": "HTTP", "tags": { "a": "c" } });
    lives(
        &account,
        "ec2.security_group_rule",
        row,
        change,
        &["AuthorizeSecurityGroupIngress"],
        &["ModifySecurityGroupRules", "CreateTags"],
    )
    .await;
}

#[tokio::test]
async fn a_rule_that_lets_out_lives_too() {
    let account = account().await;
    let [group, _] = groups(&account).await;
    let row = rule(&group, json!({ "direction": "egress", "cidr_ipv4": "10.0.0.0/8" }));
    let change = json!({ "ip_protocol": "udp" });
    lives(&account, "ec2.security_group_rule", row, change, &["AuthorizeSecurityGroupEgress"], &["ModifySecurityGroupRules"]).await;
}

#[tokio::test]
async fn what_has_no_ports_is_shown_without_ports() {
    let account = account().await;
    let [group, _] = groups(&account).await;
    let rules = Table::of(&account, "ec2.security_group_rule");
    let all = rule(&group, json!({ "ip_protocol": "-1", "from_port": null, "to_port": null, "cidr_ipv4": "10.0.0.0/8" }));
    rules.create(all.clone()).await.expect("a rule");
    let listed = made(&rules).await.remove(0);
    assert!(listed["from_port"].is_null() && listed["to_port"].is_null() && listed["ip_protocol"] == "-1", "{listed:#?}");
    account.calls.take();
    rules.update(all.clone(), listed.clone()).await.expect("nothing to do");
    assert!(account.calls.take_changes().is_empty());
    rules.update(with(&all, json!({ "ip_protocol": "50" })), listed).await.expect("a change");
    assert_eq!(account.calls.take_changes(), ["ModifySecurityGroupRules"]);
    assert_eq!(made(&rules).await[0]["ip_protocol"], "50");
}

#[tokio::test]
async fn every_kind_of_other_side_is_shown_as_it_was_asked() {
    let account = account().await;
    let [group, other] = groups(&account).await;
    let list = account.aws.ec2().create_managed_prefix_list().prefix_list_name("a").max_entries(1).address_family("IPv4");
    let list = list.send().await.expect("a prefix list").prefix_list.and_then(|list| list.prefix_list_id).expect("its id");
    let rules = Table::of(&account, "ec2.security_group_rule");
    for side in [json!({ "cidr_ipv6": "2001:db8::/32" }), json!({ "prefix_list_id": list }), json!({ "referenced_security_group": other })]
    {
        let created = rules.create(rule(&group, side.clone())).await.expect("a rule");
        assert!(shows(&created, &side), "{created:#?}");
        assert_eq!(made(&rules).await, std::slice::from_ref(&created));
        rules.delete(created).await.expect("a deletion");
    }
}

#[tokio::test]
async fn the_neighbours_of_a_rule_stay_while_it_changes() {
    let account = account().await;
    let [group, _] = groups(&account).await;
    let mut rules = Table::of(&account, "ec2.security_group_rule");
    rules.create(rule(&group, json!({ "cidr_ipv4": "10.0.0.0/8" }))).await.expect("a neighbour");
    let neighbours = made(&rules).await;
    rules.owner.tag = "shop/another".to_owned();
    let was = rules.create(rule(&group, json!({ "cidr_ipv4": "172.16.0.0/12" }))).await.expect("a rule");
    let is = rules.update(rule(&group, json!({ "cidr_ipv4": "172.16.0.0/16" })), was.clone()).await.expect("a change");
    assert_eq!(is["security_group_rule_id"], was["security_group_rule_id"]);
    let listed = made(&rules).await;
    assert!(listed.len() == 2 && listed.contains(&neighbours[0]) && listed.contains(&is), "{listed:#?}");
}

#[tokio::test]
async fn a_rule_for_a_range_becomes_one_for_a_group_without_a_gap() {
    let account = account().await;
    let [group, other] = groups(&account).await;
    let rules = Table::of(&account, "ec2.security_group_rule");
    let was = rules.create(rule(&group, json!({ "cidr_ipv4": "10.0.0.0/8" }))).await.expect("a rule");
    account.calls.take();
    let row = rule(&group, json!({ "referenced_security_group": other }));
    let is = rules.update(row.clone(), was.clone()).await.expect("a change");
    assert_eq!(account.calls.take_changes(), ["AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"]);
    assert_eq!(made(&rules).await, std::slice::from_ref(&is));

    // an engine that was killed in between finds both
    account.calls.take();
    let both = rules.create(rule(&group, json!({ "cidr_ipv4": "10.0.0.0/8" }))).await.expect("the old one");
    assert_eq!(rules.update(row, both).await.expect("the rest of the change"), is);
    assert_eq!(made(&rules).await, [is]);
}

#[tokio::test]
async fn an_empty_description_is_none_and_null_leaves_it_alone() {
    let account = account().await;
    let [group, _] = groups(&account).await;
    let rules = Table::of(&account, "ec2.security_group_rule");
    let row = rule(&group, json!({ "cidr_ipv4": "10.0.0.0/8", "description": "" }));
    let made = rules.create(row.clone()).await.expect("a rule");
    assert_eq!(made["description"], "");
    account.calls.take();
    rules.update(with(&row, json!({ "description": null })), made.clone()).await.expect("nothing to do");
    rules.update(row, made).await.expect("nothing to do");
    assert!(account.calls.take_changes().is_empty());
}

#[tokio::test]
async fn the_rule_that_lets_everything_out_is_implicit_until_it_is_adopted() {
    let account = account().await;
    let [group, _] = groups(&account).await;
    let rules = Table::of(&account, "ec2.security_group_rule");
    let out = rules.list(&[]).await.into_iter().find(|rule| rule["security_group"] == *group).expect("the default rule");
    assert_eq!((&out["implicit"], &out["direction"], &out["ip_protocol"]), (&json!(true), &json!("egress"), &json!("-1")));
    account.calls.take();
    rules.update(out.clone(), out).await.expect("an adoption");
    assert_eq!(account.calls.take_changes(), ["CreateTags"]);
    assert_eq!(made(&rules).await.len(), 1);
}

#[tokio::test]
async fn a_rule_for_a_group_turns_to_another_group_in_place() {
    let account = account().await;
    let [group, other] = groups(&account).await;
    let rules = Table::of(&account, "ec2.security_group_rule");
    let row = rule(&group, json!({ "referenced_security_group": group }));
    let was = rules.create(row.clone()).await.expect("a rule");
    account.calls.take();
    let is = rules.update(with(&row, json!({ "referenced_security_group": other })), was.clone()).await.expect("a change");
    assert_eq!(is, with(&was, json!({ "referenced_security_group": other })));
    // the local cloud says yes and changes nothing, so it is the call that is looked at
    let call = account.calls.take().remove(0);
    assert_eq!(call.action, "ModifySecurityGroupRules");
    assert!(call.body.contains(&format!("ReferencedGroupId={other}")), "{}", call.body);
}
