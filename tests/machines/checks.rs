//! Checks of a running machine, and its log.

use serde_json::json;

use super::{Site, asked};

#[tokio::test]
async fn checks_tell_how_a_machine_stands() {
    let site = Site::new().await;
    let checks = json!({
        "up": { "type": "tcp", "port": 8080, "interval": "200ms", "timeout": "1s" },
        "page": { "type": "http", "port": 8080, "path": "/", "interval": "200ms", "timeout": "2s" },
        "none": { "type": "tcp", "port": 8081, "interval": "200ms", "timeout": "1s" },
    });
    let machine = site.machine(&["serve", "8080"], json!({ "checks": checks, "guest": { "memory_mb": 512 } })).await;
    machine.is("started").await;
    let mut shown = json!([]);
    asked(async || {
        shown = machine.shown().await["checks"].clone();
        // in the order of their names
        let all =
            ["none", "page", "up"].iter().enumerate().map(|(at, name)| shown[at]["name"] == *name && shown[at]["status"] != "warning");
        all.collect::<Vec<_>>() == [true; 3] && shown[1]["status"] == "passing" && shown[2]["status"] == "passing"
    })
    .await;
    assert_eq!(shown[0]["status"], "critical");
    assert!(shown[0]["output"].as_str().is_some_and(|said| said.contains("connecting to 127.")), "{shown}");
    machine.post("/stop").await;
    machine.is("stopped").await;
    assert_eq!(machine.shown().await["checks"], json!([]));
}

#[tokio::test]
async fn a_log_tells_its_end() {
    let site = Site::new().await;
    let machine = site.machine(&["chatter", "20000"], json!({})).await;
    machine.says("line 19999\n").await;
    let end = site.text(&machine.path("/logs?bytes=100")).await;
    assert!(end.len() <= 100 && end.starts_with("line ") && end.ends_with("line 19999\n"), "{end}");
}
