//! Databases, the subnets they stand in and the parameters they run with.

use std::slice::from_ref;

use iasql::resource::Kind;
use serde_json::{Value, json};

use super::table::{Table, with};
use crate::support::{Account, account};

const FIRST: &str = "0f0f0f0f-0000-4000-8000-000000000001";
const SECOND: &str = "0f0f0f0f-0000-4000-8000-000000000002";

/// Two subnets and a security group, sorted.
async fn network(account: &Account) -> (Vec<String>, String) {
    let ec2 = account.outside().await;
    let vpc =
        ec2.ec2().create_vpc().cidr_block("10.0.0.0/16").send().await.expect("a network").vpc.expect("itself").vpc_id.expect("its id");
    let mut subnets = Vec::new();
    for zone in ["a", "b"] {
        let cidr = format!("10.0.{}.0/24", subnets.len());
        let made = ec2.ec2().create_subnet().vpc_id(&vpc).cidr_block(cidr).availability_zone(format!("us-east-1{zone}")).send().await;
        subnets.push(made.expect("a subnet").subnet.expect("itself").subnet_id.expect("its id"));
    }
    subnets.sort_unstable();
    let group = ec2.ec2().create_security_group().vpc_id(&vpc).group_name("db").description("db").send().await;
    (subnets, group.expect("a group").group_id.expect("its id"))
}

fn subnet_group(subnets: &[String]) -> Value {
    json!({ "region": "us-east-1", "name": "shop", "description": null, "subnets": subnets, "tags": { "team": "shop" }, "arn": null })
}

fn parameter_group(parameters: Value) -> Value {
    json!({ "region": "us-east-1", "name": "shop", "family": "postgres16", "description": "for a test", "parameters": parameters, "tags": {}, "arn": null })
}

fn instance() -> Value {
    json!({
        "region": "us-east-1", "name": "shop", "engine": "postgres", "engine_version": "16.4", "db_instance_class": "db.t4g.micro",
        "allocated_storage": 20, "storage_type": "gp3", "storage_encrypted": true, "master_username": "shop",
        "master_user_password": "hunter2hunter2", "master_user_password_version": FIRST, "db_name": "shop", "port": null, "multi_az": null,
        "publicly_accessible": false, "auto_minor_version_upgrade": null, "backup_retention_period": 3, "db_subnet_group": null,
        "db_parameter_group": null, "vpc_security_groups": null, "deletion_protection": false, "skip_final_snapshot": false, "tags": { "Name": "db" },
        "endpoint_address": null, "endpoint_port": null, "status": null, "master_user_secret": null, "arn": null,
    })
}

#[tokio::test]
async fn a_subnet_group_is_made_listed_relabelled_and_deleted() {
    let account = account().await;
    let groups = Table::of(&account, "rds.db_subnet_group");
    let (subnets, _) = network(&account).await;
    let made = groups.create(subnet_group(&subnets)).await.expect("a group");
    assert_eq!(account.calls.take_actions(), ["CreateDBSubnetGroup"]);
    assert_eq!((&made["subnets"], &made["description"], &made["owner"]), (&json!(subnets), &json!("shop"), &json!(groups.owner.tag)));
    assert_eq!(groups.list(&[]).await, from_ref(&made));
    assert_eq!(account.calls.take_actions(), ["DescribeDBSubnetGroups", "ListTagsForResource"]);
    let desired = with(&subnet_group(&subnets), json!({ "tags": { "stage": "test" } }));
    let changed = groups.update(desired.clone(), made).await.expect("a change");
    assert_eq!(account.calls.take_actions(), ["AddTagsToResource", "RemoveTagsFromResource"]);
    assert_eq!(groups.list(&[]).await, from_ref(&changed));

    // the local cloud answers as AWS does, and then has lost the group
    account.calls.take();
    let fewer = with(&desired, json!({ "subnets": [subnets[0]] }));
    assert_eq!(groups.update(fewer, changed.clone()).await, Ok(with(&changed, json!({ "subnets": [subnets[0]] }))));
    assert_eq!(account.calls.take_actions(), ["ModifyDBSubnetGroup"]);
    assert_eq!(groups.delete(changed).await, Ok(None), "what is gone already is gone");
    assert!(groups.list(&[]).await.is_empty());
}

