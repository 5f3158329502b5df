//! Database instances, the subnets they stand in and the parameters they run with: from rows to the cloud and back.

use iasql::engine::{Kind, State};

use super::World;

const NETWORK: &str = "
    insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16');
    insert into ec2.subnet (name, vpc, cidr_block, availability_zone) values
      ('a', 'core', '10.0.0.0/24', 'us-east-1a'), ('b', 'core', '10.0.1.0/24', 'us-east-1b'), ('c', 'core', '10.0.2.0/24', 'us-east-1c');
    insert into ec2.security_group (name, vpc) values ('db', 'core'), ('web', 'core');";

const GROUPS: &str = "
    insert into rds.db_subnet_group (name) values ('shop');
    insert into rds.db_subnet_group_subnet (db_subnet_group, subnet) values ('shop', 'b'), ('shop', 'a');
    insert into rds.db_parameter_group (name, family) values ('shop', 'postgres16');
    insert into rds.db_parameter_group_parameter (db_parameter_group, name, value) values ('shop', 'work_mem', '8192'), ('shop', 'log_min_duration_statement', '500');";

const INSTANCE: &str = "
    insert into rds.db_instance (name, engine, engine_version, db_instance_class, allocated_storage, master_username, master_user_password, db_subnet_group, db_parameter_group, skip_final_snapshot)
      values ('shop', 'postgres', '16.4', 'db.t4g.micro', 20, 'shop', 'hunter2-planted', 'shop', 'shop', true);
    insert into rds.db_instance_security_group (db_instance, security_group) values ('shop', 'db');";

pub(super) async fn network() -> World {
    let mut world = World::with(&["ec2", "rds"]).await;
    world.sql(NETWORK).await;
    world.check().await;
    world
}

pub(super) async fn groups() -> World {
    let mut world = network().await;
    world.sql(GROUPS).await;
    let mut calls = world.check().await;
    calls.sort();
    assert_eq!(calls, ["CreateDBParameterGroup", "CreateDBSubnetGroup", "ModifyDBParameterGroup"]);
    world
}

pub(super) async fn shop() -> World {
    let mut world = groups().await;
    world.sql(INSTANCE).await;
    assert_eq!(world.check().await, ["CreateDBInstance"]);
    world
}

#[tokio::test]
async fn everything_that_a_database_needs_is_made_before_it() {
    let mut world = World::with(&["ec2", "rds"]).await;
    world.sql(&[NETWORK, GROUPS, INSTANCE].concat()).await;
    let diff = world.diff().await;
    assert_eq!(diff[6], "+ rds.db_instance shop (us-east-1)");
    assert_eq!(diff.last().unwrap(), "Plan: 9 to create.");
    let calls = world.check().await;
    assert_eq!(calls.last().unwrap(), "CreateDBInstance");
    assert_eq!(calls.len(), 10, "a call each, and one for the parameters: {calls:?}");
    let instance = world.outside().await.rds().describe_db_instances().send().await.unwrap().db_instances.unwrap().remove(0);
    assert_eq!(instance.db_subnet_group().unwrap().db_subnet_group_name(), Some("shop"));
    let group = world.ask("select group_id from ec2.security_group where name = 'db'").await.remove(0);
    assert_eq!(instance.vpc_security_groups()[0].vpc_security_group_id(), Some(&group[..]));
    assert!(world.ask("select endpoint_address from rds.db_instance").await[0].contains("rds.amazonaws.com"));
}

#[tokio::test]
async fn an_instance_changes_in_place_with_one_call() {
    let mut world = shop().await;
    world.sql("update rds.db_instance set db_instance_class = 'db.t4g.small', allocated_storage = 40, tags = '{\"team\": \"shop\"}'").await;
    world.sql("update rds.db_instance_security_group set security_group = 'web'").await;
    assert_eq!(
        world.diff().await,
        [
            "~ rds.db_instance shop (us-east-1)",
            "      allocated_storage: 20 -> 40",
            "      db_instance_class: db.t4g.micro -> db.t4g.small",
            r#"      tags: {} -> {"team": "shop"}"#,
            r#"      vpc_security_groups: ["db"] -> ["web"]"#,
            "Plan: 1 to update."
        ]
    );
    assert_eq!(world.check().await, ["ModifyDBInstance", "AddTagsToResource"]);
}

#[tokio::test]
async fn a_new_password_is_seen_by_its_version_and_shows_nowhere() {
    let mut world = shop().await;
    world.sql("update rds.db_instance set master_user_password = 'hunter3-planted'").await;
    assert_eq!(world.diff().await, ["~ rds.db_instance shop (us-east-1)", "      master_user_password: *** -> ***", "Plan: 1 to update."]);
    let outcome = world.run(Kind::Check).await;
    assert_eq!(outcome.state, State::Done);
    let changes: Vec<_> = world.account.calls.take().into_iter().filter(|call| call.is_change()).collect();
    assert_eq!(changes.iter().map(|call| &call.action[..]).collect::<Vec<_>>(), ["ModifyDBInstance", "AddTagsToResource"]);
    assert!(changes[0].body.contains("MasterUserPassword=hunter3-planted") && !changes[1].body.contains("planted"));
    world.rests().await;
    let kept = "select t.text from (select h::text from iasql.history h union all select c::text from iasql.change c union all select r::text from iasql.run r) t (text) where text like '%planted%'";
    assert_eq!(world.ask(kept).await, Vec::<String>::new());
    assert!(!format!("{outcome:?}").contains("planted"));
}

