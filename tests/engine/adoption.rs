//! What is there already: taken over, referred to, left alone, or removed where that is asked for.

use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use iasql::engine::{Kind, State};

use super::World;

/// Things as somebody else made them, by hand.
struct Theirs {
    vpc: String,
    subnet: String,
}

async fn theirs(world: &World) -> Theirs {
    let aws = world.outside().await;
    let vpc = aws.ec2().create_vpc().cidr_block("10.0.0.0/16").tag_specifications(named(ResourceType::Vpc, "core")).send().await.unwrap();
    let vpc = vpc.vpc().and_then(|vpc| vpc.vpc_id()).unwrap().to_owned();
    let subnet = aws.ec2().create_subnet().vpc_id(&vpc).cidr_block("10.0.1.0/24").tag_specifications(named(ResourceType::Subnet, "a"));
    let subnet = subnet.send().await.unwrap();
    let subnet = subnet.subnet().and_then(|subnet| subnet.subnet_id()).unwrap().to_owned();
    Theirs { vpc, subnet }
}

fn named(kind: ResourceType, name: &str) -> TagSpecification {
    TagSpecification::builder().resource_type(kind).tags(Tag::builder().key("Name").value(name).build()).build()
}

/// The ids of all VPCs and subnets that are no default ones.
async fn there(world: &World) -> Vec<String> {
    let aws = world.outside().await;
    let (vpcs, subnets) = (aws.ec2().describe_vpcs().send().await.unwrap(), aws.ec2().describe_subnets().send().await.unwrap());
    let vpcs = vpcs.vpcs().iter().filter(|vpc| vpc.is_default() != Some(true)).filter_map(|vpc| vpc.vpc_id());
    let subnets = subnets.subnets().iter().filter(|subnet| subnet.default_for_az() != Some(true)).filter_map(|subnet| subnet.subnet_id());
    vpcs.chain(subnets).map(str::to_owned).collect()
}

/// A check after which something stands in the plan that is not ours to do.
async fn checked(world: &mut World) -> Vec<String> {
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, &outcome.errors[..]), (State::Done, &[][..]), "{outcome:#?}");
    world.account.calls.take_changes()
}

#[tokio::test]
async fn what_exists_is_taken_over_with_one_tag_when_it_gets_a_row() {
    let mut world = World::with(&["ec2"]).await;
    let theirs = theirs(&world).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16'); insert into ec2.subnet (name, vpc, cidr_block) values ('a', 'core', '10.0.1.0/24')").await;
    world.run(Kind::Refresh).await;
    assert_eq!(world.diff().await, ["= ec2.subnet a (us-east-1)", "= ec2.vpc core (us-east-1)", "Plan: 2 to adopt."]);
    assert_eq!(world.check().await, ["CreateTags", "CreateTags"]);
    assert_eq!(there(&world).await, [theirs.vpc, theirs.subnet]);
    // and from now on it is ours
    world.sql("delete from ec2.subnet; delete from ec2.vpc").await;
    assert_eq!(world.check().await, ["DeleteSubnet", "DeleteVpc"]);
}

#[tokio::test]
async fn what_is_taken_over_and_differs_is_changed_in_the_same_step() {
    let mut world = World::with(&["ec2"]).await;
    theirs(&world).await;
    world.sql("insert into ec2.vpc (name, cidr_block, tags) values ('core', '10.0.0.0/16', '{\"team\": \"a\"}')").await;
    world.sql("insert into ec2.subnet (name, vpc, cidr_block, map_public_ip_on_launch) values ('a', 'core', '10.0.1.0/24', true)").await;
    let mut calls = world.check().await;
    calls.sort();
    assert_eq!(calls, ["CreateTags", "CreateTags", "ModifySubnetAttribute"]);
}

#[tokio::test]
async fn what_is_taken_over_and_differs_for_good_is_replaced() {
    let mut world = World::with(&["ec2"]).await;
    let theirs = theirs(&world).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16'); insert into ec2.subnet (name, vpc, cidr_block) values ('a', 'core', '10.0.2.0/24')").await;
    world.run(Kind::Refresh).await;
    let diff = world.diff().await;
    assert!(diff.contains(&"      cidr_block: 10.0.1.0/24 -> 10.0.2.0/24".to_owned()), "{diff:#?}");
    let mut calls = world.check().await;
    calls.sort();
    assert_eq!(calls, ["CreateSubnet", "CreateTags", "CreateTags", "DeleteSubnet"]);
    assert!(!there(&world).await.contains(&theirs.subnet));
}

#[tokio::test]
async fn what_no_row_asks_for_is_shown_and_left_alone() {
    let mut world = World::with(&["ec2"]).await;
    let theirs = theirs(&world).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('mine', '10.1.0.0/16')").await;
    assert_eq!(checked(&mut world).await, ["CreateVpc"]);
    let diff = [
        "? ec2.subnet a (us-east-1)  # no row asks for it",
        "? ec2.vpc core (us-east-1)  # no row asks for it",
        "Plan: 2 unmanaged and left alone.",
    ];
    assert_eq!(world.diff().await, diff);
    world.sql("delete from ec2.vpc").await;
    assert_eq!(checked(&mut world).await, ["DeleteVpc"]);
    assert_eq!(there(&world).await, [theirs.vpc, theirs.subnet]);
}

