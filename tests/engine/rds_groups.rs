//! Subnet groups and parameter groups of databases: from rows to the cloud and back.

use aws_sdk_rds::types::{ApplyMethod, Parameter, Tag};
use iasql::engine::{Kind, State};

use super::{
    World,
    rds::{groups, network, shop},
};

/// A check whose end the local cloud forgets again (it loses subnet groups that are changed): only its calls are looked at.
async fn changes(world: &World) -> Vec<String> {
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, outcome.plan.len()), (State::Done, 0), "{outcome:#?}");
    world.account.calls.take_changes()
}

#[tokio::test]
async fn the_subnets_of_a_group_change_in_place_and_the_plan_names_them() {
    let mut world = groups().await;
    world.sql("insert into rds.db_subnet_group_subnet (db_subnet_group, subnet) values ('shop', 'c')").await;
    assert_eq!(
        world.diff().await,
        ["~ rds.db_subnet_group shop (us-east-1)", r#"      subnets: ["a", "b"] -> ["a", "b", "c"]"#, "Plan: 1 to update."]
    );
    assert_eq!(changes(&world).await, ["ModifyDBSubnetGroup"]);
}

#[tokio::test]
async fn the_description_of_a_subnet_group_changes_in_place() {
    let mut world = groups().await;
    world.sql("update rds.db_subnet_group set description = 'Where the shop keeps things'").await;
    assert_eq!(world.diff().await[1], "      description: shop -> Where the shop keeps things");
    assert_eq!(changes(&world).await, ["ModifyDBSubnetGroup"]);
}

#[tokio::test]
async fn tags_of_groups_drift_and_are_repaired() {
    let mut world = groups().await;
    world
        .sql(
            "update rds.db_subnet_group set tags = '{\"team\": \"shop\"}'; update rds.db_parameter_group set tags = '{\"team\": \"shop\"}'",
        )
        .await;
    assert_eq!(world.check().await, ["AddTagsToResource", "AddTagsToResource"]);
    let aws = world.outside().await;
    let arn = world.ask("select arn from rds.db_subnet_group").await.remove(0);
    aws.rds().add_tags_to_resource().resource_name(arn).tags(Tag::builder().key("theirs").value("x").build()).send().await.unwrap();
    world.run(Kind::Refresh).await;
    assert_eq!(
        world.diff().await,
        [
            "~ rds.db_subnet_group shop (us-east-1)",
            r#"      tags: {"team": "shop", "theirs": "x"} -> {"team": "shop"}"#,
            "Plan: 1 to update."
        ]
    );
    assert_eq!(world.check().await, ["RemoveTagsFromResource"]);
}

#[tokio::test]
async fn parameters_change_in_place_and_drift_is_repaired() {
    let mut world = groups().await;
    world.sql("update rds.db_parameter_group_parameter set value = '16384' where name = 'work_mem'").await;
    let diff = world.diff().await;
    assert_eq!((&diff[0][..], &diff[2][..]), ("~ rds.db_parameter_group shop (us-east-1)", "Plan: 1 to update."));
    assert!(diff[1].starts_with("      parameters: [") && diff[1].contains("16384"), "{diff:#?}");
    assert_eq!(world.check().await, ["ModifyDBParameterGroup"]);
    let theirs = Parameter::builder().parameter_name("work_mem").parameter_value("1").apply_method(ApplyMethod::Immediate).build();
    world.outside().await.rds().modify_db_parameter_group().db_parameter_group_name("shop").parameters(theirs).send().await.unwrap();
    world.run(Kind::Refresh).await;
    assert_eq!(world.diff().await.last().unwrap(), "Plan: 1 to update.");
    assert_eq!(world.check().await, ["ModifyDBParameterGroup"]);
}

#[tokio::test]
async fn a_parameter_group_of_another_family_is_replaced_with_its_parameters() {
    let mut world = groups().await;
    world.sql("update rds.db_parameter_group set family = 'postgres17'").await;
    assert_eq!(world.diff().await[0], "-/+ rds.db_parameter_group shop (us-east-1)  # family cannot change in place");
    assert_eq!(world.check().await, ["DeleteDBParameterGroup", "CreateDBParameterGroup", "ModifyDBParameterGroup"]);
}

#[tokio::test]
async fn an_instance_moves_to_a_renamed_parameter_group_before_the_old_one_goes() {
    let mut world = shop().await;
    world.sql("update rds.db_parameter_group set name = 'store'").await;
    let diff = world.diff().await;
    assert_eq!(diff[0], "~ rds.db_instance shop (us-east-1)  # rds.db_parameter_group store is replaced");
    assert!(diff.contains(&"-/+ rds.db_parameter_group store (us-east-1)  # name cannot change in place".to_owned()), "{diff:#?}");
    assert_eq!(world.check().await, ["CreateDBParameterGroup", "ModifyDBParameterGroup", "ModifyDBInstance", "DeleteDBParameterGroup"]);
}

#[tokio::test]
async fn an_instance_is_replaced_with_its_renamed_subnet_group() {
    let mut world = shop().await;
    world.sql("update rds.db_subnet_group set name = 'store'; select iasql.allow_replace('rds.db_instance', 'shop')").await;
    let diff = world.diff().await;
    assert_eq!(diff[0], "-/+ rds.db_instance shop (us-east-1)  # rds.db_subnet_group store is replaced");
    assert_eq!(diff.last().unwrap(), "Plan: 2 to replace.");
    let calls = world.settled().await;
    let at = |call: &str| calls.iter().position(|made| made == call).unwrap();
    assert!(at("DeleteDBInstance") < at("DeleteDBSubnetGroup") && at("CreateDBSubnetGroup") < at("CreateDBInstance"), "{calls:?}");
    assert_eq!(calls.len(), 4, "{calls:?}");
}

#[tokio::test]
async fn groups_deleted_by_somebody_else_are_made_again() {
    let mut world = groups().await;
    let aws = world.outside().await;
    aws.rds().delete_db_subnet_group().db_subnet_group_name("shop").send().await.unwrap();
    aws.rds().delete_db_parameter_group().db_parameter_group_name("shop").send().await.unwrap();
    world.run(Kind::Refresh).await;
    assert_eq!(
        world.diff().await,
        ["+ rds.db_parameter_group shop (us-east-1)", "+ rds.db_subnet_group shop (us-east-1)", "Plan: 2 to create."]
    );
    let mut calls = world.check().await;
    calls.sort();
    assert_eq!(calls, ["CreateDBParameterGroup", "CreateDBSubnetGroup", "ModifyDBParameterGroup"]);
}

#[tokio::test]
async fn groups_that_exist_are_taken_over_with_a_call_each_and_deleted_with_their_rows() {
    let mut world = network().await;
    let aws = world.outside().await;
    let subnets = world.ask("select subnet_id from ec2.subnet where name in ('a', 'b') order by name").await;
    let asked = aws.rds().create_db_subnet_group().db_subnet_group_name("found").db_subnet_group_description("theirs");
    asked.set_subnet_ids(Some(subnets)).send().await.unwrap();
    let asked = aws.rds().create_db_parameter_group().db_parameter_group_name("found").db_parameter_group_family("postgres16");
    asked.description("theirs").send().await.unwrap();
    world.run(Kind::Refresh).await;
    world.sql("insert into rds.db_subnet_group (name) values ('found'); insert into rds.db_parameter_group (name, family) values ('found', 'postgres16')").await;
    world.sql("insert into rds.db_subnet_group_subnet (db_subnet_group, subnet) values ('found', 'a'), ('found', 'b')").await;
    assert_eq!(
        world.diff().await,
        ["= rds.db_parameter_group found (us-east-1)", "= rds.db_subnet_group found (us-east-1)", "Plan: 2 to adopt."]
    );
    assert_eq!(world.check().await, ["AddTagsToResource", "AddTagsToResource"]);
    world.sql("delete from rds.db_subnet_group; delete from rds.db_parameter_group").await;
    let mut calls = world.check().await;
    calls.sort();
    assert_eq!(calls, ["DeleteDBParameterGroup", "DeleteDBSubnetGroup"]);
}

#[tokio::test]
async fn databases_that_may_not_be_seen_are_left_alone_and_the_rest_goes_on() {
    let mut world = groups().await;
    world.sql("update rds.db_parameter_group set tags = '{\"a\": \"b\"}'; update rds.db_subnet_group set tags = '{\"a\": \"b\"}'").await;
    world.account.calls.refuse(&["DescribeDBSubnetGroups"]);
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, outcome.applied), (State::Done, 1), "{outcome:#?}");
    assert_eq!(outcome.blind, ["rds.db_subnet_group in us-east-1: DescribeDBSubnetGroups: not for you (AccessDenied)"]);
    world.account.calls.refuse(&[]);
    assert_eq!(world.check().await, ["AddTagsToResource"]);
}

