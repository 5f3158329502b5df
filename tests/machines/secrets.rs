//! Secrets reach the machine's environment, and nothing else.

use reqwest::Method;
use serde_json::{Value, json};

use super::Site;

const SECRET: &str = "hunter2-hunter2-hunter2";

#[tokio::test]
async fn a_secret_reaches_the_environment_and_no_answer_and_no_log() {
    let mut site = Site::new().await;
    let set = site.post("/apps/shop/secrets", json!({ "values": { "PASSWORD": SECRET, "OTHER": "x" } })).await;
    assert_eq!(set["version"], 1);
    let mut answers = vec![set];
    let machine =
        site.machine(&["rest"], json!({ "init": { "exec": ["/bin/sh", "-c", "echo \"${#PASSWORD} letters\"; exec sleep 600"] } })).await;
    machine.says(&format!("{} letters", SECRET.len())).await;
    for path in ["/apps/shop", "/apps/shop/secrets", "/apps/shop/secrets/PASSWORD", "/apps/shop/machines", "/orgs/personal/machines"] {
        answers.push(site.get(path).await);
    }
    for more in ["", "/events", "/versions", "/ps", "/logs", "/metadata"] {
        answers.push(site.get(&machine.path(more)).await);
    }
    answers.push(site.call(Method::POST, "/apps/shop/secrets", json!({ "values": SECRET })).await.1);
    answers.push(site.call(Method::POST, "/apps/shop/secrets", json!({ "values": { "A B": SECRET } })).await.1);
    answers.push(site.call(Method::POST, "/apps/shop/secrets/PASSWORD", json!({ "value": [SECRET] })).await.1);
    assert!(answers.iter().all(|answer| !answer.to_string().contains("hunter2")), "{answers:?}");
    assert_eq!(answers[13]["status"], "unknown", "{}", answers[13]);
    let path = site.home.join("machines").join(&machine.id).join("machine.json");
    machine.destroy().await;
    machine.is("destroyed").await;
    assert!(!std::fs::read_to_string(path).unwrap().contains("hunter2"), "what is destroyed keeps no secret");
    let log = site.end();
    assert!(!log.contains("hunter2") && !log.contains(super::TOKEN));
}

#[tokio::test]
async fn a_machine_sees_secrets_as_they_were_until_it_is_updated_for_them() {
    let site = Site::new().await;
    let config = json!({ "image": "probe", "init": { "exec": ["/bin/sh", "-c", "echo is ${WORD}; exec sleep 600"] } });
    let first = site.post("/apps/shop/secrets/WORD", json!({ "value": "one" })).await;
    let made = site.post("/apps/shop/machines", json!({ "config": config, "min_secrets_version": first["version"] })).await;
    let machine = site.found(made["id"].as_str().unwrap());
    machine.says("is one\n").await;
    let second = site.post("/apps/shop/secrets/WORD", json!({ "value": "two" })).await;
    assert_ne!(first["digest"], second["digest"]);
    machine.post("/restart").await;
    machine.says("is one\nis one\n").await;
    site.post(&machine.path(""), json!({ "config": config, "min_secrets_version": second["version"] })).await;
    machine.says("is two\n").await;
    let (status, _) = site.refused(Method::POST, &machine.path(""), json!({ "config": config, "min_secrets_version": 99 })).await;
    assert_eq!(status, 412);
    assert_eq!(site.good(Method::DELETE, "/apps/shop/secrets/WORD", Value::Null).await["version"], 3);
    assert_eq!(site.get("/apps/shop/secrets").await["secrets"], json!([]));
    assert_eq!(site.refused(Method::DELETE, "/apps/shop/secrets/WORD", Value::Null).await.0, 404);
}

#[tokio::test]
async fn files_stand_in_the_machine_when_it_starts() {
    let site = Site::new().await;
    // "of the file\n" and "of a secret\n"
    site.post("/apps/shop/secrets/NOTE", json!({ "value": "b2YgYSBzZWNyZXQK" })).await;
    let files = json!([
        { "guest_path": "/etc/shop/note", "raw_value": "b2YgdGhlIGZpbGUK" }, { "guest_path": "/etc/secret", "secret_name": "NOTE" }
    ]);
    let machine = site.machine(&["read", "/etc/shop/note"], json!({ "files": files })).await;
    machine.says("of the file\n").await;
    let machine = site.machine(&["read", "/etc/secret"], json!({ "files": files })).await;
    machine.says("of a secret\n").await;
}
