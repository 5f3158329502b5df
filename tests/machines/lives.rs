//! The life of a machine, over real processes.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Site, asked, doing, goes, until};

#[tokio::test]
async fn a_machine_goes_through_its_whole_life() {
    let site = Site::new().await;
    let machine = site.machine(&["rest"], json!({})).await;
    machine.is("started").await;
    let shown = machine.shown().await;
    assert!(shown["private_ip"].as_str().is_some_and(|ip| ip.starts_with("127.")), "{shown}");
    assert_eq!(shown["config"]["guest"], json!({ "cpu_kind": "shared", "cpus": 1, "memory_mb": 256 }));
    let [pid] = machine.processes().await[..] else { panic!("one process") };
    machine.post("/stop").await;
    machine.is("stopped").await;
    assert_eq!(doing(pid), None);
    let exit = machine.event("exit").await["request"]["exit_event"].clone();
    assert_eq!((&exit["requested_stop"], &exit["exit_code"], &exit["guest_signal"]), (&json!(true), &json!(130), &json!(2)));
    assert_eq!(machine.post("/start").await["previous_state"], "stopped");
    machine.is("started").await;
    assert_eq!(machine.post("/start").await["previous_state"], "started", "twice is once");
    machine.post("/restart").await;
    machine.is("started").await;
    assert_ne!(machine.processes().await, [pid]);
    assert_eq!(site.refused(Method::DELETE, &machine.path(""), Value::Null).await.0, 412);
    machine.post("/stop").await;
    machine.is("stopped").await;
    site.good(Method::DELETE, &machine.path(""), Value::Null).await;
    assert_eq!(machine.state().await, "destroyed");
    assert_eq!(site.get("/apps/shop/machines").await, json!([]));
    assert_eq!(site.get("/apps/shop/machines?include_deleted=true").await[0]["id"], machine.id);
}

#[tokio::test]
async fn a_machine_that_does_not_hear_is_killed_when_its_time_is_over() {
    let site = Site::new().await;
    let machine = site.machine(&["stubborn"], json!({})).await;
    machine.says("ready").await;
    machine.post("/stop").await;
    assert_eq!(machine.state().await, "stopping");
    machine.post("/stop").await;
    assert_eq!(site.refused(Method::POST, &machine.path("/restart"), Value::Null).await.0, 412);
    machine.is("stopped").await;
    assert_eq!(machine.exit_code().await, 137);
}

#[tokio::test]
async fn a_suspended_machine_is_frozen_and_goes_on_where_it_was() {
    let site = Site::new().await;
    let machine = site.machine(&["family"], json!({})).await;
    machine.says("ready").await;
    let processes = machine.processes().await;
    assert_eq!(processes.len(), 4);
    machine.post("/suspend").await;
    machine.is("suspended").await;
    assert!(processes.iter().all(|pid| doing(*pid) == Some('T')), "all stand still");
    machine.post("/suspend").await;
    assert_eq!(machine.post("/start").await["previous_state"], "suspended");
    machine.is("started").await;
    assert!(processes.iter().all(|pid| goes(*pid)), "all go on");
    assert_eq!(machine.processes().await, processes);
    machine.post("/suspend").await;
    machine.is("suspended").await;
    machine.post("/stop").await;
    machine.is("stopped").await;
}

#[tokio::test]
async fn when_the_first_process_dies_all_of_the_machine_dies() {
    let site = Site::new().await;
    let machine = site.machine(&["family"], json!({})).await;
    machine.says("ready").await;
    let processes = machine.processes().await;
    assert_eq!(processes.len(), 4);
    super::signal(u32::try_from(processes[0]).unwrap(), nix::sys::signal::Signal::SIGKILL);
    machine.is("stopped").await;
    assert!(processes.iter().all(|pid| doing(*pid).is_none()));
}

#[tokio::test]
async fn what_a_process_ended_with_is_told() {
    let site = Site::new().await;
    let machine = site.machine(&["end", "7"], json!({})).await;
    machine.is("stopped").await;
    assert_eq!(machine.exit_code().await, 7);
    assert_eq!(machine.log().await, "ending with 7\n");
    let nothing = site.machine(&[], json!({ "init": { "exec": ["/no/such/program"] } })).await;
    nothing.is("stopped").await;
    assert_eq!(nothing.exit_code().await, 127);
}

