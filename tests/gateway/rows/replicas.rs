//! Databases that only read what another one has in the bucket: what they show, what they follow, and that the other one is left alone.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use reqwest::StatusCode;

use super::{Talk, gone::files, place};
use crate::{
    crash::{Site, until},
    gateway::{
        tarball::answered,
        whole::{Folder, Gateway, shop},
    },
};

/// How long anything may take here.
const PATIENCE: Duration = Duration::from_secs(120);

/// The database `shop` of this durability, its replica `copy`, and a gateway with a bucket.
struct Pair {
    site: Site,
    folder: Folder,
    gateway: Gateway,
}

impl Pair {
    async fn open(durability: &str, idle_seconds: u32) -> Self {
        let (mut site, folder) = shop().await;
        site.sql(&format!("update gateway.database set durability = '{durability}'")).await;
        replica(&mut site, "copy", idle_seconds).await;
        site.check().await;
        site.rests().await;
        fs::create_dir_all(folder.0.join("bucket")).expect("a folder");
        let bucket = format!("file://{}", folder.0.join("bucket").display());
        let gateway = Gateway::with(&site, &folder.0.join("home"), &["--bucket", &bucket, "--http", "127.0.0.1:0"]).await;
        Self { site, folder, gateway }
    }

    async fn say(&self, name: &str, sql: &str) -> Result<String, String> {
        self.gateway.psql(name, "shop", "correct horse", sql).await
    }

    fn talk(&self, name: &str) -> Talk {
        Talk::begin(&place(&self.gateway, &format!("{name}.db.localhost"), self.gateway.authority()))
    }

    async fn id(&self, name: &str) -> String {
        self.site.registry(&format!("select id::text from control.served where label = '{name}'")).await.remove(0)
    }

    /// What a database has in the bucket.
    async fn stored(&self, name: &str) -> PathBuf {
        self.folder.0.join("bucket").join(self.id(name).await)
    }

    /// Until so many versions of the shop are known.
    async fn versions(&self, count: usize) {
        let known = "select count(*)::text from control.served_version v join control.served s on s.id = v.served where label = 'shop'";
        until("a version", async || (self.site.registry(known).await[0].parse::<usize>().expect("a number") >= count).then_some(())).await;
    }

    /// Until so many servers run.
    async fn until_run(&self, servers: usize) {
        until("others sleep", || async { (self.gateway.servers() == servers).then_some(()) }).await;
    }

    async fn close(self) {
        self.gateway.stop().await;
    }
}

async fn replica(site: &mut Site, name: &str, idle_seconds: u32) {
    let columns = "name, role, password, idle_seconds, replica_of";
    site.sql(&format!("insert into gateway.database ({columns}) values ('{name}', 'shop', 'correct horse', {idle_seconds}, 'shop')")).await;
}

/// Until this is what a session hears.
async fn hears(talk: &mut Talk, sql: &str, expected: &str) {
    let begin = Instant::now();
    while talk.ask(sql).await.expect("the session goes on") != expected {
        assert!(begin.elapsed() < PATIENCE, "{expected}: that never came to be");
    }
}

/// All objects below a folder, byte for byte.
fn objects(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut names = files(folder);
    names.sort();
    names.into_iter().map(|name| (name.clone(), fs::read(name).expect("a file"))).collect()
}

