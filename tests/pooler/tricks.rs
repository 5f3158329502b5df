//! Statements that are not what they look like: each is answered as the primary would answer it.

use sqlx::PgConnection;

use super::{Site, client::Client, simple};

/// A statement, what is asked of the primary afterwards, and what it must say.
const TRICKS: [(&str, &str, &str); 21] = [
    ("select noted('trick 1')", "select count(*) from note where what = 'trick 1'", "1"),
    ("select nextval('counter')", "select is_called from counter", "true"),
    ("select setval('counter', 41)", "select last_value from counter", "41"),
    ("select 4 as four into trick4", "select four from trick4", "4"),
    ("do $$ begin insert into note (what) values ('trick 5'); end $$", "select count(*) from note where what = 'trick 5'", "1"),
    ("select pg_notify('trick', '6')", "select 6", "6"),
    ("select cron.schedule('trick 7', '', '')", "select count(*) from note where what = 'trick 7'", "1"),
    ("select id from thing where id = 1 for update", "select 8", "8"),
    ("explain analyze insert into note (what) values ('trick 9')", "select count(*) from note where what = 'trick 9'", "1"),
    (
        "with made as (insert into note (what) values ('trick 10') returning id) select id from made",
        "select count(*) from note where what = 'trick 10'",
        "1",
    ),
    ("select lo_create(1100)", "select count(*) from pg_largeobject_metadata where oid = 1100", "1"),
    ("set work_mem = '5MB'; select 12", "select 12", "12"),
    ("create temp table trick13 (a int)", "select count(*) from pg_class where relname = 'trick13' and relpersistence = 't'", "1"),
    ("listen trick", "select 14", "14"),
    ("select pg_advisory_lock(1515)", "select count(*) from pg_locks where locktype = 'advisory' and objid = 1515 and granted", "1"),
    ("select txid_current() > 0", "select 16", "16"),
    ("select set_config('work_mem', '6MB', false)", "select 17", "17"),
    ("select 1; insert into note (what) values ('trick 18')", "select count(*) from note where what = 'trick 18'", "1"),
    (
        "/* /* select */ */ -- '\n ((select id from writing)); insert into note (what) values ('trick 19')",
        "select count(*) from note where what = 'trick 19'",
        "1",
    ),
    ("begin; declare trick20 cursor with hold for select 20; commit", "select 20", "20"),
    ("select id from writing", "select count(*) > 0 from note where what = 'by a view'", "true"),
];

async fn scalar(past: &mut PgConnection, sql: &str) -> String {
    let text = format!("select ({})::text", sql.trim());
    sqlx::query_scalar(sqlx::AssertSqlSafe(text)).fetch_one(past).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

async fn answers(client: &mut Client, sql: &str) {
    simple(client, sql).await.unwrap_or_else(|code| panic!("{sql}: {code}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_answered_as_by_the_primary_whichever_protocol_asks() {
    // of its own, for what it leaves is seen by all
    let site = Site::own().await;
    let mut past = site.cluster.past("a", "main").await;
    let mut client = site.raw().await;
    for (statement, check, expected) in TRICKS {
        // each on a session that reads from a standby before
        assert_eq!(simple(&mut client, "select standby from place").await.map(|found| found.is_some()), Ok(true));
        answers(&mut client, statement).await;
        assert_eq!(scalar(&mut past, check).await, expected, "{statement}");
        if statement.contains("temp") || statement.contains("advisory") {
            answers(&mut client, "discard all").await;
        }
    }
    // what some of them left is still there
    for (statement, expected) in [("fetch trick20", "20"), ("show work_mem", "6MB")] {
        assert_eq!(simple(&mut client, statement).await, Ok(Some(expected.to_owned())), "{statement}");
    }
    let mut prepared = site.client().await;
    for sql in
        ["select noted('prepared')", "select nextval('counter')", "select id from writing", "select pg_advisory_xact_lock(1)::text is null"]
    {
        let _ = sqlx::query("select standby from place").fetch_one(&mut prepared).await.expect("a read");
        let _ = sqlx::query(sql).fetch_one(&mut prepared).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    assert_eq!(scalar(&mut past, "select count(*) from note where what = 'prepared'").await, "1");
    // COPY is asked in its own way
    let mut copy = prepared.copy_in_raw("copy note (what) from stdin").await.expect("a copy");
    copy.send(&b"trick 22\n"[..]).await.expect("sent");
    copy.finish().await.expect("copied");
    assert_eq!(scalar(&mut past, "select count(*) from note where what = 'trick 22'").await, "1");
    drop(past);
    site.close().await;
}
