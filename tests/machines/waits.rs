//! Waiting for a machine.

use reqwest::Method;
use serde_json::{Value, json};

use super::Site;

#[tokio::test]
async fn whoever_waits_hears_when_it_is_so_and_when_it_takes_too_long() {
    let site = Site::new().await;
    let machine = site.machine(&["rest"], json!({})).await;
    machine.is("started").await;
    let version = machine.shown().await["instance_id"].as_str().unwrap().to_owned();
    let path = machine.path(&format!("/wait?state=stopped&instance_id={version}&timeout=20"));
    let (waited, _) = tokio::join!(site.get(&path), machine.post("/stop"));
    assert_eq!(waited, json!({ "ok": true }));
    let (status, said) = site.refused(Method::GET, &machine.path("/wait?state=started&timeout=1"), Value::Null).await;
    assert!(status == 408 && said.starts_with("deadline_exceeded"), "{status} {said}");
}

#[tokio::test]
async fn nobody_waits_for_what_can_not_be() {
    let site = Site::new().await;
    let machine = site.machine(&["rest"], json!({})).await;
    for (query, names) in [
        ("state=stopped", "instance_id is needed"),
        ("state=created", "can't be waited for"),
        ("state=started&timeout=61", "timeout is 1 to 60"),
        ("state=started&timeout=0", "timeout is 1 to 60"),
        ("state=started&timeout=soon", "the query"),
        ("state=started&instance_id=01OLD", "instance_id is not the current one"),
    ] {
        let (status, said) = site.refused(Method::GET, &machine.path(&format!("/wait?{query}")), Value::Null).await;
        assert!(status == 400 && said.contains(names), "{query}: {status} {said}");
    }
    machine.destroy().await;
    machine.is("destroyed").await;
    assert_eq!(site.refused(Method::GET, &machine.path("/wait?state=started"), Value::Null).await.0, 400);
}

#[tokio::test]
async fn whoever_waits_does_not_hold_up_a_server_that_stops() {
    let mut site = Site::new().await;
    let path = {
        let machine = site.machine(&["rest"], json!({})).await;
        machine.is("started").await;
        format!("{}/v1{}", site.http, machine.path("/wait?state=suspended&timeout=60"))
    };
    let waiting = site.client.get(path).bearer_auth(super::TOKEN).send();
    let waiting = tokio::spawn(waiting);
    // another request after it is answered after it was heard
    site.get("/apps/shop").await;
    let begin = std::time::Instant::now();
    site.end();
    assert!(begin.elapsed() < std::time::Duration::from_secs(5));
    assert!(waiting.await.unwrap().is_ok_and(|answer| answer.status() == 503) || begin.elapsed().as_secs() < 5);
}