#[tokio::test]
async fn a_replica_shows_what_is_committed_at_a_sync_database_goes_on_when_that_has_slept_and_changes_nothing() {
    let pair = Pair::open("sync", 600).await;
    let mut inside = pair.talk("shop");
    assert_eq!(inside.ask("create table t as select 1 as n; select n from t;").await.as_deref(), Some("1"));
    let mut copy = pair.talk("copy");
    let seen = "select count(*) || ' ' || pg_backend_pid() || ' ' || pg_is_in_recovery() || ' ' || current_user from t;";
    let first = copy.ask(seen).await.expect("an answer");
    let session = first.strip_prefix("1 ").and_then(|rest| rest.strip_suffix(" true shop")).expect("what was committed when it was called");
    assert_eq!(inside.ask("insert into t values (2) returning n;").await.as_deref(), Some("2"));
    hears(&mut copy, seen, &format!("2 {session} true shop")).await;
    drop(inside);
    pair.until_run(1).await;
    let mut again = pair.talk("shop");
    assert_eq!(again.ask("insert into t select generate_series(3, 50000); select count(*) from t;").await.as_deref(), Some("50000"));
    hears(&mut copy, seen, &format!("50000 {session} true shop")).await;
    assert_eq!(copy.ask("\\set VERBOSITY sqlstate\ninsert into t values (0); select 'still here';").await.as_deref(), Some("still here"));
    let lag = "select pg_last_xact_replay_timestamp() is not null;";
    assert_eq!(copy.ask(lag).await.as_deref(), Some("t"));
    assert!(copy.complaints().await.contains("25006"));
    drop(again);
    pair.close().await;
}

#[tokio::test]
async fn a_replica_of_one_that_pauses_shows_what_that_had_when_it_last_slept_and_ends_its_sessions_for_what_is_newer() {
    let pair = Pair::open("pause", 600).await;
    let refused = pair.say("copy", "select 1").await.expect_err("nothing is stored");
    assert!(
        refused.contains("FATAL:  the database is a replica of shop, of which nothing is stored yet\nHINT:  Use that one first."),
        "{refused}"
    );
    pair.say("shop", "create table t as select 1 as n").await.expect("a table");
    pair.versions(1).await;
    let mut copy = pair.talk("copy");
    assert_eq!(copy.ask("select count(*) from t;").await.as_deref(), Some("1"));
    pair.say("shop", "insert into t values (2)").await.expect("a row");
    pair.versions(2).await;
    copy.ends("select count(*) from t;").await;
    assert!(copy.complaints().await.contains("terminating connection due to administrator command"));
    let newer = async || pair.say("copy", "select count(*) from t").await.ok().filter(|count| count == "2");
    until("what is newer", newer).await;
    pair.close().await;
}

#[tokio::test]
async fn a_replica_that_sleeps_has_nothing_on_the_disk_and_reads_anew_without_waking_the_other_one() {
    let pair = Pair::open("sync", 1).await;
    pair.say("shop", "create table t as select 1 as n").await.expect("a table");
    assert_eq!(pair.say("copy", "select count(*) from t").await.as_deref(), Ok("1"));
    let here = pair.folder.0.join("home/node/d").join(pair.id("copy").await);
    until("it sleeps", || async { (!here.exists()).then_some(()) }).await;
    pair.say("shop", "insert into t values (2)").await.expect("a row");
    pair.until_run(0).await;
    let own = pair.folder.0.join("home/node/d").join(pair.id("shop").await);
    until("its files are in the bucket", || async { (!own.exists()).then_some(()) }).await;
    let shop = pair.stored("shop").await;
    let before = objects(&shop);
    assert_eq!(pair.say("copy", "select count(*) from t").await.as_deref(), Ok("2"));
    assert!(!own.exists() && objects(&shop) == before, "the other one is as it was");
    let kinds = files(&pair.stored("copy").await).into_iter().map(|file| file.rsplit('/').nth(1).unwrap_or_default().to_owned());
    assert_eq!(kinds.collect::<BTreeSet<_>>(), ["lease", "manifests"].map(str::to_owned).into());
    until("it sleeps again", || async { (!here.exists()).then_some(()) }).await;
    let lease = objects(&pair.stored("copy").await.join("lease")).pop().expect("a lease").1;
    assert!(String::from_utf8_lossy(&lease).contains("\"held\":false"));
    pair.close().await;
}

