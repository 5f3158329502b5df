//! What becomes of a database whose row was deleted: on this disk, in the bucket, and for who is in it.

use std::{fs, path::Path};

use super::{Talk, place};
use crate::{
    crash::until,
    gateway::whole::{Gateway, shop},
};

/// All files below a folder.
pub(super) fn files(folder: &Path) -> Vec<String> {
    let found = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    found.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path.display().to_string()] }).collect()
}

#[tokio::test]
async fn a_deleted_rows_sessions_end_its_name_is_free_and_its_files_go_when_the_grace_is_over() {
    let (mut site, folder) = shop().await;
    let (home, bucket) = (folder.0.join("home"), folder.0.join("bucket"));
    fs::create_dir_all(&bucket).expect("a folder");
    let words = ["--bucket", &format!("file://{}", bucket.display()), "--grace-days", "0.0001"];
    let gateway = Gateway::with(&site, &home, &words).await;
    let id = site.registry("select id::text from control.served").await.remove(0);
    let mut inside = Talk::begin(&place(&gateway, "shop.db.localhost", gateway.authority()));
    assert_eq!(inside.ask("create table t as select 42 as n; select n from t;").await.as_deref(), Some("42"));
    assert!(home.join("node/d").join(&id).exists());

    site.sql("delete from gateway.database").await;
    site.check().await;
    assert!(gateway.psql("shop", "shop", "correct horse", "select 1").await.is_err(), "nobody comes in any more");
    until("the end of the session", || async { (gateway.servers() == 0).then_some(()) }).await;
    assert_eq!(inside.ask("select 1;").await, None);
    assert!(inside.complaints().await.contains("terminating connection due to administrator command"));
    until("its last state in the bucket", || async { files(&bucket.join(&id)).iter().any(|file| file.contains("blob")).then_some(()) })
        .await;

    // another one of that name meanwhile has nothing of the first
    site.sql("insert into gateway.database (name, role, password, idle_seconds) values ('shop', 'shop', 'correct horse', 1)").await;
    site.check().await;
    let there = gateway.psql("shop", "shop", "correct horse", "select count(*) from pg_tables where tablename = 't'").await;
    assert_eq!(there.as_deref(), Ok("0"));

    let known = format!("select count(*)::text from control.served where id = '{id}'");
    until("the end of the grace", || async { (site.registry(&known).await == ["0"]).then_some(()) }).await;
    assert!(!home.join("node/d").join(&id).exists());
    let left = files(&bucket.join(&id));
    assert!(left.iter().all(|file| !file.contains("blob")), "{left:#?}");
    assert_eq!(gateway.psql("shop", "shop", "correct horse", "select 1").await.as_deref(), Ok("1"), "the other one is as it was");
    gateway.stop().await;
}

#[tokio::test]
async fn within_the_grace_the_files_of_a_deleted_row_are_kept() {
    let (mut site, folder) = shop().await;
    let gateway = Gateway::start(&site, &folder.0).await;
    let id = site.registry("select id::text from control.served").await.remove(0);
    gateway.psql("shop", "shop", "correct horse", "create table t ()").await.expect("a table");
    site.sql("delete from gateway.database").await;
    site.check().await;
    until("sleep", || async { (gateway.servers() == 0).then_some(()) }).await;
    gateway.stop().await;
    assert!(folder.0.join("node/d").join(&id).join("data/base").exists());
    assert_eq!(site.registry("select count(*) || ' ' || count(gone_at) from control.served").await, ["1 1"]);
}

#[tokio::test]
async fn of_two_gateways_on_one_bucket_each_lets_go_of_what_is_gone_and_nothing_else() {
    let (mut site, folder) = shop().await;
    site.sql("insert into gateway.database (name, role, password, idle_seconds) values ('kept', 'shop', 'correct horse', 1)").await;
    site.check().await;
    let bucket = folder.0.join("bucket");
    fs::create_dir_all(&bucket).expect("a folder");
    let words = ["--bucket", &format!("file://{}", bucket.display()), "--grace-days", "0"];
    let (one, other) = (Gateway::with(&site, &folder.0.join("a"), &words).await, Gateway::with(&site, &folder.0.join("b"), &words).await);
    let id = site.registry("select id::text from control.served where label = 'shop'").await.remove(0);
    one.psql("kept", "shop", "correct horse", "create table t as select 7 as n").await.expect("a table");
    // it is awake at one of them, whose lease the other finds
    let mut inside = Talk::begin(&place(&other, "shop.db.localhost", other.authority()));
    assert_eq!(inside.ask("create table t as select 42 as n; select n from t;").await.as_deref(), Some("42"));
    site.sql("delete from gateway.database where name = 'shop'").await;
    site.check().await;
    let known = "select label from control.served order by label";
    until("the end of the grace", || async { (site.registry(known).await == ["kept"]).then_some(()) }).await;
    assert_eq!(inside.ask("select 1;").await, None);
    assert!(files(&bucket.join(&id)).iter().all(|file| !file.contains("blob")));
    // whichever was the last to look has it forgotten, while the other may still be at its own disk
    until("the end of its files", || async { (!folder.0.join("b/node/d").join(&id).exists()).then_some(()) }).await;
    let there = || async { other.psql("kept", "shop", "correct horse", "select n from t").await.ok() };
    assert_eq!(until("the other database, where it was not before", there).await, "7");
    one.stop().await;
    other.stop().await;
}