#[tokio::test]
async fn the_tables_are_the_whole_truth_where_unknown_resources_are_deleted_but_for_the_clouds_own() {
    let mut world = World::with(&["ec2"]).await;
    theirs(&world).await;
    let aws = world.outside().await;
    let count = async || {
        let subnets = aws.ec2().describe_subnets().send().await.unwrap().subnets().len();
        let (groups, tables) =
            (aws.ec2().describe_security_groups().send().await.unwrap(), aws.ec2().describe_route_tables().send().await.unwrap());
        (subnets, groups.security_groups().len(), tables.route_tables().len())
    };
    let before = count().await;
    world.sql("select iasql.set('unknown_resources', 'delete')").await;
    assert_eq!(world.check().await, ["DeleteSubnet", "DeleteVpc"]);
    assert_eq!(there(&world).await, Vec::<String>::new());
    // the default VPC stands with all its parts; only what came with the deleted one went with it
    assert_eq!(count().await, (before.0 - 1, before.1 - 1, before.2 - 1));
}

#[tokio::test]
async fn a_default_vpc_can_be_referred_to_and_is_never_touched() {
    let mut world = World::with(&["ec2"]).await;
    let vpcs = world.outside().await.ec2().describe_vpcs().send().await.unwrap();
    let default = vpcs.vpcs()[0].vpc_id().unwrap().to_owned();
    world
        .sql(&format!(
            "insert into ec2.vpc (name, cidr_block, vpc_id, reference_only) values ('default', '172.31.0.0/16', '{default}', true)"
        ))
        .await;
    world.sql("insert into ec2.security_group (name, vpc) values ('web', 'default')").await;
    assert_eq!(world.check().await, ["CreateSecurityGroup"]);
    world.sql("update ec2.vpc set tags = '{\"a\": \"b\"}', cidr_block = '10.0.0.0/16'").await;
    assert_eq!(world.check().await, Vec::<String>::new());
    world.sql("delete from ec2.security_group; delete from ec2.vpc").await;
    assert_eq!(world.check().await, ["DeleteSecurityGroup"]);
    let vpcs = world.outside().await.ec2().describe_vpcs().send().await.unwrap();
    assert_eq!(vpcs.vpcs()[0].vpc_id(), Some(&default[..]));
}

#[tokio::test]
async fn what_is_only_referred_to_is_matched_by_its_key_and_forgotten_with_its_row() {
    let mut world = World::with(&["ec2"]).await;
    let theirs = theirs(&world).await;
    world.sql("insert into ec2.vpc (name, cidr_block, reference_only) values ('core', '10.0.0.0/16', true)").await;
    world.sql("insert into ec2.subnet (name, vpc, cidr_block) values ('b', 'core', '10.0.2.0/24')").await;
    assert_eq!(checked(&mut world).await, ["CreateSubnet"]);
    world.sql("delete from ec2.subnet; delete from ec2.vpc").await;
    assert_eq!(checked(&mut world).await, ["DeleteSubnet"]);
    assert_eq!(there(&world).await, [theirs.vpc, theirs.subnet]);
    assert_eq!(world.diff().await.last().unwrap(), "Plan: 2 unmanaged and left alone.");
}

#[tokio::test]
async fn what_is_referred_to_and_not_there_is_said_and_never_made() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block, reference_only) values ('core', '10.0.0.0/16', true)").await;
    world.sql("insert into ec2.subnet (name, vpc, cidr_block) values ('b', 'core', '10.0.2.0/24')").await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('mine', '10.1.0.0/16')").await;
    let outcome = world.run(Kind::Check).await;
    assert_eq!(world.account.calls.take_changes(), ["CreateVpc"]);
    assert_eq!(outcome.state, State::Failed);
    assert!(
        outcome.errors.iter().any(|said| said.contains("ec2.vpc core") && said.contains("is only referred to, and is not there")),
        "{outcome:#?}"
    );
}

#[tokio::test]
async fn what_is_changed_of_a_row_stands_below_that_row_where_something_else_has_its_name() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16')").await;
    world.check().await;
    let aws = world.outside().await;
    aws.ec2().create_vpc().cidr_block("10.0.0.0/16").tag_specifications(named(ResourceType::Vpc, "shop")).send().await.unwrap();
    world.run(Kind::Refresh).await;
    world.sql("update ec2.vpc set cidr_block = '10.30.0.0/16'").await;
    let diff = world.diff().await;
    let changed = diff.iter().position(|line| line == "      cidr_block: 10.20.0.0/16 -> 10.30.0.0/16").expect("the change");
    assert!(diff[changed - 1].starts_with("-/+ ec2.vpc shop"), "{diff:#?}");
    assert!(diff.iter().any(|line| line.starts_with("? ec2.vpc shop")), "{diff:#?}");
}