#[tokio::test]
async fn a_machine_that_fails_is_started_again_as_often_as_its_policy_says() {
    let site = Site::new().await;
    let machine = site.machine(&["fail"], json!({ "restart": { "policy": "on-failure", "max_retries": 2 } })).await;
    machine.is("stopped").await;
    assert_eq!(machine.log().await.lines().count(), 3);
    let exit = machine.event("exit").await["request"].clone();
    assert_eq!((&exit["restart_count"], &exit["exit_event"]["restarting"]), (&json!(2), &json!(false)));
    machine.post("/start").await;
    asked(async || machine.log().await.lines().count() >= 6).await;
    let content = site.machine(&["end", "0"], json!({ "restart": { "policy": "on-failure" } })).await;
    content.is("stopped").await;
    assert_eq!(content.log().await.lines().count(), 1);
    let always = site.machine(&["end", "0"], json!({ "restart": { "policy": "always" } })).await;
    asked(async || always.log().await.lines().count() >= 3).await;
    always.destroy().await;
    always.is("destroyed").await;
}

#[tokio::test]
async fn a_machine_that_destroys_itself_is_gone_when_it_has_ended() {
    let site = Site::new().await;
    let machine = site.machine(&["end", "0"], json!({ "auto_destroy": true })).await;
    machine.is("destroyed").await;
    assert_eq!(site.get("/apps/shop/machines").await, json!([]));
}

#[tokio::test]
async fn a_signal_reaches_the_first_process() {
    let site = Site::new().await;
    let machine = site.machine(&["rest"], json!({})).await;
    machine.is("started").await;
    site.post(&machine.path("/signal"), json!({ "signal": "SIGTERM" })).await;
    machine.is("stopped").await;
    assert_eq!(machine.exit_code().await, 143);
    assert_eq!(site.refused(Method::POST, &machine.path("/signal"), json!({ "signal": 9 })).await.0, 412);
}

#[tokio::test]
async fn a_machine_is_nobody_in_particular_and_has_limits() {
    let site = Site::new().await;
    let machine = site.machine(&["tell"], json!({ "env": { "COLOUR": "blue" }, "guest": { "memory_mb": 512 } })).await;
    machine.is("stopped").await;
    let log = machine.log().await;
    let shown = machine.shown().await;
    let has = |name: &str, value: &str| log.lines().any(|line| line == format!("{name}={value}"));
    assert!(
        has("COLOUR", "blue") && has("FLY_APP_NAME", "shop") && has("FLY_REGION", "iad") && has("FLY_MACHINE_ID", &machine.id),
        "{log}"
    );
    assert!(has("FLY_PRIVATE_IP", shown["private_ip"].as_str().unwrap()) && has("FLY_VM_MEMORY_MB", "512"), "{log}");
    let [.., user, _, memory] = &log.lines().collect::<Vec<_>>()[..] else { panic!("{log}") };
    assert_ne!(*user, "0", "not root");
    assert_eq!(*memory, (512 << 10).to_string());
    assert!(!log.contains("FLY_API_TOKEN"), "what is the server's stays the server's");
    let hungry = site.machine(&["hungry"], json!({})).await;
    hungry.is("stopped").await;
    assert!(!hungry.log().await.contains("fed"), "256 MB are not 512");
}

#[tokio::test]
async fn a_machine_that_begets_without_end_is_held_back_and_dies_whole() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let site = Site::new().await;
    let machine = site.machine(&["fork"], json!({})).await;
    machine.says("full").await;
    let many = machine.processes().await;
    assert!((500..=1024).contains(&many.len()), "{}", many.len());
    machine.destroy().await;
    machine.is("destroyed").await;
    until(|| many.iter().all(|pid| doing(*pid).is_none())).await;
}

#[tokio::test]
async fn programs_that_want_their_user_to_have_a_name_run_in_a_machine() {
    let site = Site::new().await;
    let initdb = iasql::local::tools().expect("a PostgreSQL").join("initdb");
    let words = json!({ "init": { "exec": [initdb, "-D", "cluster", "--no-sync"] } });
    let machine = site.machine(&[], words).await;
    machine.is("stopped").await;
    assert_eq!(machine.exit_code().await, 0, "{}", machine.log().await);
}
