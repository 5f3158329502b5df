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
    assert_eq!((status, answer["error"].as_str()), (StatusCode::CONFLICT, Some("another gateway runs the database now")));
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