#[tokio::test]
async fn nonsense_about_databases_is_refused_when_it_is_written() {
    let mut world = World::with(&["ec2", "rds"]).await;
    let instance = "rds.db_instance (name, engine, db_instance_class, allocated_storage, master_username, master_user_password";
    let refusals = [
        (
            format!("{instance}) values ('Shop', 'postgres', 'db.t4g.micro', 20, 'shop', 'hunter2-planted')"),
            "an_instance_name_is_of_1_to_63_small_letters_digits_and_hyphens",
        ),
        (
            format!("{instance}) values ('shop', 'postgres', 't4g.micro', 20, 'shop', 'hunter2-planted')"),
            "an_instance_class_starts_with_db",
        ),
        (
            format!("{instance}) values ('shop', 'postgres', 'db.t4g.micro', null, 'shop', 'hunter2-planted')"),
            "a_server_of_its_own_has_storage_and_a_master_user",
        ),
        (
            format!("{instance}) values ('shop', 'postgres', 'db.t4g.micro', 20, 'shop', 'hunter2@planted')"),
            "a_password_has_8_to_128_plain_characters_but_none_of_four",
        ),
        (
            format!("{instance}, db_subnet_group) values ('shop', 'postgres', 'db.t4g.micro', 20, 'shop', 'hunter2-planted', 'nowhere')"),
            "db_instance_region_db_subnet_group_fkey",
        ),
        (
            "rds.db_subnet_group_subnet (db_subnet_group, subnet) values ('nowhere', 'nowhere')".to_owned(),
            "db_subnet_group_subnet_region_db_subnet_group_fkey",
        ),
        (
            "rds.db_parameter_group (name, family) values ('no_hyphens', 'postgres16')".to_owned(),
            "a_parameter_group_name_has_small_letters_digits_and_hyphens",
        ),
    ];
    for (row, constraint) in refusals {
        let said = world.refusal(&format!("insert into {row}")).await;
        assert!(said.contains(constraint) && !said.contains("planted"), "{row}: {said}");
    }
}
