//! Buckets that need nothing, and buckets that can't be had: what it costs to know, and what is said.

use iasql::engine::{Kind, State};

use super::World;

/// So many buckets, and a versioning for every tenth of them.
async fn many(count: usize) -> World {
    let mut world = World::with(&["s3"]).await;
    let id = world.account.id.clone();
    world.sql(&format!("insert into s3.bucket (name) select 'b-{id}-' || n from generate_series(1, {count}) n")).await;
    world.sql("insert into s3.bucket_versioning (bucket) select name from s3.bucket where name ~ '0$'").await;
    world.check().await;
    world
}

#[tokio::test]
async fn a_check_of_many_buckets_makes_one_list_and_a_call_only_for_what_somebody_manages() {
    let mut world = many(40).await;
    world.run(Kind::Check).await;
    let calls = world.account.calls.take().into_iter().filter(|call| call.service == "s3");
    let mut calls: Vec<_> = calls.map(|call| call.action).collect();
    calls.sort();
    // AWS tells the regions in the first list; the local cloud leaves them out, and is asked once more
    assert_eq!(
        calls,
        ["GetBucketVersioning", "GetBucketVersioning", "GetBucketVersioning", "GetBucketVersioning", "ListBuckets", "ListBuckets"]
    );
    world.rests().await;
}

