//! The server dies and comes again: machines go on, and what happened meanwhile is seen.

use std::process::Stdio;

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::{Site, asked, doing, goes, signal, until};

fn pid(of: i32) -> u32 {
    u32::try_from(of).expect("a pid")
}

#[tokio::test]
async fn machines_go_on_while_the_server_is_dead_and_are_found_again() {
    let mut site = Site::new().await;
    let (runs, frozen, rests) = (
        site.machine(&["rest"], json!({})).await.id,
        site.machine(&["rest"], json!({})).await.id,
        site.machine(&["end", "0"], json!({})).await.id,
    );
    site.found(&runs).is("started").await;
    site.found(&frozen).is("started").await;
    site.found(&rests).is("stopped").await;
    site.found(&frozen).post("/suspend").await;
    site.found(&frozen).is("suspended").await;
    let processes = [site.found(&runs).processes().await, site.found(&frozen).processes().await];
    let before = site.get("/apps/shop/machines").await;
    site.kill();
    assert!(goes(processes[0][0]));
    assert_eq!(doing(processes[1][0]), Some('T'));
    site.start_again();
    assert_eq!(site.get("/apps/shop/machines").await, before, "as it was");
    assert_eq!([site.found(&runs).processes().await, site.found(&frozen).processes().await], processes);
    site.found(&frozen).post("/start").await;
    site.found(&frozen).is("started").await;
    assert!(goes(processes[1][0]));
    site.found(&runs).post("/stop").await;
    site.found(&runs).is("stopped").await;
    assert_eq!(doing(processes[0][0]), None);
}

#[tokio::test]
async fn one_that_died_meanwhile_is_seen_with_what_it_ended_with() {
    let mut site = Site::new().await;
    let ids = [site.machine(&["rest"], json!({})).await.id, site.machine(&["rest"], json!({ "restart": { "policy": "always" } })).await.id];
    let mut processes = vec![];
    for id in &ids {
        site.found(id).is("started").await;
        processes.push(site.found(id).processes().await[0]);
    }
    site.kill();
    processes.iter().for_each(|process| signal(pid(*process), Signal::SIGTERM));
    until(|| processes.iter().all(|process| doing(*process).is_none())).await;
    site.start_again();
    site.found(&ids[0]).is("stopped").await;
    assert_eq!(site.found(&ids[0]).exit_code().await, 143);
    site.found(&ids[1]).is("started").await;
    assert_ne!(site.found(&ids[1]).processes().await[0], processes[1], "its policy wanted it back");
}

#[tokio::test]
async fn what_was_begun_is_done_by_the_next_server() {
    let mut site = Site::new().await;
    let id = site.machine(&["stubborn"], json!({ "stop_config": { "timeout": "1s" } })).await.id;
    site.found(&id).says("ready").await;
    site.found(&id).post("/stop").await;
    site.kill_and_start();
    site.found(&id).is("stopped").await;
    assert_eq!(site.found(&id).exit_code().await, 137);
    let created = site.post("/apps/shop/machines", json!({ "config": { "image": "probe", "init": { "cmd": ["rest"] } } })).await;
    site.kill_and_start();
    let machine = site.found(created["id"].as_str().expect("an id"));
    machine.is("started").await;
    assert_eq!(machine.processes().await.len(), 1, "it is started once");
}

#[tokio::test]
async fn where_an_overseer_is_killed_its_machine_is_ended_and_that_is_seen() {
    let site = Site::new().await;
    let machine = site.machine(&["family"], json!({})).await;
    machine.says("ready").await;
    let processes = machine.processes().await;
    let run: Value = serde_json::from_slice(&std::fs::read(site.home.join("machines").join(&machine.id).join("run.json")).expect("a note"))
        .expect("JSON");
    signal(u32::try_from(run["overseer"].as_u64().expect("a pid")).expect("a pid"), Signal::SIGKILL);
    machine.is("stopped").await;
    assert_eq!(machine.exit_code().await, -1, "nobody knows it");
    if nix::unistd::geteuid().is_root() {
        until(|| processes.iter().all(|process| doing(*process).is_none())).await;
    }
}

/// As one that was on its way when whoever had started it was killed, and that is late.
#[tokio::test]
async fn an_overseer_for_which_nobody_waits_any_more_starts_nothing() {
    let site = Site::new().await;
    let machine = site.machine(&["rest"], json!({})).await;
    machine.is("started").await;
    let folder = site.home.join("machines").join(&machine.id);
    let run = |which: &str| -> Value {
        let text = std::fs::read(folder.join(which)).expect("a note");
        serde_json::from_slice::<Value>(&text).expect("JSON")["run"].clone()
    };
    let begun = run("run.json");
    machine.post("/stop").await;
    machine.is("stopped").await;
    let order =
        json!({ "folder": folder, "run": begun, "words": ["/bin/sleep", "600"], "env": {}, "user": null, "memory_mb": 64, "processes": 0 });
    let late = async |order: &Value| {
        let mut overseer = tokio::process::Command::new(crate::support::binary());
        overseer.args(["machine-overseer", &machine.id]).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut overseer = overseer.spawn().expect("the binary runs");
        let mut pipe = overseer.stdin.take().expect("a pipe");
        tokio::io::AsyncWriteExt::write_all(&mut pipe, order.to_string().as_bytes()).await.expect("it reads");
        drop(pipe);
        let ended = tokio::time::timeout(super::PATIENCE, overseer.wait_with_output()).await.expect("it ends").expect("an end");
        String::from_utf8(ended.stdout).expect("text")
    };
    assert_eq!(late(&order).await, "nobody waits for this process any more\n", "its machine rests");
    machine.post("/start").await;
    machine.is("started").await;
    machine.post("/stop").await;
    machine.is("stopped").await;
    assert_eq!(late(&order).await, "nobody waits for this process any more\n", "another one has been there since");
    assert_eq!(standing(&site, &machine.id), 0);
    machine.post("/start").await;
    machine.is("started").await;
    assert_ne!(run("run.json"), begun);
}

