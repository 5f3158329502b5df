//! Instances and the security groups they carry: from rows to the cloud and back.

use aws_sdk_ec2::types::AttributeBooleanValue;
use iasql::engine::Kind;

use super::World;

/// A network with two groups, and one machine that carries the first.
async fn machine() -> World {
    let mut world = World::with(&["ec2"]).await;
    let image = image(&world).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16'); insert into ec2.subnet (name, vpc, cidr_block) values ('a', 'core', '10.0.0.0/24')").await;
    world.sql("insert into ec2.security_group (name, vpc) values ('web', 'core'), ('ops', 'core')").await;
    world.sql("insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4) values ('web', 'ingress', 'tcp', 80, 80, '0.0.0.0/0')").await;
    world
        .sql(&format!("insert into ec2.instance (name, image_id, instance_type, subnet) values ('one', '{image}', 't3.micro', 'a')"))
        .await;
    world.sql("insert into ec2.instance_security_group (instance, security_group) values ('one', 'web')").await;
    let calls = world.settled().await;
    assert_eq!(calls.iter().filter(|call| *call == "RunInstances").count(), 1, "{calls:?}");
    assert_eq!((calls.len(), &calls[0][..]), (6, "CreateVpc"), "{calls:?}");
    assert_eq!(groups(&mut world).await, ["web"]);
    world
}

async fn image(world: &World) -> String {
    let images = world.outside().await.ec2().describe_images().send().await.unwrap();
    images.images()[0].image_id().unwrap().to_owned()
}

/// The names of the groups that the machine carries in the cloud.
async fn groups(world: &mut World) -> Vec<String> {
    let id = world.ask("select instance_id from ec2.instance where name = 'one'").await.remove(0);
    let there = world.outside().await.ec2().describe_instances().instance_ids(id).send().await.unwrap();
    let ids: Vec<_> =
        there.reservations()[0].instances()[0].security_groups().iter().map(|group| format!("'{}'", group.group_id().unwrap())).collect();
    world.ask(&format!("select name from ec2.security_group where group_id in ({}) order by name", ids.join(", "))).await
}

#[tokio::test]
async fn a_machine_changes_its_groups_while_it_runs() {
    let mut world = machine().await;
    world.sql("insert into ec2.instance_security_group (instance, security_group) values ('one', 'ops')").await;
    assert_eq!(
        world.diff().await,
        ["~ ec2.instance one (us-east-1)", "      security_groups: [\"web\"] -> [\"ops\", \"web\"]", "Plan: 1 to update."]
    );
    assert_eq!(world.check().await, ["ModifyInstanceAttribute"]);
    assert_eq!(groups(&mut world).await, ["ops", "web"]);
    world.sql("delete from ec2.instance_security_group where security_group = 'web'").await;
    assert_eq!(world.check().await, ["ModifyInstanceAttribute"]);
    assert_eq!(groups(&mut world).await, ["ops"]);
}