#[tokio::test]
async fn a_policy_in_another_spelling_is_no_change() {
    let mut world = World::with(&["s3"]).await;
    let name = format!("shop-{}", world.account.id);
    let policy = |actions: &str, principal: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Deny", "Principal": {principal}, "Action": {actions}, "Resource": "arn:aws:s3:::{name}/*"}}]}}"#
        )
    };
    let first = policy(r#"["s3:PutObject", "s3:DeleteObject"]"#, r#""*""#);
    world
        .sql(&format!(
            "insert into s3.bucket (name) values ('{name}'); insert into s3.bucket_policy (bucket, policy) values ('{name}', '{first}')"
        ))
        .await;
    assert_eq!(world.check().await, ["CreateBucket", "PutBucketPolicy"]);
    let other = policy(r#"["s3:DeleteObject", "s3:PutObject", "s3:PutObject"]"#, r#"{"AWS": "*"}"#);
    world.sql(&format!("update s3.bucket_policy set policy = '{other}'")).await;
    world.rests().await;
    world.outside().await.s3().put_bucket_policy().bucket(&name).policy(&other).send().await.unwrap();
    world.rests().await;
}

#[tokio::test]
async fn a_bucket_that_is_not_empty_stays_says_so_and_is_tried_again_while_the_rest_goes_on() {
    let mut world = World::with(&["s3"]).await;
    let (full, empty) = (format!("full-{}", world.account.id), format!("void-{}", world.account.id));
    world.sql(&format!("insert into s3.bucket (name) values ('{full}'), ('{empty}')")).await;
    world.check().await;
    let aws = world.outside().await;
    aws.s3().put_object().bucket(&full).key("a").send().await.unwrap();
    let new = format!("new-{}", world.account.id);
    world.sql(&format!("delete from s3.bucket; insert into s3.bucket (name) values ('{new}')")).await;
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, outcome.applied, outcome.failed), (State::Waiting, 2, 1), "{outcome:#?}");
    assert!(outcome.retry_in.is_some());
    let said = &outcome.errors[0];
    assert!(said.starts_with(&format!("s3.bucket {full} (us-east-1): DeleteBucket: ")) && said.ends_with("(BucketNotEmpty)"), "{said}");
    aws.s3().delete_object().bucket(&full).key("a").send().await.unwrap();
    assert_eq!(world.check().await, ["DeleteBucket"]);
}

#[tokio::test]
async fn what_may_not_be_read_is_named_and_left_alone_and_the_rest_goes_on() {
    let mut world = World::with(&["s3"]).await;
    let name = format!("shop-{}", world.account.id);
    world.sql(&format!("insert into s3.bucket (name) values ('{name}'); insert into s3.bucket_tagging (bucket, tags) values ('{name}', '{{\"a\": \"b\"}}'); insert into s3.bucket_versioning (bucket) values ('{name}')")).await;
    world.check().await;
    world.sql("update s3.bucket_tagging set tags = '{\"a\": \"c\"}'; update s3.bucket_versioning set status = 'Suspended'").await;
    world.account.calls.refuse(&["GetBucketTagging"]);
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, outcome.applied, &outcome.errors[..]), (State::Done, 1, &[][..]), "{outcome:#?}");
    assert_eq!(world.account.calls.take_changes(), ["PutBucketVersioning"]);
    let said = "GetBucketTagging: not for you (AccessDenied)";
    assert_eq!(outcome.blind, [format!("s3.bucket_tagging: {said}")]);
    let diff = world.diff().await;
    assert_eq!(diff[0], format!("! s3.bucket_tagging can't be seen, and is left alone: {said}"));
    world.account.calls.refuse(&[]);
    assert_eq!(world.check().await, ["PutBucketTagging"]);
}

#[tokio::test]
async fn buckets_that_may_not_be_listed_are_not_taken_for_gone() {
    let mut world = many(2).await;
    world.sql("delete from s3.bucket where name ~ '1$'").await;
    world.account.calls.refuse(&["ListBuckets"]);
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, outcome.applied, outcome.plan.len()), (State::Done, 0, 0), "{outcome:#?}");
    assert_eq!(outcome.blind, ["s3.bucket: ListBuckets: not for you (AccessDenied)"]);
    world.account.calls.refuse(&[]);
    assert_eq!(world.check().await, ["DeleteBucket"]);
}

#[tokio::test]
async fn nonsense_about_buckets_is_refused_when_it_is_written() {
    let mut world = World::with(&["s3"]).await;
    let refusals = [
        ("s3.bucket (name) values ('Shop')", "a_bucket_name_has_3_to_63_small_letters_digits_dots_and_hyphens"),
        ("s3.bucket (name) values ('10.0.0.1')", "a_bucket_name_has_no_two_dots_together_and_is_no_ip_address"),
        ("s3.bucket_versioning (bucket) values ('nowhere')", "bucket_versioning_bucket_fkey"),
        ("s3.bucket_versioning (bucket, status) values ('nowhere', 'On')", "status_is_enabled_or_suspended"),
        ("s3.bucket_encryption (bucket, sse_algorithm) values ('nowhere', 'rot13')", "sse_algorithm_is_one_that_s3_knows"),
        ("s3.bucket_policy (bucket, policy) values ('nowhere', '[]')", "a_policy_is_an_object_with_statements"),
        ("s3.bucket_tagging (bucket, tags) values ('nowhere', '{}')", "a_bucket_has_1_to_50_tags"),
        ("s3.bucket_tagging (bucket, tags) values ('nowhere', '{\"iasql:row\": \"x\"}')", "tags_are_texts_by_key"),
    ];
    for (row, constraint) in refusals {
        let said = world.refusal(&format!("insert into {row}")).await;
        assert!(said.contains(constraint), "{row}: {said}");
    }
    assert_eq!(world.diff().await, ["Nothing to do: the cloud is as the tables say."]);
}

#[tokio::test]
async fn a_renamed_bucket_that_is_not_empty_loses_nothing_of_what_is_set_on_it() {
    let mut world = many(10).await;
    let old = format!("b-{}-10", world.account.id);
    let aws = world.outside().await;
    aws.s3().put_object().bucket(&old).key("a").send().await.unwrap();
    world
        .sql(&format!(
            "update s3.bucket set name = name || '-new' where name = '{old}'; select iasql.allow_replace('s3.bucket', '{old}-new')"
        ))
        .await;
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, outcome.applied), (State::Waiting, 0), "{outcome:#?}");
    assert_eq!(world.account.calls.take_changes(), ["DeleteBucket"]);
    world.sql(&format!("update s3.bucket set name = '{old}' where name = '{old}-new'")).await;
    world.rests().await;
}

#[tokio::test]
async fn what_is_set_on_somebody_elses_bucket_is_ours_and_the_bucket_is_not() {
    let mut world = World::with(&["s3"]).await;
    let name = format!("theirs-{}", world.account.id);
    world.sql(&format!("insert into s3.bucket (name, reference_only) values ('{name}', true); insert into s3.public_access_block (bucket) values ('{name}')")).await;
    let outcome = world.run(Kind::Check).await;
    assert_eq!((outcome.state, outcome.applied), (State::Failed, 0), "{outcome:#?}");
    assert_eq!(outcome.errors, [format!("s3.bucket {name}: it is only referred to, and is not there")]);
    world.outside().await.s3().create_bucket().bucket(&name).send().await.unwrap();
    assert_eq!(world.check().await, ["PutPublicAccessBlock"]);
    world.sql("delete from s3.public_access_block; delete from s3.bucket").await;
    assert_eq!(world.run(Kind::Check).await.state, State::Done);
    assert_eq!(world.account.calls.take_changes(), ["DeletePublicAccessBlock"]);
}
