//! Buckets, and what is set on them.

use std::slice::from_ref;

use iasql::resource::Kind;
use serde_json::{Value, json};

use super::table::{Table, seen, with};
use crate::support::{Account, account, postgres};

async fn bucket_in(account: &Account, region: &str) -> String {
    let name = format!("b-{}-{region}", account.id);
    Table::of(account, "s3.bucket").create(json!({ "name": name, "region": region })).await.expect("a bucket");
    account.calls.take();
    name
}

#[tokio::test]
async fn a_bucket_is_made_listed_and_deleted_in_its_own_region() {
    let account = account().await;
    let buckets = Table::of(&account, "s3.bucket");
    let here = seen(&json!({ "name": bucket_in(&account, "us-east-1").await, "region": "us-east-1" }));
    let there = seen(&json!({ "name": bucket_in(&account, "eu-central-1").await, "region": "eu-central-1" }));
    assert_eq!(buckets.list(&[]).await, [there.clone(), here.clone()]);
    account.calls.take();
    for row in [here, there] {
        assert_eq!(buckets.delete(row.clone()).await, Ok(None));
        assert_eq!(buckets.delete(row).await, Ok(None), "what is gone already is gone");
    }
    let regions: Vec<String> = account.calls.take().into_iter().map(|call| call.region).collect();
    assert_eq!(regions, ["us-east-1", "us-east-1", "eu-central-1", "eu-central-1"]);
    assert!(buckets.list(&[]).await.is_empty());
}

#[tokio::test]
async fn a_listing_of_many_buckets_takes_no_call_for_each() {
    let account = account().await;
    let outside = account.outside().await;
    for number in 0..30 {
        outside.s3().create_bucket().bucket(format!("b-{}-{number}", account.id)).send().await.expect("a bucket");
    }
    assert_eq!(Table::of(&account, "s3.bucket").list(&[]).await.len(), 30);
    // AWS tells the regions in the first; the local cloud leaves them out
    assert_eq!(account.calls.take_actions(), ["ListBuckets", "ListBuckets"]);
}

#[tokio::test]
async fn a_repeated_creation_finds_the_bucket_of_the_first_only_in_the_same_region() {
    let account = account().await;
    let buckets = Table::of(&account, "s3.bucket");
    let name = bucket_in(&account, "eu-central-1").await;
    assert!(buckets.create(json!({ "name": name, "region": "eu-central-1" })).await.is_ok());
    let elsewhere = buckets.create(json!({ "name": name, "region": "eu-west-1" })).await;
    assert_eq!(elsewhere.expect_err("it is in another region").kind, Kind::Taken);
}

#[tokio::test]
async fn a_bucket_that_holds_objects_is_not_deleted() {
    let account = account().await;
    let name = bucket_in(&account, "us-east-1").await;
    account.aws.s3().put_object().bucket(&name).key("a").send().await.expect("an object");
    let refusal = Table::of(&account, "s3.bucket").delete(seen(&json!({ "name": name, "region": "us-east-1" }))).await;
    assert_eq!(refusal.expect_err("it is not empty").kind, Kind::Held);
}

/// Makes, changes and removes one facet of a bucket in another region than the engine's, and counts the calls that change something.
async fn a_facet_lives(table: &'static str, first: Value, second: Value, put: &str, unset: &str) {
    let account = account().await;
    let name = bucket_in(&account, "eu-central-1").await;
    let facets = Table::of(&account, table);
    let (first, second) = (with(&first, json!({ "bucket": name })), with(&second, json!({ "bucket": name })));
    assert!(facets.list(from_ref(&first)).await.is_empty(), "{table} has nothing at first");

    assert_eq!(facets.create(first.clone()).await, Ok(seen(&first)), "{table} is created");
    assert_eq!(account.calls.take_changes(), [put]);
    assert_eq!(facets.list(from_ref(&first)).await, [seen(&first)], "{table} is listed");
    assert_eq!(facets.update(second.clone(), seen(&first)).await, Ok(seen(&second)), "{table} is changed");
    assert_eq!(facets.list(from_ref(&second)).await, [seen(&second)], "{table} is listed as changed");
    assert_eq!(account.calls.take_changes(), [put]);
    assert_eq!(facets.update(second.clone(), seen(&second)).await, Ok(seen(&second)), "{table} is as it should be");
    assert!(account.calls.take_changes().is_empty());

    assert_eq!(facets.delete(seen(&second)).await, Ok(None), "{table} is deleted");
    let calls = account.calls.take();
    assert!(calls.iter().all(|call| call.region == "eu-central-1"), "{calls:?}");
    assert_eq!(calls.last().map(|call| call.action.as_str()), Some(unset));
    let elsewhere = with(&first, json!({ "bucket": "no-such-bucket-4711" }));
    assert!(facets.list(from_ref(&elsewhere)).await.is_empty(), "{table} of no bucket is absent");
    assert_eq!(facets.delete(seen(&elsewhere)).await, Ok(None), "{table} of no bucket is gone");
    if table != "s3.bucket_versioning" {
        assert!(facets.list(&[first]).await.is_empty(), "{table} is gone");
    }
}

