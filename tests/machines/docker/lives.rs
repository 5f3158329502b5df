//! The life of a machine that is a container.

use reqwest::Method;
use serde_json::{Value, json};

use super::Docker;
use crate::machines::{asked, doing, goes, until};

#[tokio::test]
async fn a_container_goes_through_the_whole_life_of_a_machine() {
    let Some(docker) = Docker::start().await else { return };
    let site = docker.site().await;
    let machine = site.machine(&["rest"], json!({})).await;
    machine.is("started").await;
    let [found] = &docker.containers()[..] else { panic!("one container: {:?}", docker.containers()) };
    assert_eq!((&found["Names"], &found["Labels"]["iasql.machine"]), (&json!([format!("/iasql-{}", machine.id)]), &json!(machine.id)));
    assert_eq!(found["Labels"]["iasql.home"], json!(site.home));
    let limits = docker.get(&format!("/containers/iasql-{}/json", machine.id)).expect("it is there")["HostConfig"].clone();
    assert_eq!((&limits["Memory"], &limits["PidsLimit"], &limits["NetworkMode"]), (&json!(256 << 20), &json!(1024), &json!("host")));
    let [pid] = machine.processes().await[..] else { panic!("one process") };
    machine.post("/suspend").await;
    machine.is("suspended").await;
    assert_eq!(docker.containers()[0]["State"], "paused");
    assert_eq!(machine.post("/start").await["previous_state"], "suspended");
    machine.is("started").await;
    assert!(goes(pid) && docker.containers()[0]["State"] == "running");
    assert_eq!(machine.processes().await, [pid]);
    machine.post("/suspend").await;
    machine.is("suspended").await;
    machine.post("/stop").await;
    machine.is("stopped").await;
    assert_eq!((doing(pid), machine.exit_code().await, docker.containers().len()), (None, 130, 0));
    machine.post("/start").await;
    machine.is("started").await;
    machine.post("/restart").await;
    machine.is("started").await;
    assert_eq!(site.refused(Method::DELETE, &machine.path(""), Value::Null).await.0, 412);
    machine.destroy().await;
    machine.is("destroyed").await;
    until(|| docker.containers().is_empty()).await;
    let folder = site.home.join("machines").join(&machine.id);
    // its files go after it
    until(|| ["root", "log", "log.1"].iter().all(|file| !folder.join(file).exists())).await;
}

#[tokio::test]
async fn what_a_container_says_and_ends_with_is_told_and_its_policy_followed() {
    let Some(docker) = Docker::start().await else { return };
    let site = docker.site().await;
    let machine = site.machine(&["end", "7"], json!({})).await;
    machine.is("stopped").await;
    assert_eq!((machine.exit_code().await, machine.log().await.as_str()), (7, "ending with 7\n"));
    let nothing = site.machine(&[], json!({ "init": { "exec": ["/no/such/program"] } })).await;
    nothing.is("stopped").await;
    assert_eq!(nothing.exit_code().await, 127);
    let failing = site.machine(&["fail"], json!({ "restart": { "policy": "on-failure", "max_retries": 2 } })).await;
    failing.is("stopped").await;
    assert_eq!(failing.log().await, "failing\n".repeat(3), "each run's words, in one log");
    let hungry = json!({ "init": { "exec": ["/bin/dd", "if=/dev/zero", "of=/dev/null", "bs=512M", "count=1"] } });
    let hungry = site.machine(&[], hungry).await;
    hungry.is("stopped").await;
    let exit = hungry.event("exit").await["request"]["exit_event"].clone();
    assert_eq!((&exit["exit_code"], &exit["guest_signal"], &exit["oom_killed"]), (&json!(137), &json!(9), &json!(true)), "{exit}");
    let chatty = site.machine(&["chatter", "3"], json!({})).await;
    chatty.says("line 2\n").await;
    assert_eq!(site.text(&chatty.path("/logs?bytes=10")).await, "line 2\n", "of one that runs, too");
    let gone = json!({ "auto_destroy": true });
    let gone = site.machine(&["end", "0"], gone).await;
    gone.is("destroyed").await;
}

#[tokio::test]
async fn a_container_is_stopped_with_its_signal_and_killed_when_its_time_is_over() {
    let Some(docker) = Docker::start().await else { return };
    let site = docker.site().await;
    let words = "trap 'echo heard; exit 5' USR1; echo ready; while :; do sleep 0.1; done";
    let config = json!({ "init": { "exec": ["/bin/sh", "-c", words] }, "stop_config": { "signal": "SIGUSR1", "timeout": "60s" } });
    let machine = site.machine(&[], config).await;
    machine.says("ready").await;
    machine.post("/stop").await;
    machine.is("stopped").await;
    assert_eq!((machine.exit_code().await, machine.log().await.as_str()), (5, "ready\nheard\n"));
    machine.post("/start").await;
    asked(async || machine.log().await == "ready\nheard\nready\n").await;
    site.post(&machine.path("/signal"), json!({ "signal": "SIGUSR1" })).await;
    machine.is("stopped").await;
    let exit = machine.event("exit").await["request"]["exit_event"].clone();
    assert_eq!((&exit["exit_code"], &exit["requested_stop"]), (&json!(5), &json!(false)));
    let stubborn = site.machine(&["stubborn"], json!({})).await;
    stubborn.says("ready").await;
    stubborn.post("/stop").await;
    stubborn.is("stopped").await;
    assert_eq!(stubborn.exit_code().await, 137);
}

#[tokio::test]
async fn a_container_has_its_volume_its_variables_its_secrets_and_its_files() {
    let Some(docker) = Docker::start().await else { return };
    let mut site = docker.site().await;
    let volume = site.volume("data").await;
    site.post("/apps/shop/secrets/HIDDEN", json!({ "value": "hunter2-hunter2" })).await;
    let mounts = json!([{ "volume": volume, "path": "/data" }]);
    let machine = site.machine(&["count"], json!({ "mounts": mounts })).await;
    machine.says("1\n").await;
    machine.post("/stop").await;
    machine.is("stopped").await;
    machine.post("/start").await;
    machine.says("2\n").await;
    machine.destroy().await;
    machine.is("destroyed").await;
    let another = site.machine(&["count"], json!({ "mounts": mounts })).await;
    another.says("3\n").await;
    let told = site.machine(&["tell"], json!({ "env": { "COLOUR": "blue" } })).await;
    told.is("stopped").await;
    let (log, shown) = (told.log().await, told.shown().await);
    let address = format!("FLY_PRIVATE_IP={}", shown["private_ip"].as_str().expect("an address"));
    for line in ["COLOUR=blue", "HIDDEN=hunter2-hunter2", "FROM_IMAGE=yes", "FLY_APP_NAME=shop", "FLY_VM_MEMORY_MB=256", &address] {
        assert!(log.lines().any(|said| said == line), "{line}: {log}");
    }
    assert!(!log.contains("IASQL_ROOT"), "{log}");
    let files = json!({ "files": [{ "guest_path": "/etc/shop/greeting", "raw_value": "Z29vZCBkYXkK" }] });
    let read = site.machine(&["read", "/etc/shop/greeting"], files).await;
    read.says("good day\n").await;
    assert!(!site.end().contains("hunter2"), "no log has it, however much is logged");
}