#[tokio::test]
async fn a_parameter_group_takes_its_parameters_twenty_in_a_call() {
    let account = account().await;
    let groups = Table::of(&account, "rds.db_parameter_group");
    let parameters: Vec<Value> = (10..35).map(|number| json!({ "name": format!("p{number}"), "value": "1" })).collect();
    let made = groups.create(parameter_group(json!(parameters))).await.expect("a group");
    assert_eq!(account.calls.take_changes(), ["CreateDBParameterGroup", "ModifyDBParameterGroup", "ModifyDBParameterGroup"]);
    assert_eq!(made["parameters"], json!(parameters));
    assert_eq!(groups.list(&[]).await, from_ref(&made));
    let mut actions = account.calls.take_actions();
    actions.sort_unstable();
    assert_eq!(actions, ["DescribeDBParameterGroups", "DescribeDBParameters", "ListTagsForResource"]);

    let mut other = parameters.clone();
    other[3]["value"] = json!("2");
    let changed = groups.update(with(&parameter_group(json!(other)), json!({ "tags": { "a": "b" } })), made).await.expect("a change");
    assert_eq!(account.calls.take_changes(), ["ModifyDBParameterGroup", "AddTagsToResource"]);
    assert_eq!(groups.list(&[]).await, from_ref(&changed));
    account.calls.take();
    assert_eq!(
        groups.update(with(&parameter_group(json!(null)), json!({ "tags": { "a": "b" } })), changed.clone()).await,
        Ok(changed.clone())
    );
    assert!(account.calls.take_actions().is_empty(), "nothing is asked for");
    assert_eq!(groups.delete(changed.clone()).await, Ok(None));
    assert_eq!(groups.delete(changed).await, Ok(None), "what is gone already is gone");
    assert!(groups.list(&[]).await.is_empty());
}

#[tokio::test]
async fn parameters_that_vanish_are_reset() {
    let account = account().await;
    let groups = Table::of(&account, "rds.db_parameter_group");
    let made =
        groups.create(parameter_group(json!([{ "name": "a", "value": "1" }, { "name": "b", "value": "1" }]))).await.expect("a group");
    account.calls.take();
    let answer = groups.update(parameter_group(json!([{ "name": "b", "value": "2" }])), made).await;
    let reset = account.calls.take().into_iter().rfind(|call| call.action == "ResetDBParameterGroup").expect("a reset");
    assert!(reset.body.contains("Parameters.Parameter.1.ParameterName=a&"), "{}", reset.body);
    assert!(!reset.body.contains("Parameters.Parameter.2"), "{}", reset.body);
    assert_eq!(answer.expect_err("the local cloud does not know this call").operation, "ResetDBParameterGroup");
}

#[tokio::test]
async fn an_instance_is_made_changed_in_one_call_and_deleted() {
    let account = account().await;
    let instances = Table::of(&account, "rds.db_instance");
    let (subnets, group) = network(&account).await;
    Table::of(&account, "rds.db_subnet_group").create(subnet_group(&subnets)).await.expect("a subnet group");
    Table::of(&account, "rds.db_parameter_group").create(parameter_group(json!(null))).await.expect("a parameter group");
    account.calls.take();
    let desired = with(&instance(), json!({ "db_subnet_group": "shop", "vpc_security_groups": [group], "port": 5433 }));
    let made = instances.create(desired.clone()).await.expect("an instance");
    assert_eq!(account.calls.take_actions(), ["CreateDBInstance"]);
    for (column, value) in
        desired.as_object().expect("a row").iter().filter(|(column, value)| !value.is_null() && *column != "master_user_password")
    {
        assert_eq!(&made[column], value, "{column}");
    }
    assert_eq!((&made["master_user_password"], &made["owner"]), (&json!(null), &json!(instances.owner.tag)));
    assert_eq!(
        instances.list(&[]).await.iter().map(|row| with(row, json!({ "status": null, "pending": null }))).collect::<Vec<_>>(),
        [with(&made, json!({ "status": null, "pending": null }))]
    );

    account.calls.take();
    let desired = with(
        &desired,
        json!({
            "db_instance_class": "db.t4g.small", "allocated_storage": 40, "db_parameter_group": "shop", "skip_final_snapshot": true,
            "master_user_password": "hunter3hunter3", "master_user_password_version": SECOND, "tags": { "Name": "db", "team": "shop" },
        }),
    );
    let changed = instances.update(desired.clone(), made).await.expect("a change");
    assert_eq!(account.calls.take_actions(), ["ModifyDBInstance", "AddTagsToResource"]);
    assert_eq!((&changed["db_instance_class"], &changed["allocated_storage"]), (&json!("db.t4g.small"), &json!(40)));
    let listed = instances.list(&[]).await.remove(0);
    assert_eq!((&listed["master_user_password_version"], &listed["db_parameter_group"]), (&json!(SECOND), &json!("shop")));
    assert_eq!(listed, with(&changed, json!({ "status": listed["status"], "pending": null })));
    account.calls.take();
    assert_eq!(instances.update(desired, listed.clone()).await, Ok(listed.clone()));
    assert!(account.calls.take_actions().is_empty(), "nothing differs");

    let going = instances.delete(listed.clone()).await.expect("a deletion").expect("RDS takes its time");
    assert_eq!(going["pending"], json!("deleting"));
    assert!(account.calls.take()[0].body.contains("SkipFinalSnapshot=true"));
    assert_eq!(instances.delete(listed).await, Ok(None), "what is gone already is gone");
    assert!(instances.list(&[]).await.is_empty());
}