#[tokio::test]
async fn the_versioning_of_a_bucket_is_enabled_and_suspended() {
    let (enabled, suspended) = (json!({ "status": "Enabled" }), json!({ "status": "Suspended" }));
    a_facet_lives("s3.bucket_versioning", suspended, enabled, "PutBucketVersioning", "PutBucketVersioning").await;
}

#[tokio::test]
async fn the_public_access_block_of_a_bucket_is_set_changed_and_removed() {
    let all =
        json!({ "block_public_acls": true, "ignore_public_acls": true, "block_public_policy": true, "restrict_public_buckets": true });
    let some = with(&all, json!({ "block_public_policy": false }));
    a_facet_lives("s3.public_access_block", all, some, "PutPublicAccessBlock", "DeletePublicAccessBlock").await;
}

#[tokio::test]
async fn the_encryption_of_a_bucket_is_set_changed_and_removed() {
    let own = json!({ "sse_algorithm": "AES256", "kms_key": null, "bucket_key_enabled": false });
    let kms = json!({ "sse_algorithm": "aws:kms", "kms_key": "arn:aws:kms:eu-central-1:1:key/1", "bucket_key_enabled": true });
    a_facet_lives("s3.bucket_encryption", kms, own, "PutBucketEncryption", "DeleteBucketEncryption").await;
}

#[tokio::test]
async fn the_tags_of_a_bucket_are_set_changed_and_removed() {
    let (one, two) = (json!({ "tags": { "Name": "b" } }), json!({ "tags": { "team": "shop", "stage": "test" } }));
    a_facet_lives("s3.bucket_tagging", one, two, "PutBucketTagging", "DeleteBucketTagging").await;
}

#[tokio::test]
async fn the_policy_of_a_bucket_is_set_changed_and_removed() {
    let policy = |action: &str| {
        let statement = json!({ "Effect": "Deny", "Principal": { "AWS": ["*"] }, "Action": [action], "Resource": ["arn:aws:s3:::b"] });
        json!({ "policy": { "Version": "2012-10-17", "Statement": [statement] } })
    };
    a_facet_lives("s3.bucket_policy", policy("s3:PutObject"), policy("s3:DeleteObject"), "PutBucketPolicy", "DeleteBucketPolicy").await;
}

#[tokio::test]
async fn a_policy_in_another_spelling_is_no_other_policy() {
    let account = account().await;
    let name = bucket_in(&account, "us-east-1").await;
    let cases: Vec<Value> = serde_json::from_str(include_str!("policies.json")).expect("policies");
    let (written, canonical) = (cases[0]["written"][0].to_string(), &cases[0]["canonical"]);
    account.aws.s3().put_bucket_policy().bucket(&name).policy(written).send().await.expect("a policy");
    let desired = json!({ "bucket": name, "policy": canonical });
    assert_eq!(Table::of(&account, "s3.bucket_policy").list(from_ref(&desired)).await, [seen(&desired)]);
}

#[tokio::test]
async fn the_database_spells_policies_as_the_engine_does() {
    let database = sqlx::PgPool::connect(postgres().await).await.expect("a server");
    let mut work = database.begin().await.expect("a transaction, to be rolled back");
    let functions = include_str!("../../modules/s3/bucket_policy.sql").split("create table").next().unwrap_or_default();
    for sql in ["create schema s3", functions] {
        sqlx::raw_sql(sql).execute(&mut *work).await.expect("the functions");
    }
    for case in serde_json::from_str::<Vec<Value>>(include_str!("policies.json")).expect("policies") {
        for written in case["written"].as_array().expect("spellings").iter().chain([&case["canonical"]]) {
            let spelled: Value =
                sqlx::query_scalar("select s3.canonical_policy($1)").bind(written).fetch_one(&mut *work).await.expect("a policy");
            assert_eq!(spelled, case["canonical"]);
        }
    }
}

#[tokio::test]
async fn what_every_bucket_encrypts_by_itself_is_there_only_for_a_row_that_asks_for_it() {
    let account = account().await;
    let facets = Table::of(&account, "s3.bucket_encryption");
    let own = json!({ "bucket": bucket_in(&account, "us-east-1").await, "sse_algorithm": "AES256", "kms_key": null, "bucket_key_enabled": false });
    facets.create(own.clone()).await.expect("an encryption");
    assert_eq!(facets.list(from_ref(&own)).await, [seen(&own)]);
    assert!(facets.list(&[with(&own, json!({ "sse_algorithm": "aws:kms" }))]).await.is_empty());
}

#[tokio::test]
async fn facets_of_many_buckets_take_a_call_each_and_one_listing_at_most() {
    let account = account().await;
    let names: Vec<String> = (0..5).map(|number| format!("b-{}-{number}", account.id)).collect();
    let outside = account.outside().await;
    for name in &names {
        outside.s3().create_bucket().bucket(name).send().await.expect("a bucket");
    }
    let (buckets, facets) = (Table::of(&account, "s3.bucket"), Table::of(&account, "s3.bucket_versioning"));
    let named: Vec<Value> = names.iter().map(|name| json!({ "bucket": name, "status": "Enabled" })).collect();
    buckets.list(&[]).await;
    account.calls.take();
    facets.list(&named).await;
    assert_eq!(account.calls.take_actions(), ["GetBucketVersioning"; 5]);
}
