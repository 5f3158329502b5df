//! Buckets and what is set on them: from rows to the cloud and back.

use aws_sdk_s3::types::{BucketVersioningStatus, PublicAccessBlockConfiguration, Tag, Tagging, VersioningConfiguration};
use iasql::engine::{Kind, State};

use super::World;

/// A name that no other account has.
fn named(world: &World, name: &str) -> String {
    format!("{name}-{}", world.account.id)
}

/// What the facets of a bucket are set with, one call each.
const PUTS: [&str; 5] = ["PutBucketEncryption", "PutBucketPolicy", "PutBucketTagging", "PutBucketVersioning", "PutPublicAccessBlock"];

/// Rows for a bucket with everything that can be set on it.
fn everything(name: &str) -> String {
    let policy = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::{name}/*",
            "Condition": {{"Bool": {{"aws:SecureTransport": "false"}}}}}}}}"#
    );
    format!(
        "insert into s3.bucket (name) values ('{name}');
         insert into s3.bucket_versioning (bucket) values ('{name}');
         insert into s3.public_access_block (bucket) values ('{name}');
         insert into s3.bucket_encryption (bucket, sse_algorithm, bucket_key_enabled) values ('{name}', 'aws:kms', true);
         insert into s3.bucket_tagging (bucket, tags) values ('{name}', '{{\"team\": \"shop\"}}');
         insert into s3.bucket_policy (bucket, policy) values ('{name}', '{policy}');"
    )
}

/// A bucket with everything set, there and at rest.
async fn shop() -> (World, String) {
    let mut world = World::with(&["s3"]).await;
    let name = named(&world, "shop");
    world.sql(&everything(&name)).await;
    let mut calls = world.check().await;
    calls[1..].sort();
    assert_eq!((&calls[0][..], &calls[1..]), ("CreateBucket", &PUTS.map(str::to_owned)[..]));
    (world, name)
}

async fn exists(world: &World, name: &str) -> bool {
    let buckets = world.outside().await.s3().list_buckets().send().await.unwrap();
    buckets.buckets().iter().any(|bucket| bucket.name() == Some(name))
}

fn tagging(key: &str, value: &str) -> Tagging {
    Tagging::builder().tag_set(Tag::builder().key(key).value(value).build().unwrap()).build().unwrap()
}

#[tokio::test]
async fn a_bucket_and_all_that_is_set_on_it_is_made_with_a_call_each() {
    let (world, name) = shop().await;
    let aws = world.outside().await;
    let s3 = aws.s3();
    let policy = s3.get_bucket_policy().bucket(&name).send().await.unwrap();
    assert!(policy.policy().unwrap().contains("aws:SecureTransport"));
    let tags = s3.get_bucket_tagging().bucket(&name).send().await.unwrap();
    assert_eq!((tags.tag_set()[0].key(), tags.tag_set()[0].value(), tags.tag_set().len()), ("team", "shop", 1));
    let block = s3.get_public_access_block().bucket(&name).send().await.unwrap();
    assert_eq!(block.public_access_block_configuration().unwrap().block_public_policy(), Some(true));
}

#[tokio::test]
async fn what_somebody_else_set_on_a_bucket_is_seen_and_exactly_that_is_repaired() {
    let (mut world, name) = shop().await;
    let aws = world.outside().await;
    let s3 = aws.s3();
    s3.delete_bucket_policy().bucket(&name).send().await.unwrap();
    s3.put_bucket_tagging().bucket(&name).tagging(tagging("team", "theirs")).send().await.unwrap();
    let suspended = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
    s3.put_bucket_versioning().bucket(&name).versioning_configuration(suspended).send().await.unwrap();
    let block =
        PublicAccessBlockConfiguration::builder().block_public_acls(true).ignore_public_acls(true).restrict_public_buckets(true).build();
    s3.put_public_access_block().bucket(&name).public_access_block_configuration(block).send().await.unwrap();
    s3.delete_bucket_encryption().bucket(&name).send().await.unwrap();
    world.run(Kind::Refresh).await;
    assert_eq!(
        world.diff().await,
        [
            format!("+ s3.bucket_encryption {name}"),
            format!("+ s3.bucket_policy {name}"),
            format!("~ s3.bucket_tagging {name}"),
            r#"      tags: {"team": "theirs"} -> {"team": "shop"}"#.to_owned(),
            format!("~ s3.bucket_versioning {name}"),
            "      status: Suspended -> Enabled".to_owned(),
            format!("~ s3.public_access_block {name}"),
            "      block_public_policy: false -> true".to_owned(),
            "Plan: 2 to create, 3 to update.".to_owned()
        ]
    );
    let mut calls = world.check().await;
    calls.sort();
    assert_eq!(calls, PUTS);
}

#[tokio::test]
async fn what_is_set_on_a_bucket_changes_in_place_with_a_call_each() {
    let (mut world, name) = shop().await;
    let changes = [
        ("bucket_encryption set bucket_key_enabled = false", "PutBucketEncryption"),
        ("bucket_policy set policy = jsonb_set(policy, '{Statement,0,Effect}', '\"Allow\"')", "PutBucketPolicy"),
        ("bucket_tagging set tags = '{\"Name\": \"shop\"}'", "PutBucketTagging"),
        ("bucket_versioning set status = 'Suspended'", "PutBucketVersioning"),
        ("public_access_block set block_public_policy = false", "PutPublicAccessBlock"),
    ];
    for (change, call) in changes {
        world.sql(&format!("update s3.{change}")).await;
        let table = change.split(' ').next().unwrap();
        assert_eq!(world.diff().await[0], format!("~ s3.{table} {name}"));
        assert_eq!(world.check().await, [call]);
    }
}

#[tokio::test]
async fn what_is_set_on_a_bucket_is_unset_with_its_row_and_the_bucket_stays() {
    let (mut world, name) = shop().await;
    for table in ["bucket_encryption", "bucket_policy", "bucket_tagging", "bucket_versioning", "public_access_block"] {
        world.sql(&format!("delete from s3.{table}")).await;
    }
    assert_eq!(world.diff().await.last().unwrap(), "Plan: 5 to delete.");
    let mut calls = world.check().await;
    calls.sort();
    assert_eq!(
        calls,
        ["DeleteBucketEncryption", "DeleteBucketPolicy", "DeleteBucketTagging", "DeletePublicAccessBlock", "PutBucketVersioning"]
    );
    assert!(exists(&world, &name).await);
}

#[tokio::test]
async fn a_deleted_bucket_takes_all_that_is_set_on_it_along_in_one_call() {
    let (mut world, name) = shop().await;
    for table in ["bucket_encryption", "bucket_policy", "bucket_tagging", "bucket_versioning", "public_access_block", "bucket"] {
        world.sql(&format!("delete from s3.{table}")).await;
    }
    assert_eq!(world.diff().await.last().unwrap(), "Plan: 6 to delete.");
    assert_eq!(world.check().await, ["DeleteBucket"]);
    assert!(!exists(&world, &name).await);
}

#[tokio::test]
async fn a_renamed_bucket_is_a_replacement_that_the_plan_shows_with_all_that_is_set_on_it() {
    let (mut world, name) = shop().await;
    let other = named(&world, "store");
    world.sql(&format!("update s3.bucket set name = '{other}'; select iasql.allow_replace('s3.bucket', '{other}')")).await;
    let diff = world.diff().await;
    assert_eq!(diff[0], format!("-/+ s3.bucket {other} (us-east-1)  # name cannot change in place"));
    assert_eq!(diff[1], format!("      name: {name} -> {other}"));
    assert_eq!(diff[2], format!("-/+ s3.bucket_encryption {other}  # s3.bucket {other} is replaced"));
    assert_eq!(diff.last().unwrap(), "Plan: 6 to replace.");
    let mut calls = world.check().await;
    calls[2..].sort();
    assert_eq!(calls[..2], ["DeleteBucket", "CreateBucket"]);
    assert_eq!(calls[2..], PUTS);
    assert!(exists(&world, &other).await && !exists(&world, &name).await);
}

#[tokio::test]
async fn a_bucket_that_moves_to_another_region_is_replaced_under_its_name_with_all_that_is_set_on_it() {
    let (mut world, name) = shop().await;
    world.sql(&format!("update s3.bucket set region = 'eu-central-1'; select iasql.allow_replace('s3.bucket', '{name}')")).await;
    let diff = world.diff().await;
    assert_eq!(diff[0], format!("-/+ s3.bucket {name} (eu-central-1)  # region cannot change in place"));
    assert_eq!(diff.last().unwrap(), "Plan: 6 to replace.");
    let mut calls = world.check().await;
    calls[2..].sort();
    assert_eq!(calls[..2], ["DeleteBucket", "CreateBucket"]);
    assert_eq!(calls[2..], PUTS);
}

#[tokio::test]
async fn a_bucket_in_another_region_is_made_set_and_deleted_there() {
    let mut world = World::with(&["s3"]).await;
    let name = named(&world, "far");
    world.sql(&format!("insert into s3.bucket (name, region) values ('{name}', 'eu-central-1'); insert into s3.bucket_versioning (bucket) values ('{name}')")).await;
    assert_eq!(
        world.diff().await,
        [format!("+ s3.bucket {name} (eu-central-1)"), format!("+ s3.bucket_versioning {name}"), "Plan: 2 to create.".to_owned()]
    );
    assert_eq!(world.run(Kind::Check).await.state, State::Done);
    let changes: Vec<_> =
        world.account.calls.take().into_iter().filter(|call| call.is_change()).map(|call| (call.action, call.region)).collect();
    assert_eq!(
        changes,
        [("CreateBucket".to_owned(), "eu-central-1".to_owned()), ("PutBucketVersioning".to_owned(), "eu-central-1".to_owned())]
    );
    world.rests().await;
    world.sql("delete from s3.bucket_versioning; delete from s3.bucket").await;
    assert_eq!(world.check().await, ["DeleteBucket"]);
}

#[tokio::test]
async fn a_bucket_deleted_by_somebody_else_is_made_again_with_all_that_was_set_on_it() {
    let (mut world, name) = shop().await;
    world.outside().await.s3().delete_bucket().bucket(&name).send().await.unwrap();
    world.run(Kind::Refresh).await;
    assert_eq!(world.diff().await.last().unwrap(), "Plan: 6 to create.");
    let mut calls = world.check().await;
    calls[1..].sort();
    assert_eq!((&calls[0][..], &calls[1..]), ("CreateBucket", &PUTS.map(str::to_owned)[..]));
}

#[tokio::test]
async fn a_bucket_that_exists_is_taken_over_with_no_call_and_what_is_set_as_asked_is_left_alone() {
    let mut world = World::with(&["s3"]).await;
    let (name, aws) = (named(&world, "found"), world.outside().await);
    aws.s3().create_bucket().bucket(&name).send().await.unwrap();
    aws.s3().put_bucket_tagging().bucket(&name).tagging(tagging("team", "shop")).send().await.unwrap();
    world.run(Kind::Refresh).await;
    assert_eq!(world.diff().await[0], format!("? s3.bucket {name} (us-east-1)  # no row asks for it"));
    world.sql(&format!("insert into s3.bucket (name) values ('{name}'); insert into s3.bucket_tagging (bucket, tags) values ('{name}', '{{\"team\": \"shop\"}}')")).await;
    assert_eq!(world.diff().await[0], format!("= s3.bucket {name} (us-east-1)"));
    assert_eq!(world.check().await, Vec::<String>::new());
    world.sql(&format!("insert into s3.bucket_versioning (bucket) values ('{name}')")).await;
    assert_eq!(world.check().await, ["PutBucketVersioning"]);
    world.sql("delete from s3.bucket_tagging; delete from s3.bucket_versioning; delete from s3.bucket").await;
    assert_eq!(world.check().await, ["DeleteBucket"]);
}
