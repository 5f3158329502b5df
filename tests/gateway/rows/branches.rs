//! Databases that begin as branches of others, with gateways over one bucket.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use iasql::store::{Access, Bucket, Id, Options, Store};

use super::{Talk, gone::files, place};
use crate::{
    crash::{Site, until},
    gateway::whole::{Folder, Gateway, shop},
};

/// What one of them has and no other.
const NEVER: &str = "and never seen elsewhere";

/// A database `shop` that stays awake for so long, and a bucket.
async fn rows(idle_seconds: u32) -> (Site, Folder, String) {
    let (mut site, folder) = shop().await;
    site.sql(&format!("update gateway.database set idle_seconds = {idle_seconds}")).await;
    site.check().await;
    fs::create_dir_all(folder.0.join("bucket")).expect("a folder");
    let bucket = format!("file://{}", folder.0.join("bucket").display());
    (site, folder, bucket)
}

/// One more row.
async fn branch(site: &mut Site, name: &str, of: &str, version: &str) {
    let columns = "name, role, password, idle_seconds, branch_of, branch_version";
    site.sql(&format!("insert into gateway.database ({columns}) values ('{name}', 'shop', 'battery staple', 1, '{of}', {version})")).await;
    site.check().await;
}

async fn say(gateway: &Gateway, name: &str, sql: &str) -> Result<String, String> {
    let password = if name == "shop" { "correct horse" } else { "battery staple" };
    gateway.psql(name, "shop", password, sql).await
}

/// The numbers of the versions of a database, as soon as there are so many.
async fn versions(site: &Site, name: &str, count: usize) -> Vec<String> {
    let known = format!(
        "select number::text from control.served_version v join control.served s on s.id = v.served where label = '{name}' order by number"
    );
    until("a version", async || Some(site.registry(&known).await).filter(|known| known.len() >= count)).await
}

async fn id(site: &Site, name: &str) -> String {
    site.registry(&format!("select id::text from control.served where label = '{name}' and gone_at is null")).await.remove(0)
}

#[tokio::test]
async fn many_branches_at_once_of_one_that_is_in_use_and_one_after_a_crash_begin_with_what_was_committed_and_nothing_older() {
    let (mut site, folder, bucket) = rows(1).await;
    let home = folder.0.join("home");
    let gateway = Gateway::with(&site, &home, &["--bucket", &bucket]).await;
    say(&gateway, "shop", "create table t as select 1 as n").await.expect("a table");
    versions(&site, "shop", 1).await;
    let mut inside = Talk::begin(&place(&gateway, "shop.db.localhost", gateway.authority()));
    assert_eq!(inside.ask("insert into t values (2); select count(*) from t;").await.as_deref(), Some("2"));
    let names = ["one", "two", "three", "four", "five", "six", "seven"];
    for name in &names[..6] {
        branch(&mut site, name, "shop", "null").await;
    }
    let count = |name: &'static str| say(&gateway, name, "select count(*) from t");
    let said = futures::future::join_all(names[..6].iter().map(|name| count(name))).await;
    assert!(said.iter().all(|said| said.as_deref() == Ok("2")), "{said:?}");
    assert_eq!(inside.ask("insert into t values (3); select count(*) from t;").await.as_deref(), Some("3"));
    branch(&mut site, names[6], "shop", "null").await;
    gateway.kill();
    drop((inside, gateway));
    let gateway = Gateway::with(&site, &home, &["--bucket", &bucket]).await;
    assert_eq!(say(&gateway, names[6], "select count(*) from t").await.as_deref(), Ok("3"));
    gateway.stop().await;
}

#[tokio::test]
async fn a_branch_of_one_that_is_of_a_time_when_there_was_no_bucket_begins_with_what_that_has() {
    let (mut site, folder, bucket) = rows(600).await;
    let home = folder.0.join("home");
    let gateway = Gateway::start(&site, &home).await;
    say(&gateway, "shop", "create table t as select 42 as n").await.expect("a table");
    gateway.stop().await;
    branch(&mut site, "copy", "shop", "null").await;
    let gateway = Gateway::with(&site, &home, &["--bucket", &bucket]).await;
    assert_eq!(say(&gateway, "copy", "select n from t").await.as_deref(), Ok("42"));
    assert_eq!(say(&gateway, "shop", "select n from t").await.as_deref(), Ok("42"));
    gateway.stop().await;
}

