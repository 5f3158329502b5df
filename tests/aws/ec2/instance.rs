//! Instances.

use serde_json::{Value, json};

use super::{given, given_group, given_subnet, given_vpc, made, shows};
use crate::{
    aws::table::{Table, with},
    support::{Account, account, endpoint},
};

async fn image(account: &Account) -> String {
    let images = account.aws.ec2().describe_images().send().await.expect("the images").images.expect("some");
    images[0].image_id().expect("an id").to_owned()
}

/// A row for an instance in a network of its own, and two security groups there.
async fn row(account: &Account) -> (Value, [String; 2]) {
    let vpc = given_vpc(account).await;
    let subnet = given_subnet(account, &vpc).await;
    let mut groups = [given_group(account, &vpc, "a").await, given_group(account, &vpc, "b").await];
    groups.sort();
    let row = json!({
        "region": "us-east-1", "name": "web", "image_id": image(account).await, "instance_type": "t3.micro", "subnet": subnet, "private_ip_address": "10.20.0.10",
        "security_groups": groups, "user_data": "#!/bin/sh", "user_data_version": "1ab1c070-fc3e-4370-82e7-27e40e7cbad2", "tags": { "a": "b" }
    });
    account.calls.take();
    (row, groups)
}

/// The row as nobody can read it back.
fn public(row: &Value) -> Value {
    with(row, json!({ "user_data": null }))
}

#[tokio::test]
async fn an_instance_lives() {
    let account = account().await;
    let (row, [_, group]) = row(&account).await;
    let instances = Table::of(&account, "ec2.instance");
    let created = instances.create(row.clone()).await.expect("an instance");
    let calls = account.calls.take();
    assert!(
        calls.len() == 1 && calls[0].body.contains("ClientToken=5c5e6f52") && calls[0].body.contains("UserData=IyEvYmluL3No"),
        "{calls:?}"
    );
    assert_eq!((&created["pending"], &created["user_data"]), (&json!("pending"), &Value::Null));

    let listed = made(&instances).await.remove(0);
    let asked = with(&public(&row), json!({ "owner": instances.owner.tag, "state": "running", "pending": null }));
    assert!(shows(&listed, &asked), "{listed:#?}");
    account.calls.take();
    instances.update(row.clone(), listed.clone()).await.expect("nothing to do");
    assert!(account.calls.take().is_empty());

    let row = with(&row, json!({ "name": "front", "tags": {}, "security_groups": [group], "source_dest_check": false }));
    let updated = instances.update(row.clone(), listed).await.expect("a change");
    assert_eq!(account.calls.take_changes(), ["CreateTags", "DeleteTags", "ModifyInstanceAttribute", "ModifyInstanceAttribute"]);
    assert_eq!(made(&instances).await, std::slice::from_ref(&updated));
    assert!(shows(&updated, &public(&row)), "{updated:#?}");

    let going = instances.delete(updated.clone()).await.expect("a deletion");
    assert!(going.is_none_or(|row| row["pending"] == "shutting-down"));
    assert!(made(&instances).await.is_empty(), "a terminated instance is not there");
    assert_eq!(instances.delete(updated).await.map(drop), Ok(()), "what is gone already is gone");
}

#[tokio::test]
async fn an_instance_is_stopped_changed_and_started_again_a_step_each_time_it_is_seen() {
    let account = account().await;
    let (row, _) = row(&account).await;
    let instances = Table::of(&account, "ec2.instance");
    instances.create(row.clone()).await.expect("an instance");
    let row = with(&row, json!({ "instance_type": "t3.large" }));
    let seen = made(&instances).await.remove(0);
    account.calls.take();

    let stopping = instances.update(row.clone(), seen).await.expect("the first step");
    assert_eq!(account.calls.take_actions(), ["DescribeInstanceTypes", "CreateTags", "StopInstances"]);
    assert_eq!(stopping["pending"], "stopping");
    let stopped = made(&instances).await.remove(0);
    assert_eq!((&stopped["state"], &stopped["instance_type"]), (&json!("stopped"), &json!("t3.micro (stopped to be changed)")));
    account.calls.take();

    let starting = instances.update(row.clone(), stopped).await.expect("the second step");
    assert_eq!(account.calls.take_actions(), ["ModifyInstanceAttribute", "StartInstances", "DeleteTags"]);
    assert_eq!(starting["pending"], "pending");
    let listed = made(&instances).await.remove(0);
    assert!(shows(&listed, &with(&public(&row), json!({ "state": "running" }))), "{listed:#?}");
}

