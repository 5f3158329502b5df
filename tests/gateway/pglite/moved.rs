//! A PGlite's files: to another gateway through the bucket, in from a browser, and back into one.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use reqwest::StatusCode;

use super::{MADE, WHOLE, gateway, rested, rows};
use crate::{
    crash::until,
    gateway::{
        tarball::{Cluster, saved},
        uploads,
    },
};

#[tokio::test]
async fn it_leaves_the_disk_and_comes_back_on_another_gateway() {
    let (site, folder) = rows().await;
    let bucket = format!("file://{}", folder.0.join("bucket").display());
    let first = gateway(&site, &folder.0.join("a"), &["--bucket", &bucket]).await;
    first.say("lite", MADE).await.expect("a table");
    let elsewhere = gateway(&site, &folder.0.join("b"), &["--bucket", &bucket]).await;
    // as soon as the first one has put it away, and not before, the second one may have it
    let there = || async { elsewhere.say("lite", WHOLE).await.ok() };
    assert_eq!(until("the database on the other gateway", there).await, "1000|1000");
    elsewhere.say("lite", "insert into kept values (0, 'elsewhere')").await.expect("a row");
    let back = || async { first.say("lite", WHOLE).await.ok() };
    assert_eq!(until("the database back", back).await, "1001|1001");
    let versions = first.get("lite/versions").send().await.expect("an answer").text().await.expect("a text");
    println!("{versions}");
    elsewhere.stop().await;
    first.stop().await;
}

#[tokio::test]
async fn what_a_browser_saved_is_served_as_it_is_and_a_browser_opens_what_is_downloaded() {
    let (site, folder) = rows().await;
    let bucket = format!("file://{}", folder.0.join("bucket").display());
    let gateway = gateway(&site, &folder.0, &["--bucket", &bucket]).await;
    for version in ["17", "18"] {
        let (status, answer) = gateway.upload("lite", saved(version)).await;
        assert_eq!((status, &answer["taken"]["kind"]), (StatusCode::OK, &"pglite".into()), "{answer}");
        println!("{answer}");
        let served =
            "select count(*), (select string_agg(version, ',') from engine), current_setting('server_version_num')::int / 10000 from t";
        let there = || async { gateway.say("lite", served).await.ok().filter(|said| said.ends_with(version)) };
        assert_eq!(until("what was uploaded", there).await, format!("1001|{version}|{version}"));
        gateway.say("lite", "insert into t values (-1, 'served')").await.expect("a row");
        rested(&gateway).await;
        let tarball = until("a download", || async { downloaded(&gateway).await }).await;
        assert_eq!(opened(version, &tarball), "1002 served");
        println!("{} bytes downloaded", tarball.len());
    }
    gateway.stop().await;
}

#[tokio::test]
async fn extensions_that_a_database_has_are_there_when_it_wakes() {
    let (site, folder) = rows().await;
    let gateway = gateway(&site, &folder.0, &[]).await;
    let mut node = Command::new("node");
    let made = node.args(["--input-type=module", "-e", include_str!("extended.mjs")]).current_dir(uploads::pglite()).output();
    let made = made.expect("node");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let (status, answer) = gateway.upload("lite", made.stdout).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    for _ in 0..2 {
        let found =
            gateway.say("lite", "select word from words where word % 'swords' order by similarity(word, 'swords') desc limit 1").await;
        assert_eq!(found.as_deref(), Ok("sword"));
        rested(&gateway).await;
    }
    let refused = gateway.say("lite", "create extension hstore").await.expect_err("it had none of that");
    assert!(refused.contains("hstore"), "{refused}");
    gateway.stop().await;
}

/// When nobody is there any more.
async fn downloaded(gateway: &crate::gateway::whole::Gateway) -> Option<Vec<u8>> {
    let answer = gateway.get("lite/download").send().await.expect("an answer");
    if answer.status() != StatusCode::OK {
        return None;
    }
    Some(answer.bytes().await.expect("all of it").to_vec())
}

/// What PGlite finds in a tarball.
fn opened(version: &str, tarball: &[u8]) -> String {
    let mut node = Command::new("node");
    node.args(["--input-type=module", "-e", include_str!("opens.mjs"), version]).current_dir(uploads::pglite());
    let mut node = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("node");
    node.stdin.take().expect("its input").write_all(tarball).expect("it reads all");
    String::from_utf8(node.wait_with_output().expect("an end").stdout).expect("a text").trim().to_owned()
}

#[tokio::test]
async fn nothing_but_a_pglite_is_uploaded_to_one_and_what_was_there_stays() {
    let (site, folder) = rows().await;
    let gateway = gateway(&site, &folder.0, &[]).await;
    gateway.say("lite", MADE).await.expect("a table");
    gateway.say("shop", "create table t (n int)").await.expect("a table");
    let archive = gateway.bytes("shop/download?format=dump").await;
    let tarball = saved("18");
    let cut = tarball[..tarball.len() / 2].to_vec();
    for (body, status, sign) in [
        (archive, StatusCode::UNPROCESSABLE_ENTITY, "the database is a PGlite, and what was sent is an archive of pg_dump"),
        (
            Cluster::new("postgres").tar(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "the database is a PGlite, and what was sent is a data folder of PostgreSQL",
        ),
        (cut, StatusCode::BAD_REQUEST, "the upload could not be read"),
    ] {
        let (found, answer) = gateway.upload("lite", body).await;
        assert_eq!(found, status, "{answer}");
        assert!(answer["error"].as_str().is_some_and(|error| error.contains(sign)), "{answer}");
    }
    let dump = gateway.get("lite/download?format=dump").send().await.expect("an answer");
    assert_eq!(dump.status(), StatusCode::BAD_REQUEST);
    assert_eq!(gateway.say("lite", WHOLE).await.as_deref(), Ok("1000|1000"));
    until("nothing is left beside", || async { (gateway.beside() == 0).then_some(()) }).await;
    gateway.stop().await;
}

#[tokio::test]
async fn a_branch_of_one_begins_with_what_it_has_and_neither_sees_what_the_other_writes() {
    let (mut site, folder) = rows().await;
    let bucket = format!("file://{}", folder.0.join("bucket").display());
    let gateway = gateway(&site, &folder.0, &["--bucket", &bucket]).await;
    gateway.say("lite", MADE).await.expect("a table");
    rested(&gateway).await;
    let columns = "name, engine, role, password, idle_seconds, branch_of";
    site.sql(&format!("insert into gateway.database ({columns}) values ('copy', 'pglite', 'shop', 'correct horse', 1, 'lite')")).await;
    site.check().await;
    assert_eq!(gateway.say("copy", WHOLE).await.as_deref(), Ok("1000|1000"));
    gateway.say("copy", "insert into kept values (0, 'the copy''s')").await.expect("a row");
    assert_eq!(gateway.say("copy", WHOLE).await.as_deref(), Ok("1001|1001"));
    assert_eq!(gateway.say("lite", WHOLE).await.as_deref(), Ok("1000|1000"));
    gateway.stop().await;
}
