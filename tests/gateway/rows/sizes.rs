//! The limit of a database's size, against one who goes on writing.

use std::time::Duration;

use crate::{
    crash::until,
    gateway::whole::{Gateway, shop},
};

#[tokio::test]
async fn whoever_goes_on_writing_above_the_limit_is_ended_and_can_read_and_delete_afterwards() {
    let (mut site, folder) = shop().await;
    site.sql("update gateway.database set size_limit_bytes = 16777216, idle_seconds = 60").await;
    site.check().await;
    let gateway = Gateway::start(&site, &folder.0).await;
    let sql = async |sql: &str| gateway.psql("shop", "shop", "correct horse", sql).await;
    sql("create table t (text text)").await.expect("a table");
    let size = "select coalesce(size_bytes, 0)::text from control.served";
    let noted = async || site.registry(size).await[0].parse::<u64>().ok().filter(|size| *size > 1 << 20);
    until("a first measure", noted).await;

    // a megabyte ten times a second
    let writing = include_str!("write.sql");
    let began = tokio::time::Instant::now();
    let ended = sql(writing).await.expect_err("it is ended");
    assert!(ended.contains("terminating connection due to administrator command"), "{ended}");
    assert!(began.elapsed() < Duration::from_secs(50));
    let closed = sql("select 1").await.expect_err("it is closed");
    assert!(closed.contains("above its size limit and grew on"), "{closed}");
    let written = until("the way in", async || sql("select count(*) from t").await.ok()).await;
    assert!(written.parse::<u32>().expect("a number") > 10);
    let refused = sql("insert into t values ('a')").await.expect_err("it begins read-only");
    assert!(refused.contains("read-only transaction"), "{refused}");
    // who deletes may
    sql("begin read write; truncate t; commit").await.expect("less");
    until("the writing again", async || sql("insert into t values ('a')").await.ok()).await;
    site.check().await;
    assert_eq!(site.ask("select (size_bytes < 16777216)::text from observed.gateway_database").await, ["true"]);
    gateway.stop().await;
}