#[tokio::test]
async fn a_server_that_is_asked_to_end_leaves_its_machines_running() {
    let mut site = Site::new().await;
    let id = site.machine(&["rest"], json!({})).await.id;
    site.found(&id).is("started").await;
    let process = site.found(&id).processes().await[0];
    // without --stop-machines it says how many go on
    site.kill();
    let mut command = std::process::Command::new(crate::support::binary());
    command.args(["machines", "--json", "--listen", "127.0.0.1:0", "--home"]).arg(&site.home).env("FLY_API_TOKEN", super::TOKEN);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the binary runs");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().expect("a pipe")));
    let mut line = || serde_json::from_str::<Value>(&lines.next().expect("a line").expect("a line")).expect("JSON");
    assert_eq!(line()["running"], 1);
    signal(child.id(), Signal::SIGTERM);
    assert_eq!(line(), json!({ "event": "stopped", "running": 1 }));
    child.wait().expect("an end");
    assert!(goes(process));
    site.start_again();
    site.end();
    assert_eq!(doing(process), None, "with --stop-machines it ends them");
}

#[tokio::test]
async fn a_hundred_machines_live_side_by_side_and_are_all_found_again() {
    let mut site = Site::new().await;
    let config = json!({ "image": "probe", "init": { "cmd": ["rest"] } });
    let made = futures::future::join_all((0..100).map(|_| site.post("/apps/shop/machines", json!({ "config": config })))).await;
    let waits = made.iter().map(|made| async {
        let machine = site.found(made["id"].as_str().expect("an id"));
        machine.is("started").await;
    });
    futures::future::join_all(waits).await;
    let before = site.get("/apps/shop/machines").await;
    site.kill_and_start();
    let after = site.get("/apps/shop/machines").await;
    assert!(after == before && after.as_array().map(Vec::len) == Some(100));
    let addresses: std::collections::BTreeSet<_> =
        after.as_array().expect("a list").iter().filter_map(|one| one["private_ip"].as_str()).collect();
    assert_eq!(addresses.len(), 100);
    site.good(reqwest::Method::DELETE, "/apps/shop?force=true", Value::Null).await;
}

/// How many processes stand in a machine's root.
fn standing(site: &Site, id: &str) -> usize {
    let root = site.home.join("machines").join(id).join("root");
    let processes = std::fs::read_dir("/proc").expect("processes").flatten();
    processes.filter(|process| std::fs::read_link(process.path().join("cwd")).is_ok_and(|at| at == root)).count()
}

#[tokio::test]
async fn however_often_the_server_is_killed_a_machine_has_one_process_or_none() {
    let mut site = Site::new().await;
    let mut ids = vec![];
    for _ in 0..4 {
        ids.push(site.machine(&["rest"], json!({ "restart": { "policy": "always" } })).await.id);
    }
    let chance = uuid::Uuid::new_v4().into_bytes();
    for round in chance.chunks(2) {
        // requests are on their way when it dies: after one of them was answered, whichever that is
        let asks = ids.iter().enumerate().map(|(at, id)| {
            let what = ["start", "stop", "restart", "suspend"][usize::from(round[0]).wrapping_add(at * 7) % 4];
            let request = site.client.post(format!("{}/v1/apps/shop/machines/{id}/{what}", site.http)).bearer_auth(super::TOKEN).send();
            tokio::spawn(request)
        });
        let asks: Vec<_> = asks.collect();
        let (_, at, others) = futures::future::select_all(asks).await;
        if round[1].is_multiple_of(2) {
            futures::future::join_all(others).await;
        }
        site.kill_and_start();
        let shown = site.get(&format!("/apps/shop/machines/{}", ids[at.min(3)])).await;
        assert!(shown["state"].is_string(), "{shown}");
    }
    for id in &ids {
        let machine = site.found(id);
        // what was begun is done first
        asked(async || site.call(reqwest::Method::POST, &machine.path("/start"), Value::Null).await.0 == 200).await;
        machine.is("started").await;
        assert_eq!((machine.processes().await.len(), standing(&site, id)), (1, 1), "{}", machine.shown().await);
        machine.post("/stop").await;
        machine.is("stopped").await;
        assert_eq!(standing(&site, id), 0);
    }
}
