//! A replica on a machine of its own, from one row of `serverless.replica`: it reads the other one's bucket, and its machine stops by itself.

use std::time::{Duration, Instant};

use super::{instances::Ground, rows::Talk, whole::Gateway};
use crate::crash::until;

/// How long anything may take here.
const PATIENCE: Duration = Duration::from_secs(120);

impl Ground {
    async fn copy(&mut self) {
        let sql = format!(
            "insert into serverless.replica (name, of, app, idle_seconds, password, access_key_id, secret_access_key) values ('copy', 'shop', '{}-copy', 1, 'correct horse', '{}', '{}')",
            self.own, self.keys.0, self.keys.1
        );
        self.site.sql(&sql).await;
    }
}

#[tokio::test]
async fn a_row_is_a_replica_on_a_machine_that_starts_when_somebody_calls_and_follows_what_it_reads() {
    let mut ground = Ground::open("images").await;
    ground.shop().await;
    ground.site.sql("update serverless.database set durability = 'sync'").await;
    ground.copy().await;
    let gateway = Gateway::start(&ground.site, &ground.folder.0).await;
    ground.site.check().await;
    ground.site.rests().await;
    let mut inside = Talk::begin(&gateway.place("shop", "shop"));
    assert_eq!(
        inside.ask("create table t as select generate_series(1, 1000) as n; select count(*) from t;").await.as_deref(),
        Some("1000")
    );
    let mut copy = Talk::begin(&gateway.place("copy", "shop"));
    assert_eq!(copy.ask("select count(*) from t;").await.as_deref(), Some("1000"));
    assert_eq!(inside.ask("insert into t values (0) returning n;").await.as_deref(), Some("0"));
    let begin = Instant::now();
    while copy.ask("select count(*) from t;").await.as_deref() != Some("1001") {
        assert!(begin.elapsed() < PATIENCE, "that never came to be");
    }
    assert_eq!(copy.ask("delete from t; select 'still here';").await.as_deref(), Some("still here"));
    assert!(copy.complaints().await.contains("cannot execute DELETE in a read-only transaction"));
    let apart = async || (ground.state_of("copy").await == "stopped").then_some(());
    until("its machine stops", apart).await;
    drop(inside);
    ground.until_it_is("stopped").await;
    // the other one sleeps, and is not woken
    assert_eq!(gateway.psql("copy", "shop", "correct horse", "select count(*) from t").await.as_deref(), Ok("1001"));
    assert_eq!(ground.state_of("shop").await, "stopped");
    gateway.stop().await;
}

#[tokio::test]
async fn a_row_is_changed_in_place_as_far_as_that_can_be_and_what_could_be_no_replica_is_refused_where_it_is_written() {
    let mut ground = Ground::open("tests/machines/images").await;
    ground.shop().await;
    ground.copy().await;
    let site = &mut ground.site;
    let reads =
        "select string_agg(distinct env ->> 'IASQL_INSTANCE_BUCKET', ' ') || count(distinct env ->> 'AWS_ENDPOINT_URL') from fly.machine";
    assert!(site.ask(reads).await[0].ends_with("-files1"), "one bucket, at one place");
    site.sql("update fly.machine set image = 'probe', cmd = '[\"rest\"]'").await;
    site.check().await;
    site.rests().await;
    site.sql("update serverless.replica set memory_mb = 1024, size_gb = 3, idle_seconds = 60, password = 'battery staple'").await;
    let planned = "select action || ' ' || resource from iasql.plan order by 1";
    assert_eq!(site.ask(planned).await, ["update fly.machine", "update fly.volume", "update gateway.database"]);
    site.check().await;
    site.rests().await;
    let shown =
        "select concat_ws(' ', name, domain, of, region, image, memory_mb, size_gb, idle_seconds, host, password) from serverless.replica";
    assert_eq!(site.ask(shown).await, ["copy db.localhost shop iad probe 1024 3 60 copy.db.localhost"]);
    assert_eq!(site.ask("select name from serverless.database").await, ["shop"], "it is none of those");
    site.sql("insert into serverless.database (name, engine) values ('tree', 'orioledb')").await;
    for (sql, said) in [
        ("update serverless.replica set region = 'ams', of = 'tree'", "of a replica of, region can't be changed"),
        (
            "insert into serverless.replica (name, of) values ('third', 'till')",
            "there is no serverless database till of which third could be a replica",
        ),
        ("insert into serverless.replica (name, of) values ('third', 'copy')", "there is no serverless database copy"),
        ("insert into serverless.replica (name, of) values ('third', 'tree')", "is of engine orioledb, of which there are no replicas yet"),
        ("insert into serverless.replica (name, of) values ('shop', 'shop')", "a_database_is_no_replica_of_itself"),
        ("insert into serverless.replica (name, of) values ('copy', 'shop')", "database_pkey"),
        ("insert into serverless.replica (name, of, access_key_id) values ('third', 'shop', 'a')", "an id and a secret"),
        ("delete from serverless.database where name = 'shop'", "the database shop has the replica copy"),
    ] {
        let refused = sqlx::raw_sql(sql).execute(&mut site.user).await.expect_err("a refusal").to_string();
        assert!(refused.contains(said), "{refused}");
    }
    site.sql("delete from serverless.replica; delete from serverless.database").await;
    site.sql("select iasql.set('max_deletes_percent', '100')").await;
    site.check().await;
    site.rests().await;
    let left = "select (select count(*) from fly.app) + (select count(*) from fly.machine) + (select count(*) from gateway.database)";
    assert_eq!(site.ask(&format!("select ({left})::text")).await, ["0"]);
}
