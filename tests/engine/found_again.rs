//! An account outlives what we know of it: everything in it is taken over again by its key.

use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use iasql::engine::Kind;

use super::World;

const NETWORK: &str = include_str!("found_again/network.sql");
const FORGET: &str = include_str!("found_again/forget.sql");

/// Somebody takes our tag off everything.
async fn strip(world: &World) {
    let aws = world.outside().await;
    let tags = aws.ec2().describe_tags().send().await.unwrap();
    let ours = tags.tags().iter().filter(|tag| tag.key() == Some("iasql:row")).filter_map(|tag| tag.resource_id().map(str::to_owned));
    aws.ec2().delete_tags().set_resources(Some(ours.collect())).tags(Tag::builder().key("iasql:row").build()).send().await.unwrap();
}

/// The resource types that the user has rows of, in alphabetical order.
async fn types_with_rows(world: &mut World) -> Vec<String> {
    let mut found = vec![];
    for table in world.ask("select name from iasql.resource where part_of is null order by 1").await {
        if world.ask(&format!("select exists (select from {table})::text")).await == ["true"] {
            found.push(table);
        }
    }
    found
}

#[tokio::test]
async fn every_type_of_a_network_is_adopted_by_its_key_with_one_tag_each_or_none() {
    let mut world = World::with(&["ec2"]).await;
    world.sql(NETWORK).await;
    world.settled().await;
    let before = world
        .ask("select vpc_id from ec2.vpc union select subnet_id from ec2.subnet union select instance_id from ec2.instance order by 1")
        .await;
    strip(&world).await;
    sqlx::raw_sql(FORGET).execute(&world.owner).await.unwrap();
    world.run(Kind::Refresh).await;
    let adopted: Vec<String> = world.ask("select resource from iasql.plan where action = 'adopt' order by 1").await;
    assert_eq!(adopted, types_with_rows(&mut world).await);
    assert_eq!(world.ask("select count(*)::text from iasql.plan where action not in ('adopt', 'unmanaged')").await, ["0"]);
    // a route and an association carry no tags
    assert_eq!(world.check().await, ["CreateTags"; 7]);
    assert_eq!(
        world
            .ask("select vpc_id from ec2.vpc union select subnet_id from ec2.subnet union select instance_id from ec2.instance order by 1")
            .await,
        before
    );
}

#[tokio::test]
async fn what_carries_our_tag_is_found_again_without_a_call() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    world.check().await;
    sqlx::raw_sql(FORGET).execute(&world.owner).await.unwrap();
    assert_eq!(world.diff().await, ["+ ec2.vpc core (us-east-1)", "Plan: 1 to create."]);
    assert_eq!(world.check().await, Vec::<String>::new());
}

#[tokio::test]
async fn every_type_of_a_bucket_is_adopted_by_its_key_without_a_call() {
    let mut world = World::with(&["s3"]).await;
    // the name must be one's own in the world, and the local cloud is one for all accounts
    let name = format!("found-again-{}", world.account.id);
    world.sql(&include_str!("../../modules/s3/example.sql").replace("shop-receipts-4711", &name)).await;
    world.check().await;
    sqlx::raw_sql(FORGET).execute(&world.owner).await.unwrap();
    world.run(Kind::Refresh).await;
    assert_eq!(
        world.ask("select resource || ' ' || action from iasql.plan order by 1").await,
        types_with_rows(&mut world).await.into_iter().map(|table| table + " adopt").collect::<Vec<_>>()
    );
    assert_eq!(world.check().await, Vec::<String>::new());
}

#[tokio::test]
async fn what_another_database_of_the_same_name_made_is_not_ours() {
    let mut world = World::with(&["ec2"]).await;
    let aws = world.outside().await;
    let tag = format!("{}/11111111-1111-4111-8111-111111111111", world.database.name());
    let tags =
        TagSpecification::builder().resource_type(ResourceType::Vpc).tags(Tag::builder().key("iasql:row").value(&tag).build()).build();
    aws.ec2().create_vpc().cidr_block("10.0.0.0/16").tag_specifications(tags).send().await.unwrap();
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.applied, world.account.calls.take_changes()), (0, vec![]));
    assert!(world.diff().await[0].ends_with(&format!("# it belongs to {}", world.database.name())));
}

