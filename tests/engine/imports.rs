//! An account that has been in use for long, and a database that is new: all of it becomes rows, and nothing of it is changed.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{IpPermission, IpRange, ResourceType, Tag, TagSpecification};
use aws_sdk_s3::types::{BucketVersioningStatus, Tagging, VersioningConfiguration};
use futures::future::join_all;
use iasql::{
    aws::Aws,
    engine::{Kind, State},
    resource::Owner,
};

use super::World;

/// How many networks there are.
const NETWORKS: usize = 12;
/// How many buckets, and how many secrets.
const OTHERS: usize = 20;

fn tags(kind: ResourceType, tags: &[(&str, &str)]) -> TagSpecification {
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(*key).value(*value).build()).collect();
    TagSpecification::builder().resource_type(kind).set_tags(Some(tags)).build()
}

/// A network with five subnets and three groups of two rules. Every third has no name, and two have the same.
async fn network(aws: &Aws, n: usize) {
    let ec2 = aws.ec2();
    let name = if n < 2 { "same".to_owned() } else { format!("network {n}") };
    let named: &[(&str, &str)] = if n % 3 == 2 { &[] } else { &[("Name", &name)] };
    let vpc = ec2.create_vpc().cidr_block(format!("10.{n}.0.0/16")).tag_specifications(tags(ResourceType::Vpc, named));
    let vpc = vpc.send().await.unwrap().vpc.and_then(|vpc| vpc.vpc_id).unwrap();
    for s in 0..5 {
        let subnet = ec2.create_subnet().vpc_id(&vpc).cidr_block(format!("10.{n}.{s}.0/24"));
        subnet.tag_specifications(tags(ResourceType::Subnet, &[("Name", "subnet"), ("team", "a")])).send().await.unwrap();
    }
    for g in 0..3 {
        let group = ec2.create_security_group().vpc_id(&vpc).group_name(format!("g{g}")).description("a group");
        let id = group.send().await.unwrap().group_id.unwrap();
        for port in [80, 443] {
            let from = IpRange::builder().cidr_ip("10.0.0.0/8").build();
            let permission = IpPermission::builder().ip_protocol("tcp").from_port(port).to_port(port).ip_ranges(from).build();
            ec2.authorize_security_group_ingress().group_id(&id).ip_permissions(permission).send().await.unwrap();
        }
    }
}

/// A bucket: every second one keeps versions, every fourth has tags.
async fn bucket(aws: &Aws, account: &str, n: usize) {
    let (s3, name) = (aws.s3(), format!("import-{account}-{n}"));
    s3.create_bucket().bucket(&name).send().await.unwrap();
    if n.is_multiple_of(2) {
        let versions = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        s3.put_bucket_versioning().bucket(&name).versioning_configuration(versions).send().await.unwrap();
    }
    if n.is_multiple_of(4) {
        let tag = aws_sdk_s3::types::Tag::builder().key("team").value("a").build().unwrap();
        s3.put_bucket_tagging().bucket(&name).tagging(Tagging::builder().tag_set(tag).build().unwrap()).send().await.unwrap();
    }
}

async fn secret(aws: &Aws, n: usize) {
    aws.secretsmanager().create_secret().name(format!("secret/{n}")).secret_string("hunter2").send().await.unwrap();
}

/// Hundreds of things as people made them by hand; one group stands in the network that AWS made by itself.
async fn account(world: &World) -> String {
    let aws = world.outside().await;
    let id = aws.sts().get_caller_identity().send().await.unwrap().account.unwrap();
    join_all((0..NETWORKS).map(|n| network(&aws, n))).await;
    join_all((0..OTHERS).map(|n| bucket(&aws, &id, n))).await;
    join_all((0..OTHERS).map(|n| secret(&aws, n))).await;
    let vpcs = aws.ec2().describe_vpcs().send().await.unwrap();
    let own = vpcs.vpcs().iter().find(|vpc| vpc.is_default() == Some(true)).and_then(|vpc| vpc.vpc_id()).unwrap().to_owned();
    aws.ec2().create_security_group().vpc_id(&own).group_name("beside").description("beside").send().await.unwrap();
    own
}

