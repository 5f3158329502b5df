//! No engine, or one that goes away.

use std::process::{Command, Output};

use reqwest::Method;
use serde_json::{Value, json};

use super::Docker;
use crate::{machines::asked, support};

fn server(home: &std::path::Path, words: &[&str]) -> Output {
    let mut command = Command::new(support::binary());
    command.args(["machines", "--listen", "127.0.0.1:0", "--home"]).arg(home).args(words);
    command.env("FLY_API_TOKEN", crate::machines::TOKEN).output().expect("the binary runs")
}

#[test]
fn without_an_engine_the_server_says_so_at_its_start_and_what_to_do() {
    let home = std::env::temp_dir().join(format!("iasql-e-{}", std::process::id()));
    let refused = |address: &str| {
        let ended = server(&home, &["--backend", "docker", "--docker-host", address]);
        assert_eq!(ended.status.code(), Some(1));
        String::from_utf8(ended.stderr).expect("text")
    };
    let nobody = format!("unix://{}", home.join("nobody.sock").display());
    let said = refused(&nobody);
    for part in ["no Docker engine answers at", &nobody, "DOCKER_HOST", "leave --backend docker away"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let said = refused("tcp://example.com:2375");
    assert!(said.contains("tcp://example.com:2375") && said.contains("unix:///var/run/docker.sock"), "{said}");
    drop(std::fs::remove_dir_all(&home));
}

#[tokio::test]
async fn while_the_engine_is_away_it_is_said_and_when_it_is_back_all_goes_on() {
    let Some(mut docker) = Docker::start().await else { return };
    let site = docker.site().await;
    let machine = site.machine(&["rest"], json!({})).await;
    machine.is("started").await;
    let resting = site.machine(&["end", "0"], json!({})).await;
    resting.is("stopped").await;
    docker.stop();
    let new = json!({ "config": { "image": "probe" } });
    let (status, said) = site.refused(Method::POST, "/apps/shop/machines", new).await;
    assert!(status == 503 && said.contains("Docker could not"), "{status} {said}");
    resting.post("/start").await;
    asked(async || resting.state().await == "failed").await;
    let why = resting.event("launch").await["request"]["error"].clone();
    assert!(why.as_str().is_some_and(|said| said.contains("Docker could not")), "{why}");
    docker.start_again().await;
    // the engine has ended it when it ended itself
    machine.is("stopped").await;
    machine.post("/start").await;
    machine.is("started").await;
    resting.post("/start").await;
    resting.is("stopped").await;
    assert_eq!(resting.log().await, "ending with 0\n".repeat(2));
}

#[tokio::test]
async fn a_home_is_not_opened_with_another_backend_than_its_machines_have() {
    let Some(docker) = Docker::start().await else { return };
    let mut site = docker.site().await;
    let id = site.machine(&["rest"], json!({})).await.id;
    site.found(&id).is("started").await;
    site.kill();
    let said = String::from_utf8(server(&site.home, &[]).stderr).expect("text");
    assert!(said.contains("run with --backend docker"), "{said}");
    site.start_again();
    site.found(&id).is("started").await;
    site.good(Method::DELETE, &format!("/apps/shop/machines/{id}?force=true"), Value::Null).await;
}
