//! Certificates that are imported.

use iasql::resource::Kind;
use serde_json::{Value, json};

use super::table::{Table, with};
use crate::support::account;

/// The walk's certificates: each `-----BEGIN …` to its `-----END …`. Their keys open nothing.
const WALK: &str = include_str!("../loops/acm/certificate.sql");

fn in_pem(what: &str) -> String {
    let (begin, end) = (format!("-----BEGIN {what}-----"), format!("-----END {what}-----"));
    let from = WALK.find(&begin).expect("a beginning");
    let to = WALK[from..].find(&end).expect("an end") + from + end.len();
    format!("{}\n", &WALK[from..to])
}

fn imported() -> Value {
    json!({
        "region": "us-east-1", "name": "old", "domain_name": null, "subject_alternative_names": null, "validation_method": null,
        "key_algorithm": null, "certificate_authority_arn": null, "export": null, "certificate_body": in_pem("CERTIFICATE"),
        "certificate_chain": null, "private_key": in_pem("PRIVATE KEY"), "private_key_version": "0f0f0f0f-0000-4000-8000-000000000001",
        "tags": {}, "certificate_arn": null, "status": null, "not_after": null, "domain_validation_options": null,
    })
}

#[tokio::test]
async fn another_key_is_imported_under_the_same_arn() {
    let account = account().await;
    let certificates = Table::of(&account, "acm.certificate");
    let made = certificates.create(imported()).await.expect("a certificate");
    assert_eq!((&made["private_key"], &made["status"]), (&json!(null), &json!("ISSUED")));
    let seen = certificates.list(&[]).await.remove(0);
    assert_eq!((&seen["certificate_body"], &seen["domain_name"]), (&made["certificate_body"], &json!(null)));

    account.calls.take();
    let other = with(&imported(), json!({ "private_key_version": "0f0f0f0f-0000-4000-8000-000000000002" }));
    let changed = certificates.update(other, seen).await.expect("a change");
    // the emulator loses the tags here; AWS keeps them
    assert_eq!(account.calls.take_changes(), ["ImportCertificate", "AddTagsToCertificate"]);
    assert_eq!(changed["certificate_arn"], made["certificate_arn"]);
    let seen = certificates.list(&[]).await;
    assert_eq!((seen.len(), &seen[0]["private_key_version"]), (1, &json!("0f0f0f0f-0000-4000-8000-000000000002")));
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_without_being_told() {
    let account = account().await;
    let wrong = with(&imported(), json!({ "private_key": "hunter2" }));
    let error = Table::of(&account, "acm.certificate").create(wrong).await.expect_err("no key");
    assert_eq!(error.kind, Kind::Invalid);
    assert!(!error.to_string().contains("hunter2"), "{error}");
}
