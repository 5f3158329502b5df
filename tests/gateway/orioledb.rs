//! A database of OrioleDB's on a machine of its own, from one row of `serverless.database`: the real one, where `IASQL_ORIOLEDB` names the folder of its programs.

use std::time::Instant;

use serde_json::json;

use super::{instances::Ground, rows::Talk, whole::Gateway};
use crate::{crash::until, orioledb::installed};

/// Until it answers: whoever was killed has the lease for a while.
async fn answer(place: &str, sql: &str) -> String {
    until("an answer", || async { Talk::begin(place).ask(sql).await }).await
}

#[tokio::test]
async fn a_row_with_engine_orioledb_outlives_its_disk_asleep_and_killed_as_far_as_its_wal_had_come() {
    let Some(bin) = installed() else { return };
    let mut ground = Ground::open("images").await;
    ground.shop_of("orioledb").await;
    ground.site.sql(&format!("update fly.machine set env = env || '{}'", json!({ "IASQL_INSTANCE_ORIOLEDB": bin }))).await;
    let gateway = Gateway::start(&ground.site, &ground.folder.0).await;
    let begin = Instant::now();
    ground.site.check().await;
    let place = gateway.place("shop", "shop");
    assert_eq!(answer(&place, "select 1;").await, "1");
    println!("from the check of the row to its first row: {} ms", begin.elapsed().as_millis());
    ground.site.rests().await;
    let mut first = Talk::begin(&place);
    let made = first.ask("create table t as select generate_series(1, 1000000) as n; select count(*) from t;").await;
    assert_eq!(made.as_deref(), Some("1000000"));
    drop(first);
    ground.until_it_is("stopped").await;
    ground.machines.empty_volumes();
    let begin = Instant::now();
    assert_eq!(answer(&place, "select sum(n) from t;").await, "500000500000");
    println!("a lost disk: from a call to the sum of a million rows: {} ms", begin.elapsed().as_millis());
    // what follows the last checkpoint is in the bucket as soon as its file of the WAL is
    let mut second = Talk::begin(&place);
    assert_eq!(second.ask("create table late as select 7 as n; select n from late;").await.as_deref(), Some("7"));
    let file = second.ask("select pg_walfile_name(pg_current_wal_lsn());").await.expect("a file");
    let more = "insert into t select generate_series(1000001, 1060000); select count(*) from t;";
    assert_eq!(second.ask(more).await.as_deref(), Some("1060000"));
    let archived = async || Talk::begin(&place).ask("select last_archived_wal from pg_stat_archiver;").await.filter(|last| *last >= file);
    until("its WAL is in the bucket", archived).await;
    ground.machines.post(&format!("{}/stop", ground.machine().await), json!({ "signal": "SIGKILL", "timeout": "1s" })).await;
    second.ends("select 1;").await;
    ground.until_it_is("stopped").await;
    ground.machines.empty_volumes();
    let begin = Instant::now();
    assert_eq!(answer(&place, "select n from late;").await, "7");
    println!("killed, and its disk lost: from a call to its first row: {} ms", begin.elapsed().as_millis());
    let count: u64 = answer(&place, "select count(*) from t;").await.parse().expect("a number");
    assert!((1_000_000..=1_060_000).contains(&count) && count % 60_000 == 1_000_000 % 60_000, "half of a transaction: {count}");
    gateway.stop().await;
}
