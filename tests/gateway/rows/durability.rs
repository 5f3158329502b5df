//! A row says when commits are safe, and then they are: through the whole gateway, which is lost with its disk.

use reqwest::StatusCode;

use super::{Talk, place};
use crate::{
    crash::{Site, until},
    gateway::{
        tarball::Cluster,
        whole::{Folder, Gateway, shop},
    },
};

/// A gateway, and what one needs for another one in its place: `sync` is what the row says.
async fn open() -> (Site, Folder, String, Gateway) {
    let (mut site, folder) = shop().await;
    site.sql("update gateway.database set durability = 'sync'").await;
    site.check().await;
    std::fs::create_dir_all(folder.0.join("bucket")).expect("a folder");
    let bucket = format!("file://{}", folder.0.join("bucket").display());
    let gateway = start(&site, &folder, "a", &bucket).await;
    (site, folder, bucket, gateway)
}

async fn start(site: &Site, folder: &Folder, name: &str, bucket: &str) -> Gateway {
    Gateway::with(site, &folder.0.join(name), &["--http", "127.0.0.1:0", "--bucket", bucket]).await
}

/// What is there at another one, as soon as the lost one's lease is over.
async fn found(gateway: &Gateway, sql: &str) -> String {
    until("the database elsewhere", || async { gateway.psql("shop", "shop", "correct horse", sql).await.ok() }).await
}

#[tokio::test]
async fn with_sync_what_was_acknowledged_is_there_when_the_gateway_and_its_disk_are_lost() {
    let (site, folder, bucket, lost) = open().await;
    let mut inside = Talk::begin(&place(&lost, "shop.db.localhost", lost.authority()));
    assert_eq!(inside.ask("create table t (n int); insert into t values (1) returning n;").await.as_deref(), Some("1"));
    for n in 2..=20 {
        assert_eq!(inside.ask(&format!("insert into t values ({n}) returning n;")).await, Some(n.to_string()));
    }
    lost.destroy().await;
    let other = start(&site, &folder, "b", &bucket).await;
    assert_eq!(found(&other, "select count(*), sum(n) from t").await, "20|210");
    other.stop().await;
}

#[tokio::test]
async fn with_sync_an_upload_waits_for_nobody_who_is_inside_and_is_as_safe_as_a_commit_afterwards() {
    let (site, folder, bucket, lost) = open().await;
    let cluster = Cluster::with_table("postgres", "shop");
    let mut inside = Talk::begin(&place(&lost, "shop.db.localhost", lost.authority()));
    assert_eq!(inside.ask("create table old (n int); insert into old values (1) returning n;").await.as_deref(), Some("1"));
    let (status, answer) = lost.upload("shop", cluster.tar()).await;
    assert_eq!(status, StatusCode::CONFLICT, "{answer}");
    assert!(answer["hint"].as_str().is_some_and(|hint| hint.starts_with("End them first")), "{answer}");
    assert_eq!(inside.ask("insert into old values (2) returning n;").await.as_deref(), Some("2"), "nothing has changed");
    drop(inside);
    let taken = || async { Some(lost.upload("shop", cluster.tar()).await).filter(|(status, _)| status.is_success()) };
    until("an upload", taken).await;
    let mine = lost.psql("shop", "shop", "correct horse", "insert into t select from t limit 1; select count(*) from t").await;
    assert_eq!(mine.as_deref(), Ok("1001"));
    lost.destroy().await;
    let other = start(&site, &folder, "b", &bucket).await;
    assert_eq!(found(&other, "select count(*), to_regclass('old') is null from t").await, "1001|t");
    other.stop().await;
}
