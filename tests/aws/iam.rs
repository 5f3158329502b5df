//! Access keys whose secret half finds no place, or has lost it.

use std::slice::from_ref;

use serde_json::{Value, json};

use super::table::{Table, with};
use crate::support::{Account, account};

async fn user(account: &Account, name: &str) -> String {
    let made = account.outside().await.iam().create_user().user_name(name).send().await.expect("a user");
    made.user.expect("a user").arn
}

fn key(user: &str, region: &str) -> Value {
    json!({ "user_name": user, "name": "default", "status": null, "secret_region": region, "ssm_parameter": null, "access_key_id": null })
}

#[tokio::test]
async fn an_access_key_whose_secret_cannot_be_kept_is_taken_back() {
    let account = account().await;
    let user = user(&account, "shop").await;
    Table::of(&account, "iam.access_key").create(key(&user, "xx-nowhere-1")).await.expect_err("there is no such region");
    let calls = account.calls.take_changes();
    assert_eq!(
        (calls.first().map(String::as_str), calls.last().map(String::as_str)),
        (Some("CreateAccessKey"), Some("DeleteAccessKey")),
        "{calls:?}"
    );
}

#[tokio::test]
async fn an_access_key_whose_parameter_is_gone_is_an_access_key_still() {
    let account = account().await;
    let user = user(&account, "shop").await;
    let keys = Table::of(&account, "iam.access_key");
    let made = keys.create(key(&user, "us-east-1")).await.expect("a key");
    // a run that was killed before it could write down what it had made finds it by what was kept
    assert_eq!(keys.list(&[key(&user, "us-east-1")]).await, from_ref(&made));
    let place = made["ssm_parameter"].as_str().expect("a place");
    account.outside().await.ssm().delete_parameter().name(place).send().await.expect("a deletion");
    assert_eq!(keys.list(from_ref(&made)).await, [with(&made, json!({ "ssm_parameter": null }))]);
    assert_eq!(keys.delete(made.clone()).await, Ok(None));
    assert!(keys.list(&[made]).await.is_empty());
}