#[tokio::test]
async fn what_a_replica_has_not_is_refused_by_name_and_a_dump_is_of_what_it_shows() {
    let mut pair = Pair::open("sync", 1).await;
    pair.say("shop", "create table t as select 1 as n").await.expect("a table");
    for request in
        [pair.gateway.post("copy/upload", "x"), pair.gateway.post("copy/restore?version=1", ""), pair.gateway.get("copy/download")]
    {
        let (status, answer) = answered(request).await;
        assert_eq!(
            (status, answer["error"].as_str()),
            (StatusCode::CONFLICT, Some("the database is a replica of shop, and has no files and no versions of its own"))
        );
    }
    assert!(pair.gateway.bytes("copy/download?format=dump").await.starts_with(b"PGDMP"));
    for (sql, said) in [
        (
            "insert into gateway.pin (database, name) values ('copy', 'first')",
            "the database copy is a replica of shop, and has no versions",
        ),
        ("delete from gateway.database where name = 'shop'", "the database shop has the replica copy"),
        ("update gateway.database set name = 'till' where name = 'shop'", "the database shop has the replica copy"),
    ] {
        let refused = sqlx::raw_sql(sql).execute(&mut pair.site.user).await.expect_err("a refusal").to_string();
        assert!(refused.contains(said), "{refused}");
    }
    pair.site.sql("delete from gateway.database").await;
    pair.site.check().await;
    pair.site.rests().await;
    pair.close().await;
}

#[tokio::test]
async fn a_gateway_without_a_bucket_has_nothing_to_read_a_replica_from_and_says_so() {
    let (mut site, folder) = shop().await;
    replica(&mut site, "copy", 1).await;
    site.check().await;
    let gateway = Gateway::start(&site, &folder.0).await;
    let refused = gateway.psql("copy", "shop", "correct horse", "select 1").await.expect_err("there is no bucket");
    assert!(refused.contains("FATAL:  the database is a replica of shop, and this gateway has no bucket to read that from"), "{refused}");
    gateway.stop().await;
}

#[tokio::test]
async fn a_replica_has_as_much_room_as_what_it_reads_and_begins_anew_where_that_has_more_by_then() {
    let pair = Pair::open("sync", 600).await;
    pair.say("shop", "create table t as select 1 as n").await.expect("a table");
    let Pair { site, folder, gateway } = pair;
    let bucket = format!("file://{}", folder.0.join("bucket").display());
    let other = Gateway::with(&site, &folder.0.join("other"), &["--bucket", &bucket, "--sessions", "5"]).await;
    let seen = "select count(*) || ' ' || current_setting('max_connections') from t";
    assert_eq!(other.psql("copy", "shop", "correct horse", seen).await.as_deref(), Ok("1 28"));
    gateway.stop().await;
    let gateway = Gateway::with(&site, &folder.0.join("home"), &["--bucket", &bucket, "--sessions", "30"]).await;
    gateway.psql("shop", "shop", "correct horse", "insert into t values (2)").await.expect("a row");
    let newer = async || other.psql("copy", "shop", "correct horse", seen).await.ok().filter(|seen| seen == "2 38");
    until("what is newer", newer).await;
    other.stop().await;
    gateway.stop().await;
}

#[tokio::test]
async fn a_replica_on_another_gateway_follows_and_one_whose_gateway_was_lost_is_read_elsewhere() {
    let mut pair = Pair::open("sync", 600).await;
    replica(&mut pair.site, "third", 600).await;
    pair.site.check().await;
    let bucket = format!("file://{}", pair.folder.0.join("bucket").display());
    let other = Gateway::with(&pair.site, &pair.folder.0.join("other"), &["--bucket", &bucket]).await;
    let mut inside = pair.talk("shop");
    assert_eq!(inside.ask("create table t as select 1 as n; select n from t;").await.as_deref(), Some("1"));
    let mut third = Talk::begin(&place(&other, "third.db.localhost", other.authority()));
    assert_eq!(third.ask("select count(*) from t;").await.as_deref(), Some("1"));
    assert_eq!(inside.ask("insert into t values (2) returning n;").await.as_deref(), Some("2"));
    hears(&mut third, "select count(*) from t;", "2").await;
    drop(third);
    other.destroy().await;
    assert_eq!(inside.ask("insert into t values (3) returning n;").await.as_deref(), Some("3"));
    let elsewhere = async || pair.say("third", "select count(*) from t").await.ok();
    assert_eq!(until("the replica on the other gateway", elsewhere).await, "3");
    drop(inside);
    pair.close().await;
}
