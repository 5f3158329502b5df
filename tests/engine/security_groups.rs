//! Security groups and their rules: from rows to the cloud and back.

use aws_sdk_ec2::types::{IpPermission, IpRange, SecurityGroupRule};
use iasql::engine::{Kind, State};

use super::World;

const WEB: &str = "
    insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16');
    insert into ec2.security_group (name, vpc) values ('web', 'core'), ('db', 'core');
    insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4, description) values
      ('web', 'ingress', 'tcp', 80, 80, '0.0.0.0/0', 'HTTP'), ('web', 'ingress', 'tcp', 443, 443, '0.0.0.0/0', 'HTTPS');
    insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, referenced_security_group) values
      ('db', 'ingress', 'tcp', 5432, 5432, 'web');";

async fn web() -> World {
    let mut world = World::with(&["ec2"]).await;
    world.sql(WEB).await;
    let mut calls = world.check().await;
    calls[1..].sort();
    let rule = "AuthorizeSecurityGroupIngress";
    assert_eq!(calls, ["CreateVpc", rule, rule, rule, "CreateSecurityGroup", "CreateSecurityGroup"]);
    world
}

/// What the cloud has of the rules of one group, but for the one that AWS gives it.
async fn rules(world: &mut World, group: &str) -> Vec<SecurityGroupRule> {
    let id = world.ask(&format!("select group_id from ec2.security_group where name = '{group}'")).await.remove(0);
    let listed = world.outside().await.ec2().describe_security_group_rules().send().await.unwrap();
    let mut rules: Vec<_> = listed
        .security_group_rules()
        .iter()
        .filter(|rule| rule.group_id() == Some(&id) && rule.ip_protocol() != Some("-1"))
        .cloned()
        .collect();
    rules.sort_by_key(|rule| rule.from_port());
    rules
}

fn port(port: i32) -> IpPermission {
    let range = IpRange::builder().cidr_ip("0.0.0.0/0").build();
    IpPermission::builder().ip_protocol("tcp").from_port(port).to_port(port).ip_ranges(range).build()
}

#[tokio::test]
async fn a_rule_changes_in_place_without_dropping_its_neighbours() {
    let mut world = web().await;
    let before = rules(&mut world, "web").await;
    world.sql("update ec2.security_group_rule set from_port = 8443, to_port = 8443, cidr_ipv4 = '10.0.0.0/8', description = 'inside' where from_port = 443").await;
    assert_eq!(
        world.diff().await,
        [
            "~ ec2.security_group_rule web ingress tcp 8443 8443 10.0.0.0/8 (us-east-1)",
            "      cidr_ipv4: 0.0.0.0/0 -> 10.0.0.0/8",
            "      description: HTTPS -> inside",
            "      from_port: 443 -> 8443",
            "      to_port: 443 -> 8443",
            "Plan: 1 to update."
        ]
    );
    assert_eq!(world.check().await, ["ModifySecurityGroupRules"]);
    let after = rules(&mut world, "web").await;
    assert_eq!(after[0], before[0]);
    assert_eq!(after[1].security_group_rule_id(), before[1].security_group_rule_id());
    assert_eq!((after[1].from_port(), after[1].cidr_ipv4()), (Some(8443), Some("10.0.0.0/8")));
}

#[tokio::test]
async fn what_somebody_else_did_to_rules_is_seen_and_exactly_that_is_repaired() {
    let mut world = web().await;
    let (there, aws) = (rules(&mut world, "web").await, world.outside().await);
    let group = there[0].group_id().unwrap();
    let revoked = there[0].security_group_rule_id().unwrap();
    aws.ec2().revoke_security_group_ingress().group_id(group).security_group_rule_ids(revoked).send().await.unwrap();
    aws.ec2().authorize_security_group_ingress().group_id(group).ip_permissions(port(22)).send().await.unwrap();
    world.run(Kind::Refresh).await;
    assert_eq!(
        world.diff().await,
        [
            "? ec2.security_group_rule web ingress tcp 22 22 0.0.0.0/0 (us-east-1)  # no row asks for it",
            "+ ec2.security_group_rule web ingress tcp 80 80 0.0.0.0/0 (us-east-1)",
            "Plan: 1 to create, 1 unmanaged and left alone."
        ]
    );
    assert_eq!(world.run(Kind::Check).await.state, State::Done);
    assert_eq!(world.account.calls.take_changes(), ["AuthorizeSecurityGroupIngress"]);
    // what was never ours stays until it gets a row, and then it is ours
    world.sql("insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4) values ('web', 'ingress', 'tcp', 22, 22, '0.0.0.0/0')").await;
    assert_eq!(world.diff().await[0], "= ec2.security_group_rule web ingress tcp 22 22 0.0.0.0/0 (us-east-1)");
    assert_eq!(world.check().await, ["CreateTags"]);
    world.sql("delete from ec2.security_group_rule where from_port = 22").await;
    assert_eq!(world.check().await, ["RevokeSecurityGroupIngress"]);
}