#[tokio::test]
async fn a_branch_begins_with_what_is_there_now_where_nobody_uses_it_and_neither_sees_what_the_other_writes() {
    let (mut site, folder, bucket) = rows(600).await;
    let gateway = Gateway::with(&site, &folder.0.join("home"), &["--bucket", &bucket]).await;
    say(&gateway, "shop", "create table t as select generate_series(1, 1000) as n").await.expect("a table");
    assert_eq!(site.registry("select count(*)::text from control.served_version").await, ["0"], "it is awake, and was never stored");
    branch(&mut site, "copy", "shop", "null").await;
    // whoever is first has it made, and all see the same
    let began = Instant::now();
    let ask = || say(&gateway, "copy", "select count(*), current_user, current_database() from t");
    let (one, two, three) = tokio::join!(ask(), ask(), ask());
    for said in [one, two, three] {
        assert_eq!(said.as_deref(), Ok("1000|shop|shop"));
    }
    println!("three first calls of a branch of a database that nobody uses: {} ms", began.elapsed().as_millis());
    say(&gateway, "shop", &format!("insert into t values (-1); comment on table t is '{NEVER}'")).await.expect("a row");
    say(&gateway, "copy", "delete from t where n > 10").await.expect("fewer rows");
    let seen = "select count(*), min(n), coalesce(obj_description('t'::regclass), '') from t";
    assert_eq!(say(&gateway, "shop", seen).await, Ok(format!("1001|-1|{NEVER}")));
    assert_eq!(say(&gateway, "copy", seen).await.as_deref(), Ok("10|1|"));
    // whose password is the other one's does not come in
    assert!(gateway.psql("copy", "shop", "correct horse", "select 1").await.is_err_and(|said| said.contains("password authentication")));

    branch(&mut site, "third", "copy", "null").await;
    assert_eq!(say(&gateway, "third", seen).await.as_deref(), Ok("10|1|"), "a branch of a branch, as that is now");
    versions(&site, "third", 1).await;
    site.check().await;
    let first = "select distinct on (database) kind from observed.gateway_version where database <> 'shop' order by database, number";
    assert_eq!(site.ask(first).await, ["branched", "branched"]);
    site.rests().await;
    gateway.stop().await;
}

#[tokio::test]
async fn a_branch_of_an_older_version_has_its_rows_and_one_of_a_version_that_is_not_there_says_so() {
    let (mut site, folder, bucket) = rows(1).await;
    let gateway = Gateway::with(&site, &folder.0.join("home"), &["--bucket", &bucket]).await;
    say(&gateway, "shop", "create table t as select 1 as n").await.expect("a table");
    let older = versions(&site, "shop", 1).await.remove(0);
    say(&gateway, "shop", "update t set n = 2").await.expect("a row");
    versions(&site, "shop", 2).await;
    branch(&mut site, "older", "shop", &older).await;
    branch(&mut site, "newest", "shop", "null").await;
    branch(&mut site, "never", "shop", "4711").await;
    assert_eq!(say(&gateway, "older", "select n from t").await.as_deref(), Ok("1"));
    assert_eq!(say(&gateway, "newest", "select n from t").await.as_deref(), Ok("2"));
    for _ in 0..2 {
        let refused = say(&gateway, "never", "select 1").await.expect_err("there is none");
        assert!(refused.contains("FATAL:  the database begins as a branch of version 4711 of shop, which is not there"), "{refused}");
        assert!(refused.contains("HINT:  Its versions are in observed.gateway_version"), "{refused}");
    }
    assert!(!folder.0.join("home/node/d").join(id(&site, "never").await).exists(), "nothing was made");
    gateway.stop().await;
}

#[tokio::test]
async fn what_can_not_begin_as_a_branch_says_why_and_does_when_it_can() {
    let (mut site, folder, bucket) = rows(600).await;
    branch(&mut site, "copy", "shop", "null").await;
    let gateway = Gateway::start(&site, &folder.0.join("home")).await;
    let refused = say(&gateway, "copy", "select 1").await.expect_err("there is no bucket");
    assert!(refused.contains("FATAL:  the database begins as a branch of shop, and this gateway has no bucket"), "{refused}");
    assert!(refused.contains("HINT:  Whoever runs the gateway names a bucket with --bucket."), "{refused}");
    gateway.stop().await;

    let gateway = Gateway::with(&site, &folder.0.join("home"), &["--bucket", &bucket]).await;
    let unstored = "FATAL:  the database begins as a branch of shop, of which nothing is stored yet\nHINT:  Use that one first.";
    let refused = say(&gateway, "copy", "select 1").await.expect_err("nobody has called that one");
    assert!(refused.contains(unstored), "{refused}");
    assert!(!folder.0.join("home/node/d").join(id(&site, "copy").await).exists(), "nothing was made");
    say(&gateway, "shop", "create table t as select 42 as n").await.expect("a table");
    assert_eq!(say(&gateway, "copy", "select n from t").await.as_deref(), Ok("42"));
    gateway.stop().await;
}