#[tokio::test]
async fn an_instance_leaves_a_snapshot_behind_unless_told_otherwise() {
    let account = account().await;
    let instances = Table::of(&account, "rds.db_instance");
    let made = instances.create(instance()).await.expect("an instance");
    instances.delete(made).await.expect("a deletion");
    let snapshots = account.outside().await.rds().describe_db_snapshots().send().await.expect("snapshots").db_snapshots.unwrap_or_default();
    let names: Vec<&str> = snapshots.iter().filter_map(|snapshot| snapshot.db_snapshot_identifier()).collect();
    assert!(matches!(names[..], [name] if name.starts_with("shop-final-2")), "{names:?}");
}

#[tokio::test]
async fn an_instance_that_is_protected_is_not_deleted() {
    let account = account().await;
    let instances = Table::of(&account, "rds.db_instance");
    let made = instances.create(with(&instance(), json!({ "deletion_protection": true }))).await.expect("an instance");
    assert_eq!(instances.delete(made.clone()).await.expect_err("it is protected").kind, Kind::Invalid);
    let freed = instances.update(instance(), made).await.expect("a change");
    assert!(instances.delete(freed).await.is_ok());
}

#[tokio::test]
async fn without_a_password_rds_makes_one_and_with_one_it_gives_its_own_up() {
    let account = account().await;
    let instances = Table::of(&account, "rds.db_instance");
    let made = instances
        .create(with(&instance(), json!({ "master_user_password": null, "master_user_password_version": null })))
        .await
        .expect("an instance");
    assert!(made["master_user_secret"].as_str().is_some_and(|arn| arn.starts_with("arn:aws:secretsmanager:")), "{made}");
    account.calls.take();
    instances.update(instance(), made).await.expect("a change");
    let change = &account.calls.take()[0].body;
    assert!(change.contains("ManageMasterUserPassword=false") && change.contains("MasterUserPassword=hunter2hunter2"));
}

#[tokio::test]
async fn taking_an_instance_over_sets_the_owner_and_the_password() {
    let account = account().await;
    let instances = Table::of(&account, "rds.db_instance");
    let theirs = account.outside().await;
    let asked = theirs
        .rds()
        .create_db_instance()
        .db_instance_identifier("shop")
        .engine("postgres")
        .engine_version("16.4")
        .db_instance_class("db.t4g.micro");
    asked.allocated_storage(20).master_username("shop").master_user_password("theirs-theirs").send().await.expect("an instance");
    let found = instances.list(&[]).await.remove(0);
    account.calls.take();
    let desired = with(&found, json!({ "master_user_password": "hunter2hunter2", "master_user_password_version": FIRST }));
    let ours = instances.update(desired, found).await.expect("ours");
    assert_eq!(account.calls.take_actions(), ["ModifyDBInstance", "AddTagsToResource"]);
    assert_eq!(instances.list(&[]).await, [ours]);
}
