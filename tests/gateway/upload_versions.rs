//! Uploads where there is a bucket: each is a version, the newest one, and what was written meanwhile is the one before it.

use reqwest::StatusCode;
use serde_json::Value;

use super::{
    tarball::{Cluster, answered},
    whole::{Folder, Gateway, shop},
};
use crate::crash::{Site, until};

async fn open() -> (Site, Folder, String) {
    let (site, folder) = shop().await;
    let bucket = folder.0.join("bucket");
    std::fs::create_dir_all(&bucket).expect("a folder");
    (site, folder, format!("file://{}", bucket.display()))
}

async fn versions(gateway: &Gateway) -> Vec<u64> {
    let (_, answer) = answered(gateway.get("shop/versions")).await;
    let all = answer["versions"].as_array().expect("a list").iter();
    all.map(|version| version["version"].as_u64().expect("a number")).collect()
}

fn words(bucket: &str) -> [&str; 4] {
    ["--http", "127.0.0.1:0", "--bucket", bucket]
}

/// How many rows, and the only column, of what there is.
const OLD: &str = "select count(*) from old";
const NEW: &str = "select count(*) from t";

#[tokio::test]
async fn an_upload_is_the_newest_version_and_what_sessions_wrote_meanwhile_is_the_one_before() {
    let (site, folder, bucket) = open().await;
    let gateway = Gateway::with(&site, &folder.0.join("a"), &words(&bucket)).await;
    gateway.say("shop", "create table old (n int)").await.expect("a table");
    let mut session = gateway.session("shop").await;
    assert_eq!(session.say("insert into old values (1) returning n").await, "1");
    let (status, answer) = gateway.upload("shop", Cluster::with_table("postgres", "shop").tar()).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(versions(&gateway).await.len(), 1, "it is in the bucket at once");
    assert_eq!(session.say("insert into old values (2) returning n").await, "2");
    session.end().await;
    until("the new one", || async { gateway.say("shop", NEW).await.ok().filter(|rows| rows == "1000") }).await;
    let away = || async { Some(gateway.status("shop").await).filter(|status| status["tier"] == "away") };
    let status: Value = until("it is away", away).await;
    let all = versions(&gateway).await;
    println!("{status} {all:?}");
    assert_eq!(status["newest_version"].as_u64(), all.last().copied());
    // the second one is what the session left
    let before = gateway.bytes(&format!("shop/download?version={}", all[1])).await;
    let (status, answer) = gateway.upload("shop", before).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(gateway.say("shop", OLD).await.as_deref(), Ok("2"));
    gateway.stop().await;
}

#[tokio::test]
async fn an_upload_to_a_database_that_is_away_is_there_on_another_node() {
    let (site, folder, bucket) = open().await;
    let first = Gateway::with(&site, &folder.0.join("a"), &words(&bucket)).await;
    let second = Gateway::with(&site, &folder.0.join("b"), &words(&bucket)).await;
    let cluster = Cluster::with_table("postgres", "shop");
    // never made by anybody
    let (status, answer) = first.upload("shop", cluster.tar()).await;
    assert_eq!((status, &answer["serves"]), (StatusCode::OK, &"at the next call".into()), "{answer}");
    assert_eq!(first.servers(), 0);
    // the other one has it for as long as somebody is there
    let mut session = second.session("shop").await;
    assert_eq!(session.say(NEW).await, "1000");
    let (status, answer) = first.upload("shop", cluster.tar()).await;
    let says_who = answer["error"].as_str().is_some_and(|said| said.starts_with("another gateway or node runs the database now: "));
    assert!(status == StatusCode::CONFLICT && says_who, "{answer}");
    second.say("shop", "create table old as select 1 as n").await.expect("a table");
    session.end().await;
    let later = || async { Some(first.upload("shop", cluster.tar()).await).filter(|(status, _)| status.is_success()) };
    until("it is away there", later).await;
    assert!(second.say("shop", OLD).await.is_err());
    assert_eq!(second.say("shop", NEW).await.as_deref(), Ok("1000"));
    let missing = answered(second.get("shop/download?version=99999")).await;
    assert_eq!(missing.0, StatusCode::NOT_FOUND, "{missing:?}");
    second.stop().await;
    first.stop().await;
}