#[tokio::test]
async fn a_branch_of_a_database_in_use_has_all_that_was_committed_and_the_sessions_there_go_on() {
    let (mut site, folder, bucket) = rows(600).await;
    site.sql("update gateway.database set durability = 'sync'").await;
    branch(&mut site, "copy", "shop", "null").await;
    branch(&mut site, "safe", "shop", "null").await;
    site.sql("update gateway.database set durability = 'sync' where name = 'safe'").await;
    site.check().await;
    let gateway = Gateway::with(&site, &folder.0.join("home"), &["--bucket", &bucket]).await;
    let mut inside = Talk::begin(&place(&gateway, "shop.db.localhost", gateway.authority()));
    let made = "create table t as select generate_series(1, 50000) as n; begin; insert into t values (0) returning n;";
    assert_eq!(inside.ask(made).await.as_deref(), Some("0"));
    let began = Instant::now();
    let ask = |name: &'static str| say(&gateway, name, "select count(*), min(n) from t");
    let (one, two, safe) = tokio::join!(ask("copy"), ask("copy"), ask("safe"));
    for said in [one, two, safe] {
        assert_eq!(said.as_deref(), Ok("50000|1"));
    }
    println!("three first calls of two branches of a database in use: {} ms", began.elapsed().as_millis());
    assert_eq!(inside.ask("commit; select count(*) from t;").await.as_deref(), Some("50001"));
    for name in ["copy", "safe"] {
        assert_eq!(say(&gateway, name, "insert into t values (-1); select count(*), min(n) from t").await.as_deref(), Ok("50001|-1"));
    }
    assert_eq!(inside.ask("select count(*), min(n) from t;").await.as_deref(), Some("50001|0"));
    drop(inside);
    until("nothing is left beside", || async { (gateway.beside() == 0).then_some(()) }).await;
    gateway.stop().await;
}

#[tokio::test]
async fn a_branch_is_made_on_another_gateway_of_what_is_stored_while_somebody_uses_it_here() {
    let (mut site, folder, bucket) = rows(1).await;
    let words = ["--bucket", &bucket];
    let (one, other) = (Gateway::with(&site, &folder.0.join("a"), &words).await, Gateway::with(&site, &folder.0.join("b"), &words).await);
    branch(&mut site, "copy", "shop", "null").await;
    let mut first = Talk::begin(&place(&one, "shop.db.localhost", one.authority()));
    assert_eq!(first.ask("create table t as select 1 as n; select n from t;").await.as_deref(), Some("1"));
    let refused = say(&other, "copy", "select 1").await.expect_err("the first gateway has it, and has stored nothing");
    assert!(refused.contains("FATAL:  the database begins as a branch of shop, of which nothing is stored yet"), "{refused}");
    drop(first);
    versions(&site, "shop", 1).await;
    let mut inside = Talk::begin(&place(&one, "shop.db.localhost", one.authority()));
    assert_eq!(inside.ask("insert into t values (2) returning n;").await.as_deref(), Some("2"));
    assert_eq!(say(&other, "copy", "select string_agg(n::text, ' ') from t").await.as_deref(), Ok("1"));
    say(&other, "copy", "insert into t values (3)").await.expect("a row");
    assert_eq!(inside.ask("select string_agg(n::text, ' ') from t;").await.as_deref(), Some("1 2"));
    // which is not forgotten by whoever has it next
    let there = || async { say(&one, "copy", "select string_agg(n::text, ' ') from t").await.ok() };
    assert_eq!(until("the branch on the first gateway", there).await, "1 3");
    drop(inside);
    one.stop().await;
    other.stop().await;
}

/// All of the bucket gone through, as gateways do every few hours.
async fn collect(bucket: &str) {
    let (hour, options) = (chrono::TimeDelta::hours(1), Options::default());
    let options = Options { keep: Duration::ZERO, grace: Duration::ZERO, ..options };
    let store = Store::new(Bucket::open(bucket, &Access::default()).await.expect("a bucket"), vec![], options);
    for _ in 0..3 {
        for id in store.databases().await.expect("databases") {
            store.collect(&id, chrono::Utc::now() + hour).await.expect("collected");
        }
    }
}

/// How many bytes there are of a database in the bucket.
async fn used(bucket: &str, id: &str) -> u64 {
    let store = Store::new(Bucket::open(bucket, &Access::default()).await.expect("a bucket"), vec![], Options::default());
    store.used(&Id::new(id).expect("an id")).await.expect("a size")
}

