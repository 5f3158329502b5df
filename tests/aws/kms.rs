//! Keys that do not let everybody look at them.

use serde_json::json;

use super::table::Table;
use crate::support::account;

const CLOSED: &str =
    r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}"#;

#[tokio::test]
async fn a_key_that_does_not_let_itself_be_read_hides_no_others() {
    let account = account().await;
    let outside = account.outside().await;
    let keys = Table::of(&account, "kms.key");
    let closed = outside.kms().create_key().policy(CLOSED).send().await.expect("a key").key_metadata.expect("a key");
    let refusal = account.aws.kms().describe_key().key_id(closed.key_id()).send().await;
    assert!(refusal.is_err(), "its policy keeps us out");
    let open = outside.kms().create_key().description("open").send().await.expect("a key").key_metadata.expect("a key");
    let mut listed = keys.list(&[]).await;
    listed.sort_by_key(|row| row["implicit"].to_string());
    let told: Vec<_> = listed.iter().map(|row| (&row["arn"], &row["description"], &row["implicit"])).collect();
    let arns = [json!(open.arn()), json!(closed.arn())];
    assert_eq!(told, [(&arns[0], &json!("open"), &json!(false)), (&arns[1], &json!(""), &json!(true))]);
}