#[tokio::test]
async fn an_older_version_becomes_the_newest_again_and_what_was_there_is_the_one_before() {
    let (site, folder, bucket) = open().await;
    let gateway = Gateway::with(&site, &folder.0.join("a"), &words(&bucket)).await;
    let put_away = async |sql: &str| {
        let before = versions(&gateway).await.len();
        gateway.say("shop", sql).await.expect("it is done");
        let put = || async { Some(versions(&gateway).await).filter(|all| all.len() > before) };
        *until("another version", put).await.last().expect("a version")
    };
    let first = put_away("create table old as select 1 as n").await;
    put_away("insert into old values (2); create table t (n int)").await;
    let mut session = gateway.session("shop").await;
    assert_eq!(session.say("insert into old values (3) returning n").await, "3");
    let restore = async |wanted: &str| answered(gateway.post(&format!("shop/restore{wanted}"), "")).await;
    let (status, answer) = restore(&format!("?version={first}")).await;
    assert_eq!((status, &answer["serves"]), (StatusCode::OK, &"when the last session has gone".into()), "{answer}");
    assert_eq!(session.say(OLD).await, "3", "nothing is taken away from who is there");
    session.end().await;
    until("the old one", || async { gateway.say("shop", OLD).await.ok().filter(|rows| rows == "1") }).await;
    let all = versions(&gateway).await;
    let written = gateway.bytes(&format!("shop/download?version={}", all[all.len() - 2])).await;
    assert!(written.len() > 1 << 20, "what the session wrote is kept");
    for (wanted, expected) in
        [("?version=99999", StatusCode::NOT_FOUND), ("", StatusCode::BAD_REQUEST), ("?version=x", StatusCode::BAD_REQUEST)]
    {
        let (status, answer) = restore(wanted).await;
        assert_eq!(status, expected, "{answer}");
        assert!(answer["hint"].as_str().is_some_and(|hint| hint.contains("/versions")), "{answer}");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn a_gateway_that_is_killed_in_the_middle_of_an_upload_goes_on_with_what_was_committed() {
    let (site, folder, bucket) = open().await;
    let gateway = Gateway::with(&site, &folder.0.join("a"), &words(&bucket)).await;
    gateway.say("shop", "create table old as select 7 as n").await.expect("a table");
    let mut session = gateway.session("shop").await;
    assert_eq!(session.say("insert into old values (8) returning n").await, "8");
    let id = site.registry("select id::text from control.served").await.remove(0);
    let manifests = || std::fs::read_dir(folder.0.join("bucket").join(&id).join("manifests")).map_or(0, Iterator::count);
    let (before, upload) = (manifests(), gateway.post("shop/upload", Cluster::with_table("postgres", "shop").tar()));
    let upload = tokio::spawn(async move { upload.send().await.is_ok_and(|answer| answer.status().is_success()) });
    until("what was uploaded in the bucket", || async { (manifests() > before).then_some(()) }).await;
    gateway.kill();
    let (answered, _cut) = (upload.await.expect("an end"), drop((session, gateway)));
    let again = Gateway::with(&site, &folder.0.join("a"), &words(&bucket)).await;
    let (expected, rows) = if answered { (NEW, "1000") } else { (OLD, "2") };
    assert_eq!(again.say("shop", expected).await.as_deref(), Ok(rows), "answered: {answered}");
    again.stop().await;
}

#[tokio::test]
async fn what_is_downloaded_is_never_older_than_what_another_gateway_has() {
    let (site, folder, bucket) = open().await;
    let first = Gateway::with(&site, &folder.0.join("a"), &words(&bucket)).await;
    first.say("shop", "create table old as select 1 as n").await.expect("a table");
    first.stop().await;
    let first = Gateway::with(&site, &folder.0.join("a"), &words(&bucket)).await;
    let second = Gateway::with(&site, &folder.0.join("b"), &words(&bucket)).await;
    let mut session = second.session("shop").await;
    assert_eq!(session.say("insert into old values (2) returning n").await, "2");
    let (status, answer) = answered(first.get("shop/download")).await;
    let says_who = answer["error"].as_str().is_some_and(|said| said.starts_with("another gateway or node runs the database now: "));
    assert!(status == StatusCode::CONFLICT && says_who, "{answer}");
    session.end().await;
    second.stop().await;
    first.stop().await;
}
