//! One who takes more than is meant for one, or is gone and has left something going.

use std::{fs, time::Duration};

use reqwest::StatusCode;

use super::{
    tarball::answered,
    whole::{Folder, Gateway, shop},
};
use crate::crash::{Site, until};

const DOOR: [&str; 2] = ["--http", "127.0.0.1:0"];

async fn open() -> (Site, Folder, Gateway) {
    let (site, folder) = shop().await;
    let gateway = Gateway::with(&site, &folder.0, &DOOR).await;
    (site, folder, gateway)
}

#[tokio::test]
async fn however_much_a_server_is_made_to_say_its_log_stays_short() {
    let (site, folder, gateway) = open().await;
    // each that finds no memory has the server say how all of its own is used
    let loud = "do $$ begin for i in 1..300 loop begin perform length(repeat('x', 1000000000)); exception when out_of_memory then null; end; end loop; end $$";
    gateway.say("shop", loud).await.expect("it goes on");
    let id = site.registry("select id::text from control.served").await.remove(0);
    let log = folder.0.join("node/d").join(id).join("log");
    until("something is said", async || fs::metadata(&log).ok().filter(|found| found.len() > 0)).await;
    assert_eq!(gateway.say("shop", "select 1").await.as_deref(), Ok("1"));
    let length = fs::metadata(&log).expect("a log").len();
    assert!(length <= 1 << 20, "{length} bytes");
    gateway.stop().await;
}

#[tokio::test]
async fn what_a_session_lays_beside_the_tables_counts_too() {
    let (mut site, folder) = shop().await;
    site.sql("update gateway.database set size_limit_bytes = 16777216, idle_seconds = 60").await;
    site.check().await;
    let gateway = Gateway::with(&site, &folder.0, &DOOR).await;
    let snapshots = "do $$ begin for i in 1..1000000 loop perform pg_export_snapshot(); perform pg_sleep(0.0005); end loop; end $$";
    let ended = tokio::time::timeout(Duration::from_secs(50), gateway.say("shop", snapshots)).await.expect("it is ended");
    let ended = ended.expect_err("it is ended");
    assert!(ended.contains("terminating connection due to administrator command"), "{ended}");
    gateway.stop().await;
}

#[tokio::test]
async fn the_statement_of_one_who_is_gone_is_ended_and_the_database_sleeps() {
    let (_site, _folder, gateway) = open().await;
    let runs = "select count(*) from pg_stat_activity where query = 'select pg_sleep(600)' and state = 'active'";
    tokio::select! {
        said = gateway.say("shop", "select pg_sleep(600)") => panic!("{said:?}"),
        () = until("it runs", async || (gateway.say("shop", runs).await.as_deref() == Ok("1")).then_some(())) => {}
    }
    until("nobody is there", async || (gateway.status("shop").await["sessions"] == 0).then_some(())).await;
    until("it sleeps", async || (gateway.servers() == 0).then_some(())).await;
    gateway.stop().await;
}

#[tokio::test]
async fn a_dump_that_can_t_be_made_says_why() {
    let (_site, _folder, gateway) = open().await;
    gateway.say("shop", "alter database shop connection limit 0").await.expect("it is shut");
    let (status, answer) = answered(gateway.get("shop/download?format=dump")).await;
    assert_eq!(status, StatusCode::CONFLICT, "{answer}");
    assert_eq!(answer["error"], "pg_dump failed: too many connections for database \"shop\"");
    gateway.stop().await;
}
