//! A replacement that loses data needs a yes.

use iasql::engine::{Kind, State};

use crate::engine::World;

/// An account with a disk in it.
async fn with_a_disk() -> World {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.volume (name, availability_zone, size) values ('data', 'us-east-1a', 10)").await;
    assert_eq!(world.settled().await, ["CreateVolume"]);
    world
}

#[tokio::test]
async fn a_disk_is_not_replaced_before_somebody_says_yes_and_the_yes_is_for_one_replacement() {
    let mut world = with_a_disk().await;
    world.sql("update ec2.volume set availability_zone = 'us-east-1b'").await;
    let blocked = "availability_zone cannot change in place; its data would be lost: if that is meant, say select iasql.allow_replace('ec2.volume', 'data')";
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, world.account.calls.take_changes()), (State::Failed, vec![]));
    assert_eq!(outcome.errors, [format!("ec2.volume data: {blocked}")]);
    world.sql("select iasql.allow_replace('ec2.volume', 'data')").await;
    assert_eq!(world.ask("select resource || ' ' || name from iasql.allowed_replacement").await, ["ec2.volume data"]);
    let mut calls = world.settled().await;
    calls.sort();
    assert_eq!(calls, ["CreateVolume", "DeleteVolume"]);
    assert_eq!(world.ask("select name from iasql.allowed_replacement").await, Vec::<String>::new());
    world.sql("update ec2.volume set availability_zone = 'us-east-1a'").await;
    assert_eq!((world.run(Kind::Check).await.state, world.account.calls.take_changes()), (State::Failed, vec![]));
}

#[tokio::test]
async fn a_yes_can_be_taken_back_and_what_its_user_deletes_needs_none() {
    let mut world = with_a_disk().await;
    world.sql("update ec2.volume set availability_zone = 'us-east-1b'; select iasql.allow_replace('ec2.volume', 'data')").await;
    world.sql("select iasql.forbid_replace('ec2.volume', 'data')").await;
    assert_eq!((world.run(Kind::Check).await.state, world.account.calls.take_changes()), (State::Failed, vec![]));
    assert!(world.refusal("select iasql.forbid_replace('ec2.volume', 'data')").await.contains("nobody has allowed"));
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16')").await;
    assert!(world.refusal("select iasql.allow_replace('ec2.vpc', 'core')").await.contains("it carries no data"));
    world.sql("delete from ec2.vpc; delete from ec2.volume").await;
    assert_eq!(world.settled().await, ["DeleteVolume"]);
}

#[tokio::test]
async fn help_says_which_types_carry_data() {
    let mut world = World::with(&["ec2"]).await;
    let says = world.ask("select h from iasql.help('ec2.volume') h where h ~ 'replacement loses'").await;
    assert_eq!(says, ["  a replacement loses its data, and needs a yes"]);
    assert!(world.ask("select iasql.help('ec2.volume')").await[0].starts_with("ec2.volume: A volume: a disk of its own"));
}
