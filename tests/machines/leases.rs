//! A machine that is somebody's for a while.

use reqwest::Method;
use serde_json::{Value, json};

use super::Site;

#[tokio::test]
async fn a_machine_that_is_held_yields_to_nobody_else() {
    let site = Site::new().await;
    let machine = site.machine(&["rest"], json!({})).await;
    machine.is("started").await;
    let lease = site.post(&machine.path("/lease"), json!({ "ttl": 60, "description": "mine" })).await["data"].clone();
    let nonce = lease["nonce"].as_str().expect("a nonce");
    assert_eq!(site.get(&machine.path("/lease")).await["data"]["description"], "mine");
    let update = json!({ "config": { "image": "probe" } });
    let calls = [
        (Method::POST, "/lease", Value::Null),
        (Method::POST, "/stop", Value::Null),
        (Method::POST, "/start", Value::Null),
        (Method::POST, "/restart", Value::Null),
        (Method::POST, "/suspend", Value::Null),
        (Method::POST, "/signal", json!({ "signal": "SIGTERM" })),
        (Method::POST, "/cordon", Value::Null),
        (Method::POST, "", update),
        (Method::POST, "/metadata/a", json!({ "value": "b" })),
        (Method::DELETE, "/lease", Value::Null),
        (Method::DELETE, "?force=true", Value::Null),
    ];
    for (method, what, body) in calls {
        for nonce in [None, Some("another")] {
            let (status, answer) = site.held(nonce, method.clone(), &machine.path(what), body.clone()).await;
            assert!(status == 409 && answer["error"].as_str().is_some_and(|said| said.contains("lease held")), "{what}: {status} {answer}");
        }
    }
    let longer = site.held(Some(nonce), Method::POST, &machine.path("/lease?ttl=600"), Value::Null).await.1["data"].clone();
    assert!(longer["nonce"] == nonce && longer["expires_at"].as_i64() > lease["expires_at"].as_i64());
    assert_eq!(site.held(Some(nonce), Method::POST, &machine.path("/stop"), Value::Null).await.0, 200);
    assert_eq!(site.held(Some(nonce), Method::DELETE, &machine.path("/lease"), Value::Null).await.0, 200);
    assert_eq!(site.refused(Method::GET, &machine.path("/lease"), Value::Null).await.0, 404);
    assert_eq!(
        site.held(Some(nonce), Method::POST, &machine.path("/start"), Value::Null).await.0,
        409,
        "a lease that is over holds nothing"
    );
}

#[tokio::test]
async fn a_lease_ends_by_itself_and_outlives_the_server() {
    let mut site = Site::new().await;
    let id = site.machine(&["rest"], json!({})).await.id;
    let lease = site.post(&format!("/apps/shop/machines/{id}/lease?ttl=2"), Value::Null).await["data"].clone();
    site.kill_and_start();
    let machine = site.found(&id);
    assert_eq!(site.refused(Method::POST, &machine.path("/cordon"), Value::Null).await.0, 409);
    let over = || chrono::Utc::now().timestamp() >= lease["expires_at"].as_i64().expect("a time");
    super::until(over).await;
    machine.post("/cordon").await;
    for ttl in [0, -1, 1_000_000] {
        assert_eq!(site.refused(Method::POST, &machine.path(&format!("/lease?ttl={ttl}")), Value::Null).await.0, 400);
    }
}

#[tokio::test]
async fn a_machine_may_be_held_from_its_birth() {
    let site = Site::new().await;
    let made = site.post("/apps/shop/machines", json!({ "config": { "image": "probe" }, "lease_ttl": 60, "skip_launch": true })).await;
    let (id, nonce) = (made["id"].as_str().unwrap(), made["nonce"].as_str().expect("a nonce"));
    let path = format!("/apps/shop/machines/{id}");
    assert_eq!(made["state"], "created");
    assert_eq!(site.refused(Method::POST, &format!("{path}/start"), Value::Null).await.0, 409);
    assert_eq!(site.held(Some(nonce), Method::DELETE, &path, Value::Null).await.0, 200);
    assert!(site.get(&path).await.get("nonce").is_none(), "it is told once");
}
