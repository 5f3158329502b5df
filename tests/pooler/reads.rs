//! Reads go to standbys, and find what their session has written.

use std::time::{Duration, Instant};

use sqlx::{Connection, Executor};

use super::{Client, PATIENCE, Site, at_a_standby, simple, ways};

#[tokio::test(flavor = "multi_thread")]
async fn reads_reach_the_standbys_and_writes_the_primary() {
    let site = Site::shared().await;
    let (mut one, mut two, begin) = (site.raw().await, site.raw().await, Instant::now());
    for client in [&mut one, &mut two] {
        at_a_standby(client).await;
        assert_eq!(simple(client, "select count(*) from thing").await, Ok(Some("1000".to_owned())));
    }
    while site.member("b", "asked").await.as_u64() < Some(2) || site.member("c", "asked").await.as_u64() < Some(2) {
        assert!(begin.elapsed() < PATIENCE, "one of them never answers");
        for client in [&mut one, &mut two] {
            assert_eq!(simple(client, "select count(*) from thing").await, Ok(Some("1000".to_owned())));
        }
    }
    assert_eq!(simple(&mut one, "select noted('a')").await.map(|id| id.is_some()), Ok(true));
    assert_eq!(simple(&mut one, "begin").await, Ok(None));
    assert_eq!(simple(&mut one, "select standby from place").await, Ok(Some("f".to_owned())));
    assert_eq!(simple(&mut one, "commit").await, Ok(None));
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_reads_what_it_has_written_five_hundred_times() {
    let site = Site::shared().await;
    let (mut raw, mut prepared) = (site.raw().await, site.client().await);
    let mut misses = 0;
    for n in 0..500 {
        let what = format!("mine {} {n}", site.port);
        simple(&mut raw, &format!("insert into note (what) values ('{what}')")).await.unwrap();
        let found = simple(&mut raw, &format!("select count(*) from note where what = '{what}'")).await.unwrap();
        misses += usize::from(found.as_deref() != Some("1"));
        if n % 5 == 0 {
            sqlx::query("insert into note (what) values ($1)").bind(&what).execute(&mut prepared).await.unwrap();
            let found = sqlx::query_scalar("select count(*) from note where what = $1").bind(&what).fetch_one(&mut prepared).await;
            misses += usize::from(found.unwrap_or(0_i64) < 1);
        }
    }
    assert_eq!(misses, 0);
    // and soon at a standby again
    at_a_standby(&mut raw).await;
    let what = format!("mine {} 499", site.port);
    assert_eq!(simple(&mut raw, &format!("select count(*) from note where what = '{what}'")).await, Ok(Some("1".to_owned())));
    prepared.close().await.unwrap();
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_standby_refuses_is_asked_of_the_primary_before_anybody_has_heard_of_it() {
    let site = Site::shared().await;
    let mut client = site.raw().await;
    let begin = Instant::now();
    loop {
        assert_eq!(simple(&mut client, "select id > 0 from writing").await, Ok(Some("t".to_owned())));
        let (_, metrics) = site.asks("GET", "/metrics", &serde_json::Value::Null).await;
        if metrics.as_str().is_some_and(|text| text.contains("iasql_pooler_replayed_total 1\n")) {
            break;
        }
        // a busy machine's standbys may have been left out
        assert!(begin.elapsed() < PATIENCE, "{metrics}");
    }
    let mut prepared = site.client().await;
    let id: i64 = sqlx::query_scalar("select id from writing").fetch_one(&mut prepared).await.unwrap();
    let found: i64 = sqlx::query_scalar("select count(*) from note where id = $1").bind(id).fetch_one(&mut prepared).await.unwrap();
    assert_eq!(found, 1);
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_read_has_written_is_found_however_late_the_standbys_are() {
    let site = Site::own_in(super::Ways { lag_limit: Duration::from_secs(600), ..ways() }).await;
    let (mut client, mut writes) = (site.raw().await, 0);
    at_a_standby(&mut client).await;
    for name in ["b", "c"] {
        site.cluster.past(name, "postgres").await.execute("select pg_wal_replay_pause()").await.unwrap();
    }
    let found = async |client: &mut Client| simple(client, "select count(*) from note where what = 'by a view'").await;
    // the first is refused by a standby, and the second by the primary, where the session reads by then
    for _ in 0..2 {
        assert_eq!(simple(&mut client, "select id > 0 from writing").await, Ok(Some("t".to_owned())));
        writes += 1;
        assert_eq!(found(&mut client).await, Ok(Some(writes.to_string())));
    }
    for begin in ["begin", "begin; select 1"] {
        assert!(simple(&mut client, begin).await.is_ok());
        assert_eq!(simple(&mut client, "select id > 0 from writing").await, Ok(Some("t".to_owned())));
        assert_eq!(simple(&mut client, "commit").await, Ok(None));
        writes += 1;
        assert_eq!(found(&mut client).await, Ok(Some(writes.to_string())));
    }
    let at_once = "begin; select id > 0 from writing; commit";
    assert_eq!(simple(&mut client, at_once).await, Ok(Some("t".to_owned())));
    assert_eq!(found(&mut client).await, Ok(Some((writes + 1).to_string())));
    // others read as ever, and this one does, too, when they have caught up
    at_a_standby(&mut site.raw().await).await;
    for name in ["b", "c"] {
        site.cluster.past(name, "postgres").await.execute("select pg_wal_replay_resume()").await.unwrap();
    }
    at_a_standby(&mut client).await;
    assert_eq!(found(&mut client).await, Ok(Some((writes + 1).to_string())));
    // whoever writes next at that session of the primary is not refused
    for _ in 0..10 {
        assert_eq!(simple(&mut client, "insert into note (what) values ('again')").await, Ok(None));
        assert_eq!(simple(&mut client, "show default_transaction_read_only").await, Ok(Some("off".to_owned())));
        assert_eq!(simple(&mut client, "select count(*) > 0 from note where what = 'again'").await, Ok(Some("t".to_owned())));
    }
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_only_reads_is_at_a_standby_until_it_does_something_else() {
    let site = Site::shared().await;
    let mut client = site.raw().await;
    let begin = Instant::now();
    loop {
        assert_eq!(simple(&mut client, "begin read only").await, Ok(None));
        if simple(&mut client, "select standby from place").await == Ok(Some("t".to_owned())) {
            break;
        }
        assert!(begin.elapsed() < PATIENCE, "no standby answers");
        assert_eq!(simple(&mut client, "rollback").await, Ok(None));
    }
    assert_eq!(simple(&mut client, "select standby from place").await, Ok(Some("t".to_owned())));
    // a standby would refuse it in other words
    assert_eq!(simple(&mut client, "select txid_current() > 0").await, Ok(Some("t".to_owned())));
    assert_eq!(simple(&mut client, "select standby from place").await, Ok(Some("f".to_owned())));
    assert_eq!(simple(&mut client, "insert into note (what) values ('no')").await, Err("25006".to_owned()));
    assert_eq!(simple(&mut client, "rollback").await, Ok(None));
    assert_eq!(simple(&mut client, "select 1").await, Ok(Some("1".to_owned())));
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_that_lags_is_left_out() {
    let site = Site::own_in(super::Ways { lag_limit: Duration::from_secs(1), ..ways() }).await;
    let mut paused = site.cluster.past("b", "postgres").await;
    paused.execute("select pg_wal_replay_pause()").await.unwrap();
    let mut writer = site.raw().await;
    let begin = Instant::now();
    while site.member("b", "lag_seconds").await.as_f64().is_none_or(|lag| lag <= 1.0) {
        simple(&mut writer, "insert into note (what) values ('on and on')").await.unwrap();
        assert!(begin.elapsed() < PATIENCE, "it does not lag");
    }
    let before = site.member("b", "asked").await;
    let mut clients = vec![];
    for _ in 0..4 {
        let mut client = site.raw().await;
        at_a_standby(&mut client).await;
        clients.push(client);
    }
    assert_eq!(site.member("b", "asked").await, before);
    paused.execute("select pg_wal_replay_resume()").await.unwrap();
    site.until(|status| status["members"][1]["lag_seconds"].as_f64().is_some_and(|lag| lag < 1.0)).await;
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn large_answers_and_copies_come_through_whole() {
    let site = Site::shared().await;
    let mut client = site.client().await;
    let rows: Vec<String> =
        sqlx::query_scalar("select repeat('x', 1000) from generate_series(1, 5000)").fetch_all(&mut client).await.unwrap();
    assert_eq!((rows.len(), rows.iter().all(|row| row.len() == 1000)), (5000, true));
    let large = "y".repeat(3 << 20);
    let back: String = sqlx::query_scalar("select $1::text").bind(&large).fetch_one(&mut client).await.unwrap();
    assert_eq!(back.len(), large.len());
    let mut copy = client.copy_in_raw("copy note (what) from stdin").await.unwrap();
    let line = format!("copied by {}\n", site.port);
    for _ in 0..1000 {
        copy.send(line.repeat(100).as_bytes()).await.unwrap();
    }
    assert_eq!(copy.finish().await.unwrap(), 100_000);
    let found: i64 =
        sqlx::query_scalar("select count(*) from note where what = $1").bind(line.trim()).fetch_one(&mut client).await.unwrap();
    assert_eq!(found, 100_000);
    // one that fails leaves the session as it should
    let mut copy = client.copy_in_raw("copy thing from stdin").await.unwrap();
    drop(copy.send(&b"no number\tx\n"[..]).await);
    assert!(copy.finish().await.is_err());
    let one: i32 = sqlx::query_scalar("select 1").fetch_one(&mut client).await.unwrap();
    assert_eq!(one, 1);
    site.close().await;
}