#[tokio::test]
async fn a_replaced_group_is_made_filled_and_moved_over_before_the_old_one_goes() {
    let mut world = machine().await;
    world.sql("update ec2.security_group set description = 'Other' where name = 'web'").await;
    let diff = world.diff().await;
    assert!(diff.contains(&"~ ec2.instance one (us-east-1)  # ec2.security_group web is replaced".to_owned()), "{diff:#?}");
    let calls = ["CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "ModifyInstanceAttribute", "DeleteSecurityGroup"];
    assert_eq!(world.check().await, calls);
    assert_eq!(groups(&mut world).await, ["web"]);
}

#[tokio::test]
async fn a_renamed_group_or_subnet_leaves_the_machine_alone() {
    let mut world = machine().await;
    world.sql("update ec2.security_group set name = 'front' where name = 'web'; update ec2.subnet set name = 'b'; update ec2.instance set name = 'first'").await;
    assert_eq!(world.diff().await.last().unwrap(), "Plan: 3 to update.");
    assert_eq!(world.check().await, ["CreateTags", "CreateTags", "CreateTags"]);
    assert_eq!(world.ask("select instance || ' ' || security_group from ec2.instance_security_group").await, ["first front"]);
}

#[tokio::test]
async fn a_replaced_subnet_replaces_its_machine() {
    let mut world = machine().await;
    world.sql("update ec2.subnet set cidr_block = '10.0.7.0/24'").await;
    assert_eq!(world.diff().await.last().unwrap(), "Plan: 2 to replace.");
    assert_eq!(world.settled().await, ["TerminateInstances", "DeleteSubnet", "CreateSubnet", "RunInstances"]);
    assert_eq!(groups(&mut world).await, ["web"]);
}

#[tokio::test]
async fn another_image_or_other_user_data_mean_another_machine() {
    let mut world = machine().await;
    world.sql("update ec2.instance set user_data = 'echo hello'").await;
    assert_eq!(
        world.diff().await,
        [
            "-/+ ec2.instance one (us-east-1)  # user_data_version cannot change in place",
            "      user_data: *** -> ***",
            "Plan: 1 to replace."
        ]
    );
    assert_eq!(world.settled().await, ["TerminateInstances", "RunInstances"]);
}

#[tokio::test]
async fn another_type_stops_the_machine_and_starts_it_again() {
    let mut world = machine().await;
    world.sql("update ec2.instance set instance_type = 't3.small', tags = '{\"team\": \"a\"}'").await;
    assert_eq!(world.diff().await.last().unwrap(), "Plan: 1 to update.");
    let calls = world.settled().await;
    assert_eq!(calls, ["CreateTags", "CreateTags", "StopInstances", "ModifyInstanceAttribute", "StartInstances", "DeleteTags"]);
    assert_eq!(world.ask("select state from ec2.instance").await, ["running"]);
}

#[tokio::test]
async fn what_somebody_else_did_to_a_machine_is_repaired() {
    let mut world = machine().await;
    let aws = world.outside().await;
    let id = world.ask("select instance_id from ec2.instance").await.remove(0);
    let ops = world.ask("select group_id from ec2.security_group where name = 'ops'").await.remove(0);
    aws.ec2().modify_instance_attribute().instance_id(&id).groups(ops).send().await.unwrap();
    let off = AttributeBooleanValue::builder().value(false).build();
    aws.ec2().modify_instance_attribute().instance_id(&id).source_dest_check(off).send().await.unwrap();
    // nobody asked for source_dest_check, so only the groups are repaired
    world.run(Kind::Refresh).await;
    assert_eq!(
        world.diff().await,
        ["~ ec2.instance one (us-east-1)", "      security_groups: [\"ops\"] -> [\"web\"]", "Plan: 1 to update."]
    );
    assert_eq!(world.check().await, ["ModifyInstanceAttribute"]);
    world.sql("update ec2.instance set source_dest_check = true").await;
    assert_eq!(world.check().await, ["ModifyInstanceAttribute"]);
    aws.ec2().terminate_instances().instance_ids(id).send().await.unwrap();
    assert_eq!(world.settled().await, ["RunInstances"]);
}

#[tokio::test]
async fn a_machine_is_gone_before_what_it_stands_on() {
    let mut world = machine().await;
    world.sql("insert into ec2.route_table (name, vpc) values ('t', 'core'); insert into ec2.route (route_table, destination, instance) values ('t', '10.9.0.0/16', 'one')").await;
    world.check().await;
    world.sql("delete from ec2.route; delete from ec2.instance; delete from ec2.security_group_rule; delete from ec2.security_group; delete from ec2.subnet").await;
    world.sql("delete from ec2.route_table; delete from ec2.vpc").await;
    let calls = world.settled().await;
    let place = |call: &str| calls.iter().position(|it| it == call).unwrap();
    assert!(place("DeleteRouteTable") < place("TerminateInstances"), "{calls:?}");
    // the group that nobody carries may go at any time
    let after = &calls[place("TerminateInstances") + 1..];
    assert!(["DeleteSubnet", "DeleteSecurityGroup", "DeleteVpc"].iter().all(|call| after.iter().any(|it| it == call)), "{calls:?}");
    assert_eq!((calls.len(), &calls[5][..]), (6, "DeleteVpc"), "{calls:?}");
}

#[tokio::test]
async fn a_machine_gets_a_profile_by_reference_is_moved_to_another_and_all_of_it_goes_in_one_check() {
    let mut world = machine().await;
    let trust = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}"#;
    world.sql(&format!("insert into iam.role (name, assume_role_policy_document) values ('web', '{trust}')")).await;
    world.sql("insert into iam.instance_profile (name, path, role) values ('a', '/web/', 'web'), ('b', null, 'web'); update ec2.instance set instance_profile = 'a'").await;
    let calls = world.check().await;
    assert!(calls.len() == 6 && calls.contains(&"AssociateIamInstanceProfile".to_owned()), "{calls:?}");
    let refusal = world.refusal("update ec2.instance set iam_instance_profile = 'b'").await;
    assert!(refusal.contains("an_instance_has_an_instance_profile_or_names_one"), "{refusal}");

    // the local cloud's instances don't notice a replacement, so this check does not come to rest
    world.sql("update ec2.instance set instance_profile = 'b'; delete from iam.instance_profile where name = 'a'").await;
    world.run(Kind::Check).await;
    let calls = world.account.calls.take_changes();
    assert_eq!(calls[..3], ["ReplaceIamInstanceProfileAssociation", "RemoveRoleFromInstanceProfile", "DeleteInstanceProfile"]);

    world.sql("delete from ec2.instance; delete from iam.instance_profile; delete from iam.role").await;
    // none is refused; in which order the instance goes, the local cloud can't show, for it still has it with the first profile
    let mut gone = world.settled().await;
    gone.sort();
    assert_eq!(gone, ["DeleteInstanceProfile", "DeleteRole", "RemoveRoleFromInstanceProfile", "TerminateInstances"]);
}
