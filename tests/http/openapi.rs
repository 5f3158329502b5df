//! The description says what the server does.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Server, open};

async fn description() -> Value {
    Server::start(open()).await.get("/openapi.json").await.json().await.expect("a description")
}

/// Every `$ref` in it.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let description = description().await;
    let mut found = BTreeSet::new();
    references(&description, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        assert!(description.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn every_operation_has_a_name_of_its_own_and_says_what_it_answers() {
    let description = description().await;
    assert_eq!(description["openapi"], "3.1.0");
    assert_eq!(description["info"]["version"], env!("CARGO_PKG_VERSION"));
    let mut names = BTreeSet::new();
    for (path, item) in description["paths"].as_object().expect("paths") {
        for operation in ["get", "post"].into_iter().filter_map(|method| item.get(method)) {
            assert!(names.insert(operation["operationId"].to_string()), "{operation}");
            assert!(operation["responses"].get("200").is_some(), "{path}");
        }
    }
}

#[tokio::test]
async fn every_described_path_is_served_with_the_methods_it_has_and_no_other() {
    let server = Server::start(open()).await;
    for (path, item) in description().await["paths"].as_object().expect("paths") {
        let path = path.replace("{db}", "Not-a-name").replace("{id}", "x");
        for (method, described) in [("GET", item.get("get").is_some()), ("POST", item.get("post").is_some())] {
            let answer = server.ask(method.parse().expect("a method"), &path).send().await.expect("an answer");
            assert_eq!(answer.status() != 405, described, "{method} {path}");
            let unknown = answer.text().await.expect("a body").contains("no-such-page");
            assert!(!unknown, "{method} {path}");
        }
    }
}
