//! Metadata, and the feed of an organization.

use reqwest::Method;
use serde_json::{Value, json};

use super::Site;

#[tokio::test]
async fn metadata_is_changed_without_another_version() {
    let site = Site::new().await;
    let machine = site.machine(&["rest"], json!({ "metadata": { "a": "1" } })).await;
    machine.is("started").await;
    let (pids, version) = (machine.processes().await, machine.shown().await["instance_id"].clone());
    let path = machine.path("/metadata");
    site.post(&format!("{path}/b"), json!({ "value": "2" })).await;
    assert_eq!(site.get(&path).await, json!({ "a": "1", "b": "2" }));
    site.good(Method::DELETE, &format!("{path}/a"), Value::Null).await;
    site.good(Method::PATCH, &path, json!({ "metadata": { "b": null, "c": "3" }, "machine_version": version })).await;
    assert_eq!(site.get(&path).await, json!({ "c": "3" }));
    assert_eq!(site.good(Method::PUT, &path, json!({ "metadata": { "d": "4" } })).await, json!({ "d": "4" }));
    assert_eq!(site.get(&format!("{path}/d")).await, json!({ "value": "4" }));
    assert_eq!((machine.processes().await, &machine.shown().await["instance_id"]), (pids, &version));
    assert_eq!(site.get("/apps/shop/machines?metadata.d=4").await.as_array().map(Vec::len), Some(1));
    assert_eq!(site.get("/apps/shop/machines?metadata.d=5").await, json!([]));
}

#[tokio::test]
async fn metadata_of_another_version_is_not_written_over() {
    let site = Site::new().await;
    let machine = site.machine(&["rest"], json!({})).await;
    let path = machine.path("/metadata");
    for (method, path, body) in [
        (Method::PUT, path.clone(), json!({ "metadata": {}, "machine_version": "01OLD" })),
        (Method::PATCH, path.clone(), json!({ "metadata": {}, "machine_version": "01OLD" })),
        (Method::POST, format!("{path}/a"), json!({ "value": "b", "machine_version": "01OLD" })),
    ] {
        let (status, said) = site.refused(method, &path, body).await;
        assert!(status == 412 && said.contains("machine_version"), "{said}");
    }
    assert_eq!(site.refused(Method::DELETE, &format!("{path}/a"), Value::Null).await.0, 404);
    assert_eq!(site.refused(Method::POST, &format!("{path}/a"), json!({ "value": 1 })).await.0, 400);
}

#[tokio::test]
async fn the_feed_tells_what_has_changed_since() {
    let site = Site::new().await;
    let first = site.machine(&["rest"], json!({})).await;
    first.is("started").await;
    let seen = site.get("/orgs/personal/machines").await;
    assert_eq!((&seen["machines"][0]["app_name"], &seen["next_cursor"]), (&json!("shop"), &json!("")));
    let since = seen["last_updated_at"].as_str().unwrap().replace('+', "%2B");
    let second = site.machine(&["rest"], json!({})).await;
    second.is("started").await;
    let changed = site.get(&format!("/orgs/personal/machines?updated_after={since}")).await;
    assert_eq!(changed["machines"].as_array().map(Vec::len), Some(1));
    assert_eq!(changed["machines"][0]["id"], second.id);
    let page = site.get("/orgs/personal/machines?limit=1").await;
    let next = site.get(&format!("/orgs/personal/machines?limit=1&cursor={}", page["next_cursor"].as_str().unwrap())).await;
    assert_eq!([&page["machines"][0]["id"], &next["machines"][0]["id"]], [&first.id, &second.id]);
    assert_eq!(site.get("/orgs/others/machines").await["machines"], json!([]));
}
