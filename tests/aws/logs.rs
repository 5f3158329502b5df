//! Log groups, whose tags no list tells.

use iasql::resource::Kind;
use serde_json::json;

use super::table::Table;
use crate::support::account;

#[tokio::test]
async fn a_repeated_creation_finds_the_group_of_the_first_and_leaves_anybody_elses_alone() {
    let account = account().await;
    let mut groups = Table::of(&account, "logs.log_group");
    let row = json!({
        "region": "us-east-1", "name": "/shop/web", "log_group_class": null, "retention_in_days": 14, "kms_key": null,
        "deletion_protection_enabled": null, "arn": null,
    });
    groups.create(row.clone()).await.expect("a group");
    assert_eq!(account.calls.take_actions(), ["CreateLogGroup", "GetCallerIdentity", "PutRetentionPolicy"]);
    let again = groups.create(row.clone()).await.expect("the same group");
    assert_eq!(account.calls.take_actions(), ["CreateLogGroup", "DescribeLogGroups", "ListTagsForResource"]);
    assert_eq!(groups.list(&[]).await, [again]);

    groups.owner.tag = "other/0b9d4a52-0000-4000-8000-000000000002".to_owned();
    let refusal = groups.create(row).await.expect_err("not theirs");
    assert_eq!((refusal.kind, refusal.code.as_deref()), (Kind::Taken, Some("ResourceAlreadyExistsException")));
}
