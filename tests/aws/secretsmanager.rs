//! Secrets, their versions, and their way back.

use std::slice::from_ref;

use iasql::resource::Kind;
use serde_json::{Value, json};

use super::table::{Table, with};
use crate::support::{Account, account};

const FIRST: &str = "0f0f0f0f-0000-4000-8000-000000000001";
const SECOND: &str = "0f0f0f0f-0000-4000-8000-000000000002";

fn secret(name: &str) -> Value {
    json!({
        "region": "us-east-1", "name": name, "description": "for a test", "kms_key_id": null, "value": "hunter2", "value_version": FIRST,
        "recovery_window_in_days": 7, "tags": { "Name": "a tag", "team": "shop" }, "arn": null,
    })
}

async fn value_of(account: &Account, name: &str) -> String {
    let answer = account.outside().await.secretsmanager().get_secret_value().secret_id(name).send().await;
    answer.expect("a value").secret_string.expect("a text")
}

#[tokio::test]
async fn a_secret_is_made_changed_and_deleted_with_as_few_calls_as_possible() {
    let account = account().await;
    let secrets = Table::of(&account, "secretsmanager.secret");
    let made = secrets.create(secret("shop/a")).await.expect("a secret");
    assert_eq!(account.calls.take_changes(), ["CreateSecret"]);
    assert_eq!(secrets.list(&[]).await, from_ref(&made));
    assert_eq!(
        (&made["value"], &made["value_version"], &made["kms_key_id"]),
        (&json!(null), &json!(FIRST), &json!("alias/aws/secretsmanager"))
    );
    assert_eq!(
        (&made["owner"], &made["recovery_window_in_days"], &made["tags"]["Name"]),
        (&json!(secrets.owner.tag), &json!(7), &json!("a tag"))
    );
    assert_eq!(value_of(&account, "shop/a").await, "hunter2");

    account.calls.take();
    let other = json!({ "description": "other", "value": "hunter3", "value_version": SECOND, "tags": { "team": "bar" }, "recovery_window_in_days": null });
    let changed = secrets.update(with(&secret("shop/a"), other), made.clone()).await.expect("a change");
    assert_eq!(account.calls.take_changes(), ["UpdateSecret", "TagResource", "UntagResource"]);
    assert_eq!(changed, with(&made, json!({ "description": "other", "value_version": SECOND, "tags": { "team": "bar" } })));
    assert_eq!(secrets.list(&[]).await, from_ref(&changed));
    assert_eq!(value_of(&account, "shop/a").await, "hunter3");

    account.calls.take();
    let again = with(&secret("shop/a"), json!({ "description": null, "value": null, "value_version": null, "tags": { "team": "bar" } }));
    assert_eq!(secrets.update(again, changed.clone()).await, Ok(changed.clone()));
    assert!(account.calls.take_actions().is_empty(), "nothing is asked for");

    assert_eq!(secrets.delete(changed).await, Ok(None));
    assert_eq!(account.calls.take_actions(), ["DeleteSecret"]);
    assert!(secrets.list(&[]).await.is_empty(), "what is to be deleted is gone");
}

#[tokio::test]
async fn a_value_written_by_somebody_else_shows_as_another_version() {
    let account = account().await;
    let secrets = Table::of(&account, "secretsmanager.secret");
    let made = secrets.create(secret("shop/b")).await.expect("a secret");
    account.aws.secretsmanager().put_secret_value().secret_id("shop/b").secret_string("theirs").send().await.expect("a value");
    let drifted = secrets.list(&[]).await.remove(0);
    assert_ne!(drifted["value_version"], made["value_version"]);
    let repaired = secrets.update(with(&secret("shop/b"), json!({ "value_version": SECOND })), drifted).await.expect("a repair");
    assert_eq!(secrets.list(&[]).await, [repaired]);
    assert_eq!(value_of(&account, "shop/b").await, "hunter2");
}

#[tokio::test]
async fn a_secret_that_waits_for_its_end_is_restored_only_for_the_database_that_made_it() {
    let account = account().await;
    let mut secrets = Table::of(&account, "secretsmanager.secret");
    let made = secrets.create(secret("shop/c")).await.expect("a secret");
    let twin = secrets.create(secret("shop/c")).await;
    secrets.delete(made.clone()).await.expect("a deletion");
    secrets.owner.tag = "other/0b9d4a52-0000-4000-8000-000000000002".to_owned();
    let refusal = secrets.create(with(&secret("shop/c"), json!({ "value_version": SECOND }))).await.expect_err("not theirs");
    assert_eq!((refusal.kind, refusal.operation), (Kind::Taken, "CreateSecret"));

    secrets.owner.tag = "shop/0b9d4a52-0000-4000-8000-000000000002".to_owned();
    let again = secrets
        .create(with(&secret("shop/c"), json!({ "value": "hunter4", "value_version": SECOND })))
        .await
        .expect("the old one, restored");
    assert_eq!((&again["arn"], &again["owner"], &again["value_version"]), (&made["arn"], &json!(secrets.owner.tag), &json!(SECOND)));
    assert_eq!(secrets.list(&[]).await, [again]);
    assert_eq!(value_of(&account, "shop/c").await, "hunter4");
    assert_eq!(twin.expect("a repeated creation is the first")["arn"], made["arn"]);
}

#[tokio::test]
async fn a_window_of_no_days_frees_the_name_at_once() {
    let account = account().await;
    let secrets = Table::of(&account, "secretsmanager.secret");
    let made = secrets.create(with(&secret("shop/d"), json!({ "recovery_window_in_days": 0 }))).await.expect("a secret");
    secrets.delete(made.clone()).await.expect("a deletion");
    assert_eq!(secrets.delete(made.clone()).await, Ok(None), "what is gone already is gone");
    let again = secrets.create(with(&secret("shop/d"), json!({ "value_version": SECOND }))).await.expect("another secret");
    assert_ne!(again["arn"], made["arn"]);
}

#[tokio::test]
async fn taking_a_secret_over_sets_the_owner_and_the_value() {
    let account = account().await;
    let secrets = Table::of(&account, "secretsmanager.secret");
    account.outside().await.secretsmanager().create_secret().name("shop/e").secret_string("theirs").send().await.expect("a secret");
    let found = secrets.list(&[]).await.remove(0);
    assert_eq!(found["owner"], json!(null));
    account.calls.take();
    let ours = secrets.update(secret("shop/e"), found).await.expect("ours");
    assert_eq!(account.calls.take_changes(), ["UpdateSecret", "TagResource"]);
    assert_eq!(secrets.list(&[]).await, [ours]);
    assert_eq!(value_of(&account, "shop/e").await, "hunter2");
}
