//! Versions and pins as rows, with a gateway that has a bucket.

use std::fs;

use crate::{
    crash::until,
    gateway::whole::{Gateway, shop},
};

#[tokio::test]
async fn a_version_comes_with_each_sleep_and_a_pin_on_one_is_set_in_the_bucket_and_let_go_of() {
    let (mut site, folder) = shop().await;
    let bucket = folder.0.join("bucket");
    fs::create_dir_all(&bucket).expect("a folder");
    let gateway = Gateway::with(&site, &folder.0.join("home"), &["--bucket", &format!("file://{}", bucket.display())]).await;
    // a pin that comes before its version
    site.sql("insert into gateway.pin (database, name) values ('shop', 'first')").await;
    site.check().await;
    gateway.psql("shop", "shop", "correct horse", "create table t (n int)").await.expect("a table");
    let versions = async |count: usize| {
        let known = "select number::text from control.served_version order by number";
        until("a version", async || Some(site.registry(known).await).filter(|known| known.len() >= count)).await
    };
    let first = versions(1).await.remove(0);
    let pinned = "select name || ' ' || number from control.served_pin where state = 'pinned'";
    until("the pin", || async { (site.registry(pinned).await == [format!("first {first}")]).then_some(()) }).await;
    gateway.psql("shop", "shop", "correct horse", "insert into t values (1)").await.expect("a row");
    versions(2).await;
    site.check().await;
    let seen = site.ask("select kind || ' ' || (size_bytes > 1000000) || ' ' || (stored_bytes > 0) from observed.gateway_version").await;
    assert!(seen.len() >= 2 && seen.iter().all(|version| version == "version true true"), "{seen:?}");
    assert_eq!(site.ask("select version || ' ' || state from observed.gateway_pin").await, [format!("{first} pinned")]);
    site.rests().await;

    let id = site.registry("select id::text from control.served").await.remove(0);
    let pins = || fs::read_dir(bucket.join(&id).join("pins")).into_iter().flatten().count();
    assert_eq!(pins(), 1);
    site.sql("insert into gateway.pin (database, name, version) values ('shop', 'never', 4711)").await;
    site.check().await;
    let said = "select state from control.served_pin where name = 'never' and state <> 'wanted'";
    let said = until("an answer", async || site.registry(said).await.pop()).await;
    assert!(said.contains("4711"), "{said}");
    site.sql("delete from gateway.pin").await;
    site.check().await;
    until("the end of the pins", || async { (site.registry("select 1::text from control.served_pin").await.is_empty()).then_some(()) })
        .await;
    assert_eq!(pins(), 0);
    gateway.stop().await;
}

#[tokio::test]
async fn a_pin_says_that_the_gateway_has_no_bucket_and_is_set_as_soon_as_it_has_one() {
    let (mut site, folder) = shop().await;
    site.sql("insert into gateway.pin (database, name) values ('shop', 'first')").await;
    site.check().await;
    let gateway = Gateway::start(&site, &folder.0.join("home")).await;
    gateway.psql("shop", "shop", "correct horse", "create table t ()").await.expect("a table");
    let said = "select state from control.served_pin where state like 'wanted; %--bucket'";
    until("what is in its way", || async { site.registry(said).await.pop() }).await;
    gateway.stop().await;
    fs::create_dir_all(folder.0.join("bucket")).expect("a folder");
    let bucket = format!("file://{}", folder.0.join("bucket").display());
    let gateway = Gateway::with(&site, &folder.0.join("home"), &["--bucket", &bucket]).await;
    assert_eq!(gateway.psql("shop", "shop", "correct horse", "select 1").await.as_deref(), Ok("1"));
    let pinned = "select number::text from control.served_pin where state = 'pinned'";
    until("the pin", || async { site.registry(pinned).await.pop() }).await;
    gateway.stop().await;
}
