//! Containers outlive the server that has started them.

use reqwest::Method;
use serde_json::{Value, json};

use super::Docker;
use crate::machines::{goes, until};

#[tokio::test]
async fn containers_go_on_when_the_server_is_killed_and_the_next_one_finds_them() {
    let Some(docker) = Docker::start().await else { return };
    let mut site = docker.site().await;
    let going = site.machine(&["rest"], json!({})).await.id;
    let frozen = site.machine(&["rest"], json!({})).await.id;
    let words = "trap 'echo bye; exit 6' USR2; echo ready; while :; do sleep 0.1; done";
    let ending = site.machine(&[], json!({ "init": { "exec": ["/bin/sh", "-c", words] } })).await.id;
    let forgotten = site.machine(&["rest"], json!({})).await.id;
    site.found(&ending).says("ready").await;
    for id in [&going, &frozen, &forgotten] {
        site.found(id).is("started").await;
    }
    site.found(&frozen).post("/suspend").await;
    site.found(&frozen).is("suspended").await;
    let [process] = site.found(&going).processes().await[..] else { panic!("one process") };
    let [last] = site.found(&ending).processes().await[..1] else { panic!("a process") };
    site.kill();
    assert!(goes(process));
    super::signal(u32::try_from(last).expect("a pid"), nix::sys::signal::Signal::SIGUSR2);
    until(|| docker.containers().iter().filter(|found| found["State"] == "exited").count() == 1).await;
    // a machine that its home does not know any more: its container is left over
    std::fs::remove_dir_all(site.home.join("machines").join(&forgotten)).expect("a folder");
    site.start_again();
    let machine = site.found(&going);
    machine.is("started").await;
    assert_eq!(machine.processes().await, [process]);
    let ended = site.found(&ending);
    ended.is("stopped").await;
    assert_eq!((ended.exit_code().await, ended.log().await.as_str()), (6, "ready\nbye\n"));
    until(|| docker.containers().len() == 2).await;
    assert!(docker.containers().iter().all(|found| found["Labels"]["iasql.machine"] != json!(forgotten)));
    let thawed = site.found(&frozen);
    assert_eq!(thawed.state().await, "suspended");
    assert_eq!(thawed.post("/start").await["previous_state"], "suspended");
    thawed.is("started").await;
    site.kill_and_start();
    for id in [&going, &frozen] {
        site.found(id).post("/stop").await;
        site.found(id).is("stopped").await;
    }
    assert_eq!(docker.containers().len(), 0);
}

#[tokio::test]
async fn a_container_that_somebody_else_removes_is_a_machine_that_has_ended() {
    let Some(docker) = Docker::start().await else { return };
    let site = docker.site().await;
    let machine = site.machine(&["rest"], json!({ "restart": { "policy": "always" } })).await;
    machine.is("started").await;
    let before = docker.containers()[0]["Id"].clone();
    docker.ask("DELETE", &format!("/containers/{}?force=1", before.as_str().expect("an id"))).expect("an answer");
    until(|| docker.containers().first().is_some_and(|found| found["Id"] != before && found["State"] == "running")).await;
    machine.is("started").await;
    assert_eq!(machine.exit_code().await, -1, "nobody knows it");
    site.good(Method::DELETE, "/apps/shop?force=true", Value::Null).await;
    until(|| docker.containers().is_empty()).await;
}