#[tokio::test]
async fn a_renamed_group_gets_one_tag_and_nothing_that_refers_to_it_moves() {
    let mut world = web().await;
    world.sql("update ec2.security_group set name = 'front' where name = 'web'").await;
    assert_eq!(world.diff().await, ["~ ec2.security_group front (us-east-1)", "      name: web -> front", "Plan: 1 to update."]);
    assert_eq!(world.check().await, ["CreateTags"]);
    assert_eq!(world.ask("select security_group from ec2.security_group_rule where from_port = 80").await, ["front"]);
}

#[tokio::test]
async fn a_replaced_group_brings_its_rules_along_and_is_made_before_the_old_one_goes() {
    let mut world = web().await;
    world.sql("delete from ec2.security_group_rule where security_group = 'db'").await;
    world.check().await;
    let old = world.ask("select group_id from ec2.security_group where name = 'web'").await.remove(0);
    world.sql("update ec2.security_group set description = 'What the world reaches' where name = 'web'").await;
    let moved = format!("      security_group: {old} -> (new)");
    assert_eq!(
        world.diff().await,
        [
            "-/+ ec2.security_group web (us-east-1)  # description cannot change in place",
            "      description: Managed by iasql -> What the world reaches",
            "-/+ ec2.security_group_rule web ingress tcp 443 443 0.0.0.0/0 (us-east-1)  # ec2.security_group web is replaced",
            &moved,
            "-/+ ec2.security_group_rule web ingress tcp 80 80 0.0.0.0/0 (us-east-1)  # ec2.security_group web is replaced",
            &moved,
            "Plan: 3 to replace."
        ]
    );
    let rule = "AuthorizeSecurityGroupIngress";
    let mut calls = world.check().await;
    // nothing carries the old one, so it may go as soon as the new one is there
    calls[1..].sort();
    assert_eq!(calls, ["CreateSecurityGroup", rule, rule, "DeleteSecurityGroup"]);
    assert_eq!(rules(&mut world, "web").await.len(), 2);
}

/// The local cloud says yes to a change of the group that a rule refers to, and changes nothing: so the calls are looked
/// at, and what a second look would find is not.
#[tokio::test]
async fn a_rule_of_another_group_is_turned_to_the_new_group_before_the_old_one_goes() {
    let mut world = web().await;
    world.sql("update ec2.security_group set description = 'What the world reaches' where name = 'web'").await;
    let diff = world.diff().await;
    assert!(
        diff.contains(
            &"~ ec2.security_group_rule db ingress tcp 5432 5432 web (us-east-1)  # ec2.security_group web is replaced".to_owned()
        ),
        "{diff:#?}"
    );
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, outcome.plan.len()), (State::Done, 0), "{outcome:#?}");
    let calls = world.account.calls.take_changes();
    let rule = "AuthorizeSecurityGroupIngress";
    assert_eq!(calls, ["CreateSecurityGroup", rule, rule, "ModifySecurityGroupRules", "DeleteSecurityGroup"]);
}

#[tokio::test]
async fn a_deleted_group_takes_its_rules_with_it_in_one_call() {
    let mut world = web().await;
    world.sql("delete from ec2.security_group_rule where security_group = 'db'; delete from ec2.security_group where name = 'db'").await;
    assert_eq!(world.diff().await.last().unwrap(), "Plan: 2 to delete.");
    assert_eq!(world.check().await, ["DeleteSecurityGroup"]);
}

#[tokio::test]
async fn a_deleted_group_that_others_rules_refer_to_goes_after_them() {
    let mut world = web().await;
    world.sql("delete from ec2.security_group_rule where security_group = 'web' or referenced_security_group = 'web'; delete from ec2.security_group where name = 'web'").await;
    assert_eq!(world.check().await, ["RevokeSecurityGroupIngress", "DeleteSecurityGroup"]);
}

#[tokio::test]
async fn a_group_deleted_by_somebody_else_is_made_again_with_its_rules() {
    let mut world = web().await;
    let aws = world.outside().await;
    let db = world.ask("select group_id from ec2.security_group where name = 'db'").await.remove(0);
    aws.ec2().delete_security_group().group_id(db).send().await.unwrap();
    world.run(Kind::Refresh).await;
    assert_eq!(world.diff().await.last().unwrap(), "Plan: 2 to create.");
    assert_eq!(world.check().await, ["CreateSecurityGroup", "AuthorizeSecurityGroupIngress"]);
}

