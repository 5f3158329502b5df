//! Images: looked up by name, and the newest answered.

use iasql::engine::Kind;

use super::World;

const PATTERN: &str = "amzn2-ami-hvm-*";

#[tokio::test]
async fn the_newest_image_of_a_pattern_is_answered_once_a_row_asks_for_it() {
    let mut world = World::with(&["ec2"]).await;
    let refusal = world.refusal(&format!("select ec2.latest_image('{PATTERN}')")).await;
    assert!(refusal.contains("no row of ec2.image asks for amzn2-ami-hvm-* in us-east-1"), "{refusal}");

    world.sql(&format!("insert into ec2.image (name, image_owner) values ('{PATTERN}', 'amazon')")).await;
    assert_eq!(world.ask(&format!("select ec2.latest_image('{PATTERN}')")).await, [""], "nothing was seen yet");
    world.run(Kind::Refresh).await;
    let all = world.outside().await.ec2().describe_images().owners("amazon").send().await.expect("the images");
    let ours = all.images().iter().filter(|image| image.name().is_some_and(|name| name.starts_with("amzn2-ami-hvm-")));
    let newest = ours.max_by_key(|image| (image.creation_date(), image.image_id())).and_then(|image| image.image_id()).expect("an image");
    assert_eq!(world.ask(&format!("select ec2.latest_image('{PATTERN}', 'amazon')")).await, [newest]);
    world.rests().await;

    let refusal = world.refusal(&format!("select ec2.latest_image('{PATTERN}', 'self')")).await;
    assert!(refusal.contains("no row"), "another owner's images were not asked for: {refusal}");
    world.sql("delete from ec2.image").await;
    world.rests().await;
}

#[tokio::test]
async fn an_image_can_only_be_referred_to_and_one_that_is_not_there_is_told() {
    let mut world = World::with(&["ec2"]).await;
    let refusal = world.refusal("insert into ec2.image (name, reference_only) values ('a', false)").await;
    assert!(refusal.contains("an_image_can_only_be_referred_to"), "{refusal}");
    world.sql("insert into ec2.image (name) values ('no such image')").await;
    world.run(Kind::Refresh).await;
    let diff = world.diff().await;
    assert!(diff[0].contains("it is only referred to, and is not there"), "{diff:#?}");
}
