//! What is set on a bucket in tables of its own: rules for other websites' pages, rules for old objects, tags.

use iasql::engine::Kind;
use serde_json::json;

use super::{Ground, make};

#[tokio::test]
async fn pages_of_other_websites_may_use_a_bucket_by_rules() {
    let mut ground = Ground::new().await;
    ground.sql("insert into tigris.bucket (name) values ('$-a')").await;
    ground.sql("insert into tigris.bucket_cors (bucket) values ('$-a')").await;
    let rule = "insert into tigris.bucket_cors_rule (bucket, id, allowed_methods, allowed_origins, max_age_seconds) values";
    ground.sql(&format!("{rule} ('$-a', 'shop', '{{PUT,GET}}', '{{https://example.com}}', 60)")).await;
    assert_eq!(ground.check().await, ["PUT $-a", "PUT $-a?cors"]);
    ground.sql("update tigris.bucket_cors_rule set allowed_headers = '{*}'").await;
    assert_eq!(ground.check().await, ["PUT $-a?cors"]);
    let theirs =
        json!({ "id": "theirs", "allowed_methods": ["GET"], "allowed_origins": ["*"], "allowed_headers": [], "expose_headers": [] });
    let theirs = json!({ "bucket": ground.name("a"), "rules": [theirs] });
    make(&ground.strict.way(), "tigris.bucket_cors", theirs).await.expect("other rules");
    assert_eq!(ground.check().await, ["PUT $-a?cors"]);
    ground.sql("delete from tigris.bucket_cors").await;
    assert_eq!(ground.check().await, ["DELETE $-a?cors"]);
    let without = json!({ "bucket": ground.name("a") });
    let error = make(&ground.strict.way(), "tigris.bucket_cors", without).await.expect_err("no rules");
    assert!(error.to_string().contains("there is no rule for it in bucket_cors_rule"), "{error}");
}

#[tokio::test]
async fn old_objects_are_moved_and_removed_by_rules_that_tigris_has() {
    let mut ground = Ground::new().await;
    ground.sql("insert into tigris.bucket (name) values ('$-a')").await;
    ground.sql("insert into tigris.bucket_lifecycle (bucket) values ('$-a')").await;
    let rule = "insert into tigris.bucket_lifecycle_rule (bucket, id, prefix, transitions, expiration_days) values";
    ground.sql(&format!("{rule} ('$-a', 'logs', 'logs/', '{{\"STANDARD_IA\": 30}}', 540), ('$-a', 'all', '', '{{}}', 900)")).await;
    assert_eq!(ground.check().await, ["PUT $-a", "PUT $-a?lifecycle"]);
    ground.sql("update tigris.bucket_lifecycle_rule set status = 'Disabled', transitions = '{\"GLACIER_IR\": 60}' where id = 'logs'").await;
    assert_eq!(ground.check().await, ["PUT $-a?lifecycle"]);
    let theirs = json!({ "id": "theirs", "status": "Enabled", "prefix": "", "transitions": {}, "expiration_days": 1 });
    let theirs = json!({ "bucket": ground.name("a"), "rules": [theirs] });
    make(&ground.strict.way(), "tigris.bucket_lifecycle", theirs).await.expect("other rules");
    assert_eq!(ground.check().await, ["PUT $-a?lifecycle"]);
    for (set, constraint) in [
        ("transitions = '{\"STANDARD_IA\": 1, \"GLACIER\": 2}'", "transitions_are_days_by_one_class_colder_than_standard"),
        ("transitions = '{\"STANDARD\": 1}'", "transitions_are_days_by_one_class_colder_than_standard"),
        ("id = repeat('a', 37)", "a_rule_id_has_1_to_36_characters"),
        ("transitions = '{}', expiration_days = null", "a_rule_moves_or_removes"),
    ] {
        let refused = ground.world.refusal(&format!("update tigris.bucket_lifecycle_rule set {set} where id = 'logs'")).await;
        assert!(refused.contains(constraint), "{refused}");
    }
    ground.sql("delete from tigris.bucket_lifecycle").await;
    assert_eq!(ground.check().await, ["DELETE $-a?lifecycle"]);
}

#[tokio::test]
async fn a_bucket_has_tags_and_they_go_with_it() {
    let mut ground = Ground::new().await;
    ground.sql("insert into tigris.bucket (name) values ('$-a')").await;
    ground.sql("insert into tigris.bucket_tagging (bucket, tags) values ('$-a', '{\"Team\": \"shop\"}')").await;
    assert_eq!(ground.check().await, ["PUT $-a", "PUT $-a?tagging"]);
    make(&ground.strict.way(), "tigris.bucket_tagging", json!({ "bucket": ground.name("a"), "tags": { "Team": "theirs" } }))
        .await
        .expect("other tags");
    assert_eq!(ground.check().await, ["PUT $-a?tagging"]);
    ground.sql("update tigris.bucket_tagging set tags = '{\"Team\": \"shop\", \"Stage\": \"live\"}'").await;
    assert_eq!(ground.check().await, ["PUT $-a?tagging"]);
    ground.sql("delete from tigris.bucket_tagging; delete from tigris.bucket").await;
    assert_eq!(ground.check().await, ["DELETE $-a"]);
}

#[tokio::test]
async fn what_stands_there_already_is_taken_over_and_only_what_has_rows_is_asked_for() {
    let mut ground = Ground::new().await;
    for name in ["a", "b"] {
        ground.plant(name).await;
        make(&ground.strict.way(), "tigris.bucket_tagging", json!({ "bucket": ground.name(name), "tags": { "Team": "shop" } }))
            .await
            .expect("tags");
        let rule =
            json!({ "id": "all", "allowed_methods": ["GET"], "allowed_origins": ["*"], "allowed_headers": [], "expose_headers": [] });
        make(&ground.strict.way(), "tigris.bucket_cors", json!({ "bucket": ground.name(name), "rules": [rule] })).await.expect("rules");
    }
    ground.sql("insert into tigris.bucket (name) values ('$-a')").await;
    ground.sql("insert into tigris.bucket_tagging (bucket, tags) values ('$-a', '{\"Team\": \"shop\"}')").await;
    ground.sql("insert into tigris.bucket_cors (bucket) values ('$-a')").await;
    ground
        .sql("insert into tigris.bucket_cors_rule (bucket, id, allowed_methods, allowed_origins) values ('$-a', 'all', '{GET}', '{*}')")
        .await;
    ground.strict.heard();
    ground.world.run(Kind::Check).await;
    let mut asked: Vec<_> =
        ground.strict.heard().iter().map(|call| call.replace(&ground.own, "$")).filter(|call| call.contains('?')).collect();
    asked.sort();
    asked.dedup();
    assert_eq!(asked, ["GET $-a?acl", "GET $-a?cors", "GET $-a?metadata", "GET $-a?tagging", "GET $-b?acl", "GET $-b?metadata"]);
}
