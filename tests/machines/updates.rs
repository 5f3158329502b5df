//! Another configuration for a machine.

use reqwest::Method;
use serde_json::{Value, json};

use super::Site;

fn config(words: &[&str]) -> Value {
    json!({ "image": "probe", "init": { "cmd": words }, "restart": { "policy": "no" }, "stop_config": { "timeout": "300ms" } })
}

#[tokio::test]
async fn an_update_is_another_version_in_the_same_place() {
    let site = Site::new().await;
    let machine = site.machine(&["rest"], json!({})).await;
    machine.is("started").await;
    let before = machine.shown().await;
    let mut wanted = config(&["stubborn"]);
    wanted["future"] = json!({ "kept": true });
    let answer = site.post(&machine.path(""), json!({ "config": wanted, "current_version": before["instance_id"] })).await;
    assert_eq!(answer["config"]["future"], json!({ "kept": true }));
    assert!(answer["instance_id"].as_str() > before["instance_id"].as_str());
    machine.is("started").await;
    machine.says("ready").await;
    let after = machine.shown().await;
    for same in ["id", "name", "region", "private_ip", "created_at"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    let versions = site.get(&machine.path("/versions")).await;
    assert_eq!([&versions[0]["version"], &versions[1]["version"]], [&after["instance_id"], &before["instance_id"]]);
    // the new one is stopped as the new configuration says, and the update after it does not start it
    site.post(&machine.path(""), json!({ "config": config(&["rest"]), "skip_launch": true })).await;
    machine.is("stopped").await;
    site.post(&machine.path(""), json!({ "config": config(&["end", "4"]) })).await;
    machine.is("stopped").await;
    assert_eq!(machine.exit_code().await, 4);
}

#[tokio::test]
async fn what_can_not_be_changed_and_what_another_has_changed_is_refused() {
    let site = Site::new().await;
    let machine = site.machine(&["rest"], json!({})).await;
    machine.is("started").await;
    let volume = site.volume("data").await;
    let mut mounted = config(&["rest"]);
    mounted["mounts"] = json!([{ "volume": volume, "path": "/data" }]);
    let before = machine.shown().await;
    for (body, status, names) in [
        (json!({ "config": config(&["rest"]), "current_version": "01OLD" }), 412, "current_version"),
        (json!({ "config": config(&["rest"]), "name": "another" }), 400, "the name"),
        (json!({ "config": config(&["rest"]), "region": "ams" }), 400, "the region"),
        (json!({ "config": mounted }), 400, "the volume"),
        (json!({ "config": { "image": "nothing" } }), 404, "was not found"),
        (json!({}), 400, "config is missing"),
    ] {
        let (is, said) = site.refused(Method::POST, &machine.path(""), body.clone()).await;
        assert!(is == status && said.contains(names), "{body}: {is} {said}");
    }
    assert_eq!(machine.shown().await, before);
}
