//! Buckets that are there already: of an add-on, of a creation whose answer was lost, of other accounts, in an S3 that is not Tigris.

use iasql::{
    engine::Kind,
    resource::Kind as Refused,
    tigris::{Account, Keys, Tigris},
};
use serde_json::json;

use super::{Ground, KEY, Known, make, no_fly};
use crate::support;

#[tokio::test]
async fn a_bucket_of_flys_add_on_is_seen_and_taken_over_without_changing_what_no_column_says() {
    let mut ground = Ground::new().await;
    ground.plant("polished-thunder-5646").await;
    let name = ground.name("polished-thunder-5646");
    let as_it_is = |known: &mut Known| (known.regions, known.cache_control) = ("fra".into(), "max-age=60".into());
    ground.strict.change(&name, as_it_is);
    let before = ground.strict.known(&name);
    ground.world.run(Kind::Refresh).await;
    assert_eq!(ground.plan().await, ["unmanaged tigris.bucket $-polished-thunder-5646"]);
    ground.sql("insert into tigris.bucket (name) values ('$-polished-thunder-5646')").await;
    assert_eq!(ground.plan().await, ["adopt tigris.bucket $-polished-thunder-5646"]);
    assert_eq!(ground.check().await, Vec::<String>::new());
    assert_eq!(ground.strict.known(&name), before);
    // it is ours from now on
    ground.sql("update tigris.bucket set regions = '{ams}'").await;
    assert_eq!(ground.check().await, [r#"PATCH $-polished-thunder-5646 {"object_regions":"ams"}"#]);
    ground.sql("delete from tigris.bucket").await;
    assert_eq!(ground.check().await, ["DELETE $-polished-thunder-5646"]);
}

#[tokio::test]
async fn all_that_is_there_becomes_rows_forks_and_all() {
    let mut ground = Ground::new().await;
    let source = json!({ "name": ground.name("z"), "snapshots": true, "regions": ["fra"], "public": true });
    make(&ground.strict.way(), "tigris.bucket", source).await.expect("a bucket");
    make(&ground.strict.way(), "tigris.bucket", json!({ "name": ground.name("a"), "fork_of": ground.name("z") })).await.expect("a fork");
    ground.strict.heard();
    ground.world.run(Kind::Import).await;
    let rows = "select concat_ws(' ', name, regions::text, public, fork_of, storage_class) from tigris.bucket order by name";
    let rows: Vec<_> = ground.world.ask(rows).await.iter().map(|row| row.replace(&ground.own, "$")).collect();
    assert_eq!(rows, ["$-a {} f $-z STANDARD", "$-z {fra} t STANDARD"]);
    assert_eq!(ground.check().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_creation_whose_answer_was_lost_is_found_again_and_brought_to_what_its_row_says() {
    let mut ground = Ground::new().await;
    ground.sql("insert into tigris.bucket (name, regions, public) values ('$-a', '{fra}', true)").await;
    ground.strict.lose_an_answer();
    assert_eq!(ground.check().await, ["PUT $-a regions=fra acl=public-read"; 2]);
    // as if the engine had died before it took in what it made
    sqlx::query("delete from observed.tigris_bucket").execute(&ground.world.owner).await.expect("a loss");
    assert_eq!(ground.check().await, Vec::<String>::new());
    // one that is something else by its nature is not it
    let other = json!({ "name": ground.name("a"), "storage_class": "GLACIER" });
    let error = make(&ground.strict.way(), "tigris.bucket", other).await.expect_err("another class");
    assert_eq!((error.kind, error.code.as_deref()), (Refused::Taken, Some("BucketAlreadyOwnedByYou")));
    let found =
        make(&ground.strict.way(), "tigris.bucket", json!({ "name": ground.name("a"), "regions": ["ams"] })).await.expect("the bucket");
    assert_eq!((&found["regions"], &found["public"]), (&json!(["fra"]), &json!(true)));
}

#[tokio::test]
async fn a_name_that_another_account_has_is_refused_in_words_that_say_what_to_do() {
    let mut ground = Ground::new().await;
    let other = support::account().await;
    other.aws.s3().create_bucket().bucket(ground.name("a")).send().await.expect("a bucket of theirs");
    ground.sql("insert into tigris.bucket (name) values ('$-a')").await;
    let said = ground.error().await;
    assert!(said.contains("a bucket of another account has this name") && said.ends_with("(BucketAlreadyExists)"), "{said}");
    ground.sql("update tigris.bucket set name = '$-b'").await;
    assert_eq!(ground.check().await, ["PUT $-b"]);
}

#[tokio::test]
async fn in_an_s3_that_is_not_tigris_buckets_work_and_what_it_has_not_is_said() {
    let mut ground = Ground::new().await;
    let keys = Some(Keys { id: KEY[0].into(), secret: iasql::resource::Secret::new(KEY[1]) });
    let address = support::endpoint().await.to_owned();
    let iam_address = address.clone();
    ground.world.with_tigris(&Tigris::new(Account { address, iam_address, keys }), &no_fly());
    ground.sql("insert into tigris.bucket (name, public) values ('$-a', true)").await;
    ground.check().await;
    ground.sql("update tigris.bucket set public = false").await;
    ground.check().await;
    ground.sql("update tigris.bucket set regions = '{fra}'").await;
    let said = ground.error().await;
    assert!(said.contains("PatchBucket") && said.contains("is not Tigris"), "{said}");
    ground.sql("update tigris.bucket set regions = null").await;
    ground.check().await;
    ground.sql("delete from tigris.bucket").await;
    ground.check().await;
}
