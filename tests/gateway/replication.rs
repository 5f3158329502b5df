//! Replication through the gateway, from the server of a real node.

use std::{fs, path::Path, process::Stdio};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{process::Command, time::timeout};

use super::{
    PATIENCE,
    whole::{Gateway, shop},
};
use crate::crash::{Site, until};

/// A program of Postgres that replicates from the database `shop`, as its login.
fn program(gateway: &Gateway, name: &str, words: &[&str]) -> Command {
    let mut command = Command::new(iasql::local::tools().expect("Postgres").join(name));
    command.args(["-d", &gateway.place("shop", "shop")]).args(words).env("PGPASSWORD", "correct horse").kill_on_drop(true);
    command.stdin(Stdio::null());
    command
}

/// What it has said at its end, and whether that was a good one.
async fn ended(mut command: Command) -> (bool, String) {
    let output = timeout(PATIENCE, command.output()).await.expect("in time").expect("it runs");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

async fn said(gateway: &Gateway, sql: &str) -> String {
    gateway.psql("shop", "shop", "correct horse", sql).await.expect("an answer")
}

/// For longer than its idle time and what it takes to find a session quiet (up to three seconds with `hold`), by the sleep of another database that has
/// the same idle time and was called later.
pub(super) async fn longer_than_idle(gateway: &Gateway) {
    for _ in 0..4 {
        let before = gateway.servers();
        assert_eq!(gateway.psql("clock", "shop", "correct horse", "select 1").await.as_deref(), Ok("1"));
        until("the other one's sleep", || async { (gateway.servers() <= before).then_some(()) }).await;
    }
}

/// That one.
pub(super) async fn clock(site: &mut Site) {
    site.sql("insert into gateway.database (name, role, password, idle_seconds) values ('clock', 'shop', 'correct horse', 1)").await;
    site.check().await;
}

const SINCE: &str = "select pg_postmaster_start_time()";

#[tokio::test]
async fn a_base_backup_is_taken_through_the_gateway_and_is_whole() {
    let (site, folder) = shop().await;
    let gateway = Gateway::start(&site, &folder.0.join("home")).await;
    said(&gateway, "create table t as select n, md5(n::text) from generate_series(1, 1000) n").await;
    let to = folder.0.join("backup");
    let (taken, why) = ended(program(&gateway, "pg_basebackup", &["-X", "stream", "-c", "fast", "-D", path(&to)])).await;
    assert!(taken, "{why}");
    let mut verify = Command::new(iasql::local::tools().expect("Postgres").join("pg_verifybackup"));
    verify.arg(&to);
    let (whole, why) = ended(verify).await;
    assert!(whole, "{why}");
    until("sleep", || async { (gateway.servers() == 0).then_some(()) }).await;
    gateway.stop().await;
}

#[tokio::test]
async fn a_log_is_streamed_through_the_gateway_and_keeps_its_database_awake_also_where_clients_do_not() {
    let (mut site, folder) = shop().await;
    site.sql("update gateway.database set hold = true").await;
    clock(&mut site).await;
    let gateway = Gateway::start(&site, &folder.0.join("home")).await;
    said(&gateway, "create table t (n int, word text)").await;
    let to = folder.0.join("log");
    fs::create_dir(&to).expect("a folder");
    let mut receiver = program(&gateway, "pg_receivewal", &["--no-loop", "-D", path(&to)]).spawn().expect("it runs");
    until("the stream", || async { (!segments(&to).is_empty()).then_some(()) }).await;
    let since = said(&gateway, SINCE).await;
    longer_than_idle(&gateway).await;
    assert_eq!(said(&gateway, SINCE).await, since, "it has slept");
    // some megabytes, and a segment has one
    said(&gateway, "insert into t select n, repeat(md5(n::text), 4) from generate_series(1, 20000) n").await;
    until("a whole segment", || async { segments(&to).iter().any(|name| !name.ends_with(".partial")).then_some(()) }).await;
    let process = Pid::from_raw(receiver.id().and_then(|pid| pid.try_into().ok()).expect("it runs"));
    kill(process, Signal::SIGINT).expect("a signal");
    assert!(timeout(PATIENCE, receiver.wait()).await.expect("in time").expect("an end").success());
    until("sleep", || async { (gateway.servers() == 0).then_some(()) }).await;
    gateway.stop().await;
}

#[tokio::test]
async fn logical_decoding_is_refused_in_the_servers_own_words() {
    let (site, folder) = shop().await;
    let gateway = Gateway::start(&site, &folder.0.join("home")).await;
    let (made, why) = ended(program(&gateway, "pg_recvlogical", &["--create-slot", "-S", "s", "-P", "pgoutput"])).await;
    assert!(!made && why.contains("logical decoding requires wal_level >= logical"), "{why}");
    gateway.stop().await;
}

fn segments(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).filter(|name| name.starts_with("0000")).collect()
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a text")
}
