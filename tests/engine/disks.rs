//! Disks: those that outlive an instance, and those that come and go with it.

use iasql::engine::Kind;

use super::World;

/// An instance, and a volume that it has.
async fn served() -> World {
    let mut world = World::with(&["ec2"]).await;
    world.sql("insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16'); insert into ec2.subnet (name, vpc, cidr_block, availability_zone) values ('a', 'core', '10.0.0.0/24', 'us-east-1a')").await;
    world
        .sql("insert into ec2.instance (name, image_id, instance_type, subnet) values ('one', 'ami-0123456789abcdef0', 't3.micro', 'a')")
        .await;
    world.sql("insert into ec2.volume (name, availability_zone, size) values ('data', 'us-east-1a', 10)").await;
    world.sql("insert into ec2.volume_attachment (volume, instance, device) values ('data', 'one', '/dev/sdf')").await;
    let calls = world.settled().await;
    assert_eq!(calls.last().map(String::as_str), Some("AttachVolume"), "{calls:?}");
    world
}

/// Which volume hangs on which instance, as the cloud has it: of those that are ours.
async fn attached(world: &mut World) -> Vec<String> {
    let id = world.ask("select volume_id from ec2.volume").await.remove(0);
    let found = world.outside().await.ec2().describe_volumes().volume_ids(id).send().await.expect("the volume is there");
    found.volumes()[0].attachments().iter().filter_map(|it| it.instance_id().map(str::to_owned)).collect()
}

#[tokio::test]
async fn a_volume_moves_over_to_the_new_instance_and_is_not_lost() {
    let mut world = served().await;
    let (volume, old) = (world.ask("select volume_id from ec2.volume").await, world.ask("select instance_id from ec2.instance").await);
    world.sql("update ec2.instance set image_id = 'ami-0fedcba9876543210'").await;
    let mut calls = world.settled().await;
    // nothing is taken from an instance that runs: it is shut down first, and lets go of the volume by itself
    // where that has not been read yet it is detached once more, which changes nothing
    calls.retain(|call| call != "DetachVolume");
    assert_eq!(calls, ["TerminateInstances", "RunInstances", "AttachVolume"]);
    assert_eq!(world.ask("select volume_id from ec2.volume").await, volume);
    let new = world.ask("select instance_id from ec2.instance").await;
    assert!(new != old);
    assert_eq!(attached(&mut world).await, new);
}

#[tokio::test]
async fn the_disk_that_an_instance_starts_from_is_nobodys_to_delete() {
    let mut world = served().await;
    world.sql("select iasql.set('unknown_resources', 'delete')").await;
    world.run(Kind::Refresh).await;
    let diff = world.diff().await;
    assert!(diff.iter().all(|line| !line.contains("ec2.volume")), "{diff:#?}");
}

#[tokio::test]
async fn what_cannot_change_about_a_disk_is_told_and_nothing_is_done() {
    let mut world = served().await;
    world.sql("insert into ec2.instance_block_device (instance, device_name, encrypted) values ('one', '/dev/sda1', true)").await;
    let outcome = world.run(Kind::Check).await;
    assert!(outcome.errors.iter().any(|error| error.to_string().contains("/dev/sda1 has another encryption")), "{:#?}", outcome.errors);
    assert_eq!(world.account.calls.take_changes(), Vec::<String>::new());
}