#[tokio::test]
async fn an_engine_that_was_killed_in_between_starts_the_instance_again() {
    let account = account().await;
    let (row, _) = row(&account).await;
    let instances = Table::of(&account, "ec2.instance");
    instances.create(row.clone()).await.expect("an instance");
    let wanted = with(&row, json!({ "instance_type": "t3.large" }));
    instances.update(wanted.clone(), made(&instances).await.remove(0)).await.expect("the first step");
    let outside = account.outside().await;
    let stopped = made(&instances).await.remove(0);
    let id = stopped["instance_id"].as_str().expect("an id");
    let large = aws_sdk_ec2::types::AttributeValue::builder().value("t3.large").build();
    outside.ec2().modify_instance_attribute().instance_id(id).instance_type(large).send().await.expect("half of the second step");
    account.calls.take();

    let listed = made(&instances).await.remove(0);
    assert_eq!(listed["instance_type"], "t3.large (stopped to be changed)");
    instances.update(wanted.clone(), listed).await.expect("the rest");
    assert_eq!(account.calls.take_changes(), ["StartInstances", "DeleteTags"]);
    assert!(shows(&made(&instances).await[0], &public(&wanted)));
}

#[tokio::test]
async fn an_instance_that_somebody_stopped_stays_stopped() {
    let account = account().await;
    let (row, _) = row(&account).await;
    let instances = Table::of(&account, "ec2.instance");
    let id = instances.create(row.clone()).await.expect("an instance")["instance_id"].as_str().expect("an id").to_owned();
    account.outside().await.ec2().stop_instances().instance_ids(id).send().await.expect("stopped");
    let stopped = made(&instances).await.remove(0);
    account.calls.take();
    instances.update(with(&row, json!({ "instance_type": "t3.large" })), stopped).await.expect("a change");
    assert_eq!(account.calls.take_changes(), ["ModifyInstanceAttribute"]);
    assert_eq!(made(&instances).await[0]["state"], "stopped");
}

#[tokio::test]
async fn a_type_that_does_not_exist_is_not_worth_stopping_for() {
    let account = account().await;
    let (row, _) = row(&account).await;
    let instances = Table::of(&account, "ec2.instance");
    instances.create(row.clone()).await.expect("an instance");
    let running = made(&instances).await.remove(0);
    account.calls.take();
    let refusal = instances.update(with(&row, json!({ "instance_type": "t3.enormous" })), running).await;
    assert!(refusal.expect_err("there is no such type").said.contains("t3.enormous"));
    assert!(account.calls.take_changes().is_empty());
}

/// An instance profile; the calls that make it are not ours, and none of our clients can make them.
async fn given_profile(account: &Account, name: &str) {
    let form = format!("Action=CreateInstanceProfile&Version=2010-05-08&InstanceProfileName={name}");
    let scope = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0";
    let call = reqwest::Client::new().post(endpoint().await).header("authorization", scope).header("x-moto-account-id", &account.id);
    let call = call.header("content-type", "application/x-www-form-urlencoded").body(form);
    call.send().await.expect("an answer").error_for_status().expect("a profile");
}