#[tokio::test]
async fn what_somebody_else_did_to_an_instance_is_seen_and_exactly_that_is_repaired() {
    let mut world = shop().await;
    let aws = world.outside().await;
    let change = aws.rds().modify_db_instance().db_instance_identifier("shop").db_instance_class("db.m6g.large").deletion_protection(true);
    change.apply_immediately(true).send().await.unwrap();
    world.run(Kind::Refresh).await;
    assert_eq!(
        world.diff().await,
        [
            "~ rds.db_instance shop (us-east-1)",
            "      db_instance_class: db.m6g.large -> db.t4g.micro",
            "      deletion_protection: true -> false",
            "Plan: 1 to update."
        ]
    );
    assert_eq!(world.check().await, ["ModifyDBInstance"]);
}

#[tokio::test]
async fn an_instance_with_another_engine_is_replaced_under_its_name() {
    let mut world = shop().await;
    world.sql("update rds.db_instance set master_username = 'store'; select iasql.allow_replace('rds.db_instance', 'shop')").await;
    let diff = world.diff().await;
    assert_eq!(
        diff[..2],
        ["-/+ rds.db_instance shop (us-east-1)  # master_username cannot change in place", "      master_username: shop -> store"]
    );
    assert_eq!(world.settled().await, ["DeleteDBInstance", "CreateDBInstance"]);
}

#[tokio::test]
async fn a_renamed_instance_is_a_replacement_that_the_plan_shows() {
    let mut world = shop().await;
    world.sql("update rds.db_instance set name = 'store'; select iasql.allow_replace('rds.db_instance', 'store')").await;
    assert_eq!(world.diff().await[0], "-/+ rds.db_instance store (us-east-1)  # name cannot change in place");
    let mut calls = world.settled().await;
    calls.sort();
    assert_eq!(calls, ["CreateDBInstance", "DeleteDBInstance"]);
}

#[tokio::test]
async fn an_instance_and_its_groups_are_deleted_children_first() {
    let mut world = shop().await;
    world.sql("delete from rds.db_instance; delete from rds.db_subnet_group; delete from rds.db_parameter_group; delete from ec2.subnet; delete from ec2.security_group; delete from ec2.vpc").await;
    assert_eq!(world.diff().await.last().unwrap(), "Plan: 9 to delete.");
    let calls = world.settled().await;
    let last = |call: &str| calls.iter().rposition(|made| made == call).unwrap();
    for (child, parent) in [
        ("DBInstance", "DBSubnetGroup"),
        ("DBInstance", "DBParameterGroup"),
        ("DBInstance", "SecurityGroup"),
        ("DBSubnetGroup", "Subnet"),
        ("Subnet", "Vpc"),
    ] {
        assert!(last(&format!("Delete{child}")) < last(&format!("Delete{parent}")), "{calls:?}");
    }
    assert_eq!(calls.len(), 9, "{calls:?}");
}

#[tokio::test]
async fn an_instance_deleted_by_somebody_else_is_made_again() {
    let mut world = shop().await;
    world.outside().await.rds().delete_db_instance().db_instance_identifier("shop").skip_final_snapshot(true).send().await.unwrap();
    world.run(Kind::Refresh).await;
    assert_eq!(world.diff().await, ["+ rds.db_instance shop (us-east-1)", "Plan: 1 to create."]);
    assert_eq!(world.check().await, ["CreateDBInstance"]);
}

#[tokio::test]
async fn an_instance_that_exists_is_taken_over_with_one_call() {
    let mut world = network().await;
    let aws = world.outside().await;
    let asked = aws.rds().create_db_instance().db_instance_identifier("found").engine("postgres").engine_version("16.4");
    let asked = asked.db_instance_class("db.t4g.micro").allocated_storage(20).master_username("shop").master_user_password("theirs-theirs");
    asked.send().await.unwrap();
    world.run(Kind::Refresh).await;
    assert_eq!(world.diff().await[0], "? rds.db_instance found (us-east-1)  # no row asks for it");
    world.sql("insert into rds.db_instance (name, engine, db_instance_class, allocated_storage, master_username) values ('found', 'postgres', 'db.t4g.micro', 20, 'shop')").await;
    assert_eq!(world.diff().await[0], "= rds.db_instance found (us-east-1)");
    assert_eq!(world.check().await, ["AddTagsToResource"]);
}