#[tokio::test]
async fn hundreds_of_things_become_rows_and_nothing_is_left_to_do() {
    let mut world = World::with(&["ec2", "s3", "secretsmanager"]).await;
    let own = account(&world).await;
    let outcome = world.run(Kind::Import).await;
    assert_eq!(world.account.calls.take_changes(), Vec::<String>::new());
    assert_eq!((outcome.state, &outcome.errors[..], &outcome.blind[..]), (State::Done, &[][..], &[][..]));
    let left: Vec<_> = outcome.imported.iter().flat_map(|it| it.left.iter().chain(&it.incomplete)).collect();
    assert_eq!(left, Vec::<&iasql::engine::Told>::new());
    let counts: BTreeMap<_, _> = outcome.imported.iter().map(|it| (it.resource.as_str(), it.imported)).collect();
    let expected = BTreeMap::from([
        // the one that AWS made stands below one of theirs
        ("ec2.vpc", NETWORKS + 1),
        ("ec2.subnet", 5 * NETWORKS),
        ("ec2.security_group", 3 * NETWORKS + 1),
        // without those by which AWS lets everything out
        ("ec2.security_group_rule", 6 * NETWORKS),
        ("ec2.vpc_attribute", NETWORKS + 1),
        ("s3.bucket", OTHERS),
        ("s3.bucket_versioning", OTHERS / 2),
        ("s3.bucket_tagging", OTHERS / 4),
        ("secretsmanager.secret", OTHERS),
    ]);
    assert_eq!(counts, expected);
    world.rests().await;
    assert_eq!(world.ask("select name from ec2.vpc where name like 'network%' order by 1 limit 2").await, ["network 10", "network 3"]);
    assert_eq!(world.ask("select count(*)::text from ec2.vpc where name = vpc_id").await, [(NETWORKS / 3 + 2).to_string()]);
    assert_eq!(world.ask("select count(*)::text from secretsmanager.secret where value is null").await, [OTHERS.to_string()]);
    // what has become a row is theirs to change, and what AWS made is only forgotten
    world.sql(&format!("update ec2.vpc set tags = '{{\"team\": \"b\"}}' where name = 'same'; delete from ec2.security_group_rule where security_group in (select name from ec2.security_group where vpc = '{own}'); delete from ec2.security_group where vpc = '{own}'; delete from ec2.vpc_attribute where vpc = '{own}'; delete from ec2.vpc where name = '{own}'")).await;
    let mut changes = world.check().await;
    changes.sort();
    // what is set on a network goes back to what a network has at first
    assert_eq!(changes, ["CreateTags", "DeleteSecurityGroup", "ModifyVpcAttribute"]);
}

#[tokio::test]
async fn what_comes_later_becomes_a_row_where_that_is_set_and_what_is_anothers_does_not() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("select iasql.set('unknown_resources', 'adopt')").await;
    assert_eq!(world.check().await, Vec::<String>::new());
    let ec2 = world.outside().await;
    for owner in [None, Some((Owner::KEY, "another/0190d3a4-0000-4000-8000-000000000000"))] {
        let vpc = ec2.ec2().create_vpc().cidr_block("10.0.0.0/16").tag_specifications(tags(ResourceType::Vpc, owner.as_slice()));
        vpc.send().await.unwrap();
    }
    let outcome = world.run(Kind::Check).await;
    assert_eq!(world.account.calls.take_changes(), Vec::<String>::new());
    let left: Vec<_> = outcome.imported.iter().flat_map(|it| &it.left).map(|it| it.said.as_str()).collect();
    // and what AWS has made with another's network stays with it
    assert!(
        left[0] == "it belongs to another" && left[1..].iter().all(|said| said.starts_with("it refers to what was not imported: ec2.vpc")),
        "{left:?}"
    );
    let vpcs: Vec<_> = outcome.imported.iter().filter(|it| it.resource == "ec2.vpc").map(|it| it.imported).collect();
    assert_eq!(vpcs, [1]);
    let theirs =
        "select count(*)::text from ec2.vpc d join observed.ec2_vpc o on o.row_id = d.row_id where d.name = o.vpc_id and not o.implicit";
    assert_eq!(world.ask(theirs).await, ["1"]);
}
