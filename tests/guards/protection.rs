//! What is never deleted and never replaced.

use iasql::engine::{Kind, State};

use crate::engine::World;

const NETWORK: &str = "
    insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16');
    insert into ec2.subnet (name, vpc, cidr_block) values ('a', 'core', '10.0.0.0/24'), ('b', 'core', '10.0.1.0/24');";

#[tokio::test]
async fn a_protected_row_stays_whatever_it_is_renamed_to_and_the_rest_goes_on() {
    let mut world = World::with(&["ec2"]).await;
    world.sql(NETWORK).await;
    world.check().await;
    world.sql("select iasql.protect('ec2.subnet', 'a'); update ec2.subnet set name = 'first' where name = 'a'").await;
    world.check().await;
    world.sql("delete from ec2.subnet").await;
    world.run(Kind::Refresh).await;
    assert_eq!(
        world.diff().await,
        [
            "- ec2.subnet b (us-east-1)",
            "- ec2.subnet first (us-east-1)  BLOCKED: its row was deleted; it is protected: select iasql.unprotect('ec2.subnet', 'first') says otherwise",
            "Plan: 2 to delete."
        ]
    );
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, world.account.calls.take_changes()), (State::Failed, vec!["DeleteSubnet".to_owned()]));
    assert_eq!(outcome.errors.len(), 1, "{outcome:#?}");
    // what it says is what lets go of it
    world.sql("select iasql.unprotect('ec2.subnet', 'first')").await;
    assert_eq!(world.check().await, ["DeleteSubnet"]);
}

#[tokio::test]
async fn what_a_protected_row_stands_on_is_not_replaced_and_nobody_beside_it_is_torn_down() {
    let mut world = World::with(&["ec2"]).await;
    world.sql(NETWORK).await;
    world.check().await;
    world.sql("select iasql.protect('ec2.subnet', '{\"name\": \"b\", \"region\": \"us-east-1\"}'::jsonb)").await;
    world.sql("update ec2.vpc set cidr_block = '10.9.0.0/16'; update ec2.subnet set cidr_block = '10.9.0.0/24' where name = 'a'").await;
    let vpc = "BLOCKED: cidr_block cannot change in place; ec2.subnet b stands on it and is not to go";
    assert!(world.diff().await.iter().any(|line| line.ends_with(vpc)), "{:#?}", world.diff().await);
    // the other subnet would have nothing to stand on afterwards
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, world.account.calls.take_changes()), (State::Failed, vec![]));
}

#[tokio::test]
async fn nothing_of_a_protected_type_is_deleted_even_where_the_tables_are_the_whole_truth() {
    let mut world = World::with(&["s3"]).await;
    let bucket = format!("photos-{}", world.account.id);
    world.outside().await.s3().create_bucket().bucket(format!("{bucket}-old")).send().await.expect("a bucket");
    world.sql(&format!("insert into s3.bucket (name) values ('{bucket}')")).await;
    assert_eq!((world.run(Kind::Check).await.state, world.account.calls.take_changes()), (State::Done, vec!["CreateBucket".to_owned()]));
    world.sql(&format!("select iasql.set('unknown_resources', 'delete'); select iasql.protect('s3.bucket'); delete from s3.bucket where name = '{bucket}'")).await;
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, world.account.calls.take_changes()), (State::Failed, vec![]));
    let says = "s3.bucket is protected: select iasql.unprotect('s3.bucket') says otherwise";
    assert!(outcome.errors.iter().all(|said| said.ends_with(says)) && outcome.errors.len() == 2, "{:#?}", outcome.errors);
    // a thing that is in no row is protected by its name
    world.sql(&format!("select iasql.unprotect('s3.bucket'); select iasql.protect('s3.bucket', '{bucket}-old')")).await;
    assert_eq!((world.run(Kind::Check).await.state, world.account.calls.take_changes()), (State::Failed, vec!["DeleteBucket".to_owned()]));
}

#[tokio::test]
async fn who_is_called_alike_in_two_regions_is_told_apart() {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (region, name, cidr_block) values ('us-east-1', 'core', '10.0.0.0/16'), ('eu-west-1', 'core', '10.0.0.0/16')").await;
    assert!(world.refusal("select iasql.protect('ec2.vpc', 'core')").await.contains("there are 2 of ec2.vpc core"));
    world.sql("select iasql.protect('ec2.vpc', 'core', 'eu-west-1'); select iasql.protect('ec2.vpc', 'core', 'eu-west-1')").await;
    assert_eq!(world.ask("select region from iasql.protection").await, ["eu-west-1"]);
    assert!(world.refusal("select iasql.unprotect('ec2.vpc', 'core', 'us-east-1')").await.contains("is not protected"));
    assert!(world.refusal("select iasql.protect('ec2.vcp')").await.contains("there is no type ec2.vcp"));
    assert!(world.refusal("select iasql.protect('ec2.vpc', 'cor')").await.contains("there is no ec2.vpc cor"));
    world.sql("select iasql.unprotect('ec2.vpc', 'core')").await;
    assert!(world.refusal("insert into iasql.protection (resource) values ('ec2.vpc')").await.contains("permission denied"));
}