#[tokio::test]
async fn the_clouds_own_is_never_taken_for_a_row_whatever_tag_it_carries() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    world.check().await;
    let (aws, row) = (world.outside().await, world.ask("select row_id::text from ec2.vpc").await.remove(0));
    let default = aws.ec2().describe_vpcs().send().await.unwrap();
    let default = default.vpcs().iter().find(|vpc| vpc.is_default() == Some(true)).and_then(|vpc| vpc.vpc_id()).unwrap().to_owned();
    let tag = Tag::builder().key("iasql:row").value(format!("{}/{row}", world.database.name())).build();
    aws.ec2().create_tags().resources(&default).tags(tag).send().await.unwrap();
    aws.ec2().delete_vpc().vpc_id(world.ask("select vpc_id from ec2.vpc").await.remove(0)).send().await.unwrap();
    assert_eq!(world.check().await, ["CreateVpc"]);
    world.sql("delete from ec2.vpc").await;
    assert_eq!(world.check().await, ["DeleteVpc"]);
    assert_eq!(aws.ec2().describe_vpcs().vpc_ids(default).send().await.unwrap().vpcs().len(), 1);
}

#[tokio::test]
async fn a_creation_whose_answer_was_lost_is_found_by_its_tag_and_settled() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    sqlx::raw_sql(include_str!("found_again/lost.sql")).execute(&world.owner).await.unwrap();
    let row = world.ask("select row_id::text from ec2.vpc").await.remove(0);
    let named = Tag::builder().key("Name").value("core").build();
    let ours = Tag::builder().key("iasql:row").value(format!("{}/{row}", world.database.name())).build();
    let tags = TagSpecification::builder().resource_type(ResourceType::Vpc).tags(named).tags(ours).build();
    world.outside().await.ec2().create_vpc().cidr_block("10.0.0.0/16").tag_specifications(tags).send().await.unwrap();
    assert_eq!(world.check().await, Vec::<String>::new());
    assert_eq!(world.ask("select state || ': ' || error from iasql.change").await, ["done: its answer was lost; it was found by its tag"]);
}

#[tokio::test]
async fn a_list_that_nobody_asks_for_any_more_is_no_longer_blind() {
    let mut world = World::with(&["ec2"]).await;
    let blind = "insert into iasql.listing (resource, region, blind) values ('ec2.vpc', 'mars-north-1', 'nobody answers')";
    sqlx::raw_sql(blind).execute(&world.owner).await.unwrap();
    assert!(world.diff().await[0].contains("mars-north-1"));
    assert_eq!(world.check().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_region_that_is_none_and_a_name_that_can_not_be_read_are_refused() {
    let mut world = World::with(&["ec2"]).await;
    for (sql, rule) in [
        ("insert into ec2.vpc (region, name, cidr_block) values ('', 'r', '10.0.0.0/16')", "a_region_is_spelt_like_us_east_1"),
        ("insert into ec2.vpc (name, cidr_block) values (' ', '10.0.0.0/16')", "a_name_is_not_blank_and_has_no_control_characters"),
        ("insert into ec2.vpc (name, cidr_block) values (e'a\\nb', '10.0.0.0/16')", "a_name_is_not_blank_and_has_no_control_characters"),
        ("select iasql.set('regions', 'us-east-1; drop')", "regions_are_spelt_like_us_east_1_with_commas_in_between"),
        ("select iasql.set('default_region', '../..')", "a_default_region_is_spelt_like_us_east_1"),
    ] {
        let said = world.refusal(sql).await;
        assert!(said.contains(rule), "{sql}: {said}");
    }
}