/// A gateway that keeps nothing which is deleted, a database, its branch, and a branch of that; all of them stored.
async fn three() -> (Site, Folder, String, Gateway) {
    let (mut site, folder, bucket) = rows(1).await;
    let gateway = Gateway::with(&site, &folder.0.join("home"), &["--bucket", &bucket, "--grace-days", "0"]).await;
    say(&gateway, "shop", "create table t as select n, md5(n::text) as word from generate_series(1, 30000) n").await.expect("a table");
    versions(&site, "shop", 1).await;
    branch(&mut site, "copy", "shop", "null").await;
    say(&gateway, "copy", "insert into t select n, md5(n::text) from generate_series(30001, 60000) n").await.expect("rows");
    versions(&site, "copy", 2).await;
    branch(&mut site, "third", "copy", "null").await;
    say(&gateway, "third", "insert into t values (0, md5('0'))").await.expect("a row");
    versions(&site, "third", 2).await;
    (site, folder, bucket, gateway)
}

async fn has(gateway: &Gateway, name: &str, rows: u32) {
    let whole = "select count(*), bool_and(word = md5(n::text)) from t";
    let said = until("the database", || async { say(gateway, name, whole).await.ok() }).await;
    assert_eq!(said, format!("{rows}|t"), "{name}");
}

#[tokio::test]
async fn the_first_may_be_deleted_and_the_one_between_and_the_last_has_all_of_it_and_nothing_is_left_in_the_end() {
    let (mut site, folder, bucket, gateway) = three().await;
    let mut ids = vec![];
    for (name, left) in [("shop", vec![("copy", 60_000), ("third", 60_001)]), ("copy", vec![("third", 60_001)]), ("third", vec![])] {
        ids.push(id(&site, name).await);
        site.sql(&format!("delete from gateway.database where name = '{name}'")).await;
        site.check().await;
        let known = "select count(*)::text from control.served";
        until("the end of the grace", || async { (site.registry(known).await == [left.len().to_string()]).then_some(()) }).await;
        collect(&bucket).await;
        for (name, rows) in left {
            has(&gateway, name, rows).await;
        }
    }
    for id in ids {
        let used = used(&bucket, &id).await;
        assert!(used < 1000, "{used} bytes of {id}");
        assert!(!blobs(&folder.0.join("bucket").join(id)));
    }
    gateway.stop().await;
}

#[tokio::test]
async fn the_last_may_be_deleted_first_and_the_others_have_all_of_theirs() {
    let (mut site, folder, bucket, gateway) = three().await;
    let ids = [id(&site, "third").await, id(&site, "copy").await];
    site.sql("delete from gateway.database where name in ('third', 'copy')").await;
    site.check().await;
    let known = "select label from control.served";
    until("the end of the grace", || async { (site.registry(known).await == ["shop"]).then_some(()) }).await;
    collect(&bucket).await;
    has(&gateway, "shop", 30_000).await;
    for id in ids {
        assert!(!blobs(&folder.0.join("bucket").join(id)));
    }
    let held = files(&folder.0.join("bucket").join(id(&site, "shop").await).join("holds"));
    assert_eq!(held, Vec::<String>::new());
    gateway.stop().await;
}

fn blobs(folder: &Path) -> bool {
    !files(&folder.join("blobs")).is_empty()
}

#[tokio::test]
async fn a_branch_that_nobody_has_called_begins_with_a_database_whose_row_was_deleted_meanwhile() {
    let (mut site, folder, bucket) = rows(600).await;
    let gateway = Gateway::with(&site, &folder.0.join("home"), &["--bucket", &bucket]).await;
    say(&gateway, "shop", "create table t as select 42 as n").await.expect("a table");
    branch(&mut site, "copy", "shop", "null").await;
    let first = id(&site, "shop").await;
    site.sql("delete from gateway.database where name = 'shop'").await;
    site.check().await;
    let stored = folder.0.join("bucket").join(first);
    until("its last state in the bucket", || async { blobs(&stored).then_some(()) }).await;
    // another one of that name meanwhile is not what it was a branch of
    site.sql("insert into gateway.database (name, role, password) values ('shop', 'shop', 'correct horse')").await;
    site.check().await;
    say(&gateway, "shop", "create table t as select 7 as n").await.expect("a table");
    assert_eq!(say(&gateway, "copy", "select n from t").await.as_deref(), Ok("42"));
    site.rests().await;
    gateway.stop().await;
}