#[tokio::test]
async fn groups_whose_rules_refer_to_each_other_are_made_and_torn_down() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    world.sql("insert into ec2.security_group (name, vpc) values ('a', 'core'), ('b', 'core')").await;
    let rule = "insert into ec2.security_group_rule (security_group, direction, ip_protocol, referenced_security_group) values";
    world.sql(&format!("{rule} ('a', 'ingress', '-1', 'b'), ('b', 'ingress', '-1', 'a'), ('a', 'ingress', '-1', 'a')")).await;
    let calls = world.check().await;
    assert_eq!(calls.iter().filter(|call| *call == "AuthorizeSecurityGroupIngress").count(), 3, "{calls:?}");
    world.sql("delete from ec2.security_group_rule; delete from ec2.security_group; delete from ec2.vpc").await;
    let calls = world.check().await;
    assert_eq!(calls.last().unwrap(), "DeleteVpc");
    let first_group = calls.iter().position(|call| call == "DeleteSecurityGroup").unwrap();
    // AWS deletes no group that another's rule refers to: so at least one of the two is revoked before
    assert!(calls[..first_group].contains(&"RevokeSecurityGroupIngress".to_owned()), "{calls:?}");
}

#[tokio::test]
async fn the_rule_that_lets_everything_out_is_taken_over_when_it_is_asked_for_and_goes_with_its_row() {
    let mut world = web().await;
    world.sql("insert into ec2.security_group (name, vpc) values ('new', 'core')").await;
    let rule = "insert into ec2.security_group_rule (security_group, direction, ip_protocol, cidr_ipv4) values";
    world.sql(&format!("{rule} ('web', 'egress', '-1', '0.0.0.0/0'), ('new', 'egress', '-1', '0.0.0.0/0')")).await;
    let diff = world.diff().await;
    assert!(diff.contains(&"= ec2.security_group_rule web egress -1 0.0.0.0/0 (us-east-1)".to_owned()), "{diff:#?}");
    let mut calls = world.check().await;
    calls.sort();
    assert_eq!(calls, ["CreateSecurityGroup", "CreateTags", "CreateTags"]);
    world.sql("delete from ec2.security_group_rule where direction = 'egress' and security_group = 'web'").await;
    assert_eq!(world.check().await, ["RevokeSecurityGroupEgress"]);
}

#[tokio::test]
async fn tags_and_descriptions_of_groups_and_rules_change_with_one_call_each() {
    let mut world = web().await;
    world.sql("update ec2.security_group set tags = '{\"team\": \"a\"}' where name = 'web'").await;
    world.sql("update ec2.security_group_rule set tags = '{\"team\": \"a\"}' where from_port = 80").await;
    assert_eq!(world.check().await, ["CreateTags", "CreateTags"]);
    world.sql("update ec2.security_group_rule set tags = '{}', description = 'Old HTTP' where from_port = 80").await;
    assert_eq!(world.check().await, ["ModifySecurityGroupRules", "DeleteTags"]);
    world.sql("update ec2.security_group_rule set description = null where from_port = 443").await;
    assert_eq!(world.check().await, Vec::<String>::new());
    // the local cloud keeps a description that is taken away, so it is the call that is looked at
    world.sql("update ec2.security_group_rule set description = '' where from_port = 80").await;
    assert_eq!(world.run(Kind::Check).await.state, State::Done);
    let calls = world.account.calls.take();
    let call = calls.iter().find(|call| call.is_change()).unwrap();
    assert!(call.action == "ModifySecurityGroupRules" && !call.body.contains("Description"), "{}", call.body);
}

#[tokio::test]
async fn groups_that_refer_to_each_other_are_made_and_torn_down_without_a_refused_call() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16'); insert into ec2.security_group (name, vpc) values ('a', 'core'), ('b', 'core')").await;
    world.sql("insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, referenced_security_group) values ('a', 'ingress', 'tcp', 80, 80, 'b'), ('b', 'ingress', 'tcp', 80, 80, 'a')").await;
    assert_eq!(world.check().await.len(), 5);
    world.sql("delete from ec2.security_group_rule; delete from ec2.security_group; delete from ec2.vpc").await;
    // a rule goes with its group, but one of the two must go first
    let calls = world.check().await;
    assert_eq!(calls.last().map(String::as_str), Some("DeleteVpc"), "{calls:?}");
    let refused = world.ask("select count(*)::text from iasql.change where state = 'failed'").await;
    assert_eq!(refused, ["0"], "{calls:?}");
}