#[tokio::test]
async fn an_instance_gets_changes_and_loses_its_profile_while_it_runs() {
    let account = account().await;
    given_profile(&account, "one").await;
    given_profile(&account, "two").await;
    let (row, _) = row(&account).await;
    let instances = Table::of(&account, "ec2.instance");
    instances.create(row.clone()).await.expect("an instance");
    account.calls.take();
    let steps =
        [("one", "AssociateIamInstanceProfile"), ("two", "ReplaceIamInstanceProfileAssociation"), ("", "DisassociateIamInstanceProfile")];
    for (name, call) in steps {
        let seen = made(&instances).await.remove(0);
        instances.update(with(&row, json!({ "iam_instance_profile": name })), seen).await.expect("a change");
        assert_eq!(account.calls.take_changes(), [call]);
        assert_eq!(profile(&account).await, name);
    }
    assert_eq!(made(&instances).await[0]["iam_instance_profile"], "");
}

#[tokio::test]
async fn a_profile_that_is_a_reference_is_given_and_replaced_by_its_arn() {
    let account = account().await;
    given_profile(&account, "one").await;
    given_profile(&account, "two").await;
    let arn = |name: &str| format!("arn:aws:iam::{}:instance-profile/{name}", account.id);
    let (row, _) = row(&account).await;
    let instances = Table::of(&account, "ec2.instance");
    instances.create(with(&row, json!({ "instance_profile": arn("one") }))).await.expect("an instance");
    let seen = made(&instances).await.remove(0);
    assert_eq!((&seen["instance_profile"], &seen["iam_instance_profile"]), (&json!(arn("one")), &json!("one")));
    account.calls.take();
    for (asked, calls) in [
        (json!({ "instance_profile": arn("one") }), 0),
        (json!({ "iam_instance_profile": "one" }), 0),
        (json!({ "instance_profile": arn("two") }), 1),
    ] {
        let updated = instances.update(with(&row, asked), seen.clone()).await.expect("a change");
        assert_eq!(account.calls.take_changes(), vec!["ReplaceIamInstanceProfileAssociation"; calls]);
        let name = if calls == 0 { "one" } else { "two" };
        assert_eq!((&updated["instance_profile"], &updated["iam_instance_profile"]), (&json!(arn(name)), &json!(name)));
    }
    assert_eq!(profile(&account).await, "two");
}

/// The profile of the only instance that has one, as its association says: the local cloud's instances don't notice a replacement.
async fn profile(account: &Account) -> String {
    let found = account.outside().await.ec2().describe_iam_instance_profile_associations().send().await.expect("the associations");
    let arn = found.iam_instance_profile_associations().first().and_then(|association| association.iam_instance_profile()?.arn());
    arn.and_then(|arn| arn.rsplit('/').next()).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn monitoring_is_switched_while_it_runs() {
    let account = account().await;
    let (row, _) = row(&account).await;
    let instances = Table::of(&account, "ec2.instance");
    let seen = instances.create(with(&row, json!({ "monitoring": false }))).await.expect("an instance");
    account.calls.take();
    for (is, should, call) in [(false, true, "MonitorInstances"), (true, false, "UnmonitorInstances")] {
        // the local cloud takes neither call: what matters is which one it is
        let seen = with(&seen, json!({ "monitoring": is }));
        instances.update(with(&row, json!({ "monitoring": should })), seen).await.err();
        assert_eq!(account.calls.take_changes()[0], call);
    }
}

#[tokio::test]
async fn a_route_leads_to_an_instance() {
    let account = account().await;
    let (row, _) = row(&account).await;
    let made_instance = Table::of(&account, "ec2.instance").create(row).await.expect("an instance");
    let subnet = made(&Table::of(&account, "ec2.subnet")).await.remove(0);
    let table = given(&account, "ec2.route_table", json!({ "name": "a", "vpc": subnet["vpc"] }), "route_table_id").await;
    let route =
        json!({ "region": "us-east-1", "route_table": table, "destination": "10.99.0.0/16", "instance": made_instance["instance_id"] });
    let routes = Table::of(&account, "ec2.route");
    routes.create(route.clone()).await.expect("a route");
    let listed = made(&routes).await.remove(0);
    assert!(shows(&listed, &route), "{listed:#?}");
    account.calls.take();
    routes.update(route, listed).await.expect("nothing to do");
    assert!(account.calls.take_changes().is_empty());
}
