//! A primary that changes, or goes: clients wait, and few hear of it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{Client, Site, at_a_standby, simple, within};

/// Clients that write numbered rows, and remember which were acknowledged.
struct Writers {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    tasks: Vec<tokio::task::JoinHandle<(Vec<String>, usize)>>,
}

impl Writers {
    async fn begin(site: &Site, count: usize) -> Self {
        let (stop, acknowledged) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let mut tasks = vec![];
        for writer in 0..count {
            let (mut client, stop, acknowledged) = (site.raw().await, Arc::clone(&stop), Arc::clone(&acknowledged));
            tasks.push(tokio::spawn(async move {
                let (mut written, mut failed) = (vec![], 0);
                for n in 0.. {
                    let what = format!("writer {writer} {n}");
                    match simple(&mut client, &format!("insert into note (what) values ('{what}')")).await {
                        Ok(_) => written.push(what),
                        Err(_) => failed += 1,
                    }
                    acknowledged.fetch_add(1, Ordering::SeqCst);
                    if stop.load(Ordering::SeqCst) || failed > 0 {
                        break;
                    }
                }
                (written, failed)
            }));
        }
        Self { stop, acknowledged, tasks }
    }

    /// Until so many more are acknowledged.
    async fn more(&self, count: usize) {
        let (from, begin) = (self.acknowledged.load(Ordering::SeqCst), Instant::now());
        while self.acknowledged.load(Ordering::SeqCst) < from + count {
            assert!(begin.elapsed() < super::PATIENCE, "nothing is written");
            tokio::task::yield_now().await;
        }
    }

    /// What was acknowledged, and how many failed.
    async fn end(self) -> (Vec<String>, usize) {
        self.stop.store(true, Ordering::SeqCst);
        let (mut all, mut failures) = (vec![], 0);
        for task in self.tasks {
            let (written, failed) = within(task).await.expect("a writer");
            all.extend(written);
            failures += failed;
        }
        (all, failures)
    }
}

async fn does(site: &Site, what: &str) {
    let (cluster, what) = (Arc::clone(&site.cluster), what.to_owned());
    tokio::task::spawn_blocking(move || cluster.does(&what)).await.expect("done");
}

/// Makes another one the primary, as an engine does that has seen the old one stop.
async fn promote(site: &Site, term: u64, new: &str, other: &str) {
    does(site, &format!("promote {new}")).await;
    let (status, said) = site.asks("POST", "/members", &json!({ "term": term, "members": site.cluster.members(new) })).await;
    assert_eq!(status, 200, "{said}");
    does(site, &format!("follow {other} {new}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switchover_under_load_is_an_error_for_nobody() {
    let site = Site::own().await;
    let writers = Writers::begin(&site, 4).await;
    writers.more(50).await;
    let mut open = site.raw().await;
    simple(&mut open, "begin").await.unwrap();
    simple(&mut open, "insert into note (what) values ('open')").await.unwrap();
    let began = Instant::now();
    let ending = async { simple(&mut open, "commit").await };
    let (paused, committed) = tokio::join!(site.asks("POST", "/pause", &Value::Null), ending);
    assert_eq!((paused.1["cut"].as_u64(), committed), (Some(0), Ok(None)));
    // reads go on
    let mut reader = site.raw().await;
    at_a_standby(&mut reader).await;
    does(&site, "stop a").await;
    promote(&site, 2, "b", "c").await;
    assert_eq!(site.asks("POST", "/resume", &Value::Null).await.0, 200);
    writers.more(50).await;
    eprintln!("a switchover took {:?}", began.elapsed());
    let (written, failed) = writers.end().await;
    assert_eq!(failed, 0);
    let mut past = site.cluster.past("b", "main").await;
    let kept: i64 =
        sqlx::query_scalar("select count(distinct what) from note where what like 'writer %'").fetch_one(&mut past).await.unwrap();
    assert_eq!(usize::try_from(kept), Ok(written.len()));
    drop(past);
    site.close().await;
}

/// Until a note is at the standby that is promoted next.
async fn arrived(site: &Site, what: &str) {
    let mut past = site.cluster.past("b", "main").await;
    let begin = Instant::now();
    let count = || sqlx::query_scalar::<_, i64>("select count(*) from note where what = $1").bind(what);
    while count().fetch_one(&mut past).await.unwrap() == 0 {
        assert!(begin.elapsed() < super::PATIENCE, "it does not arrive");
    }
}

/// What a client hears that is let down: the SQLSTATE and whether there is a hint; and that its session is over.
async fn last_word(client: &mut Client) -> (String, bool) {
    let (kind, body) = client.hear().await.expect("a last word");
    assert_eq!(kind, b'E', "{}", String::from_utf8_lossy(&body));
    assert!(client.hear().await.is_none(), "the session is over");
    (super::client::sqlstate(&body), body.split(|byte| *byte == 0).any(|field| field.first() == Some(&b'H')))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_is_killed_costs_only_what_was_open_there() {
    let site = Site::own().await;
    let (mut open, mut idle, mut fresh) = (site.raw().await, site.raw().await, site.raw().await);
    simple(&mut open, "begin").await.unwrap();
    simple(&mut open, "insert into note (what) values ('lost')").await.unwrap();
    simple(&mut idle, "insert into note (what) values ('kept')").await.unwrap();
    arrived(&site, "kept").await;
    does(&site, "kill a").await;
    let (code, hint) = last_word(&mut open).await;
    assert!(hint && ["08006", "57P01"].contains(&&*code), "{code}");
    // who has nothing open waits for the next primary, and reads meanwhile
    at_a_standby(&mut fresh).await;
    let waiting = tokio::spawn(async move {
        let written = simple(&mut idle, "insert into note (what) values ('after')").await;
        (written, simple(&mut idle, "select count(*) from note where what in ('kept', 'after', 'lost')").await)
    });
    // it has seen that nobody is there
    site.until(|status| status["members"][0]["answers"] == false).await;
    assert!(!waiting.is_finished());
    promote(&site, 2, "b", "c").await;
    assert_eq!(within(waiting).await.unwrap(), (Ok(None), Ok(Some("2".to_owned()))));
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_hangs_is_heard_no_more_when_there_is_another() {
    let site = Site::own().await;
    let (mut writing, mut reading) = (site.raw().await, site.raw().await);
    simple(&mut writing, "insert into note (what) values ('before')").await.unwrap();
    does(&site, "freeze a").await;
    let stuck = tokio::spawn(async move {
        writing.begin("insert into note (what) values ('stuck')").await;
        last_word(&mut writing).await
    });
    site.until(|status| status["busy"] == 1).await;
    at_a_standby(&mut reading).await;
    promote(&site, 2, "b", "c").await;
    assert_eq!(within(stuck).await.unwrap(), ("08006".to_owned(), true));
    assert_eq!(simple(&mut reading, "insert into note (what) values ('at the new one')").await, Ok(None));
    does(&site, "thaw a").await;
    // an engine that comes late can't route back
    let late = json!({ "term": 1, "members": site.cluster.members("a") });
    assert_eq!(site.asks("POST", "/members", &late).await.0, 409);
    for _ in 0..20 {
        simple(&mut reading, "insert into note (what) values ('at the new one')").await.unwrap();
    }
    let mut past = site.cluster.past("b", "main").await;
    let kept: i64 = sqlx::query_scalar("select count(*) from note where what = 'at the new one'").fetch_one(&mut past).await.unwrap();
    assert_eq!(kept, 21);
    drop(past);
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_outlasts_the_pause_is_cut_and_says_so() {
    let site = Site::shared().await;
    let mut open = site.raw().await;
    simple(&mut open, "begin").await.unwrap();
    simple(&mut open, "insert into note (what) values ('too long')").await.unwrap();
    let (status, paused) = site.asks("POST", "/pause?seconds=0.2", &Value::Null).await;
    assert_eq!((status, &paused["cut"]), (200, &json!(1)));
    assert_eq!(last_word(&mut open).await, ("57P01".to_owned(), true));
    assert_eq!(site.asks("POST", "/resume", &Value::Null).await.0, 200);
    let mut other = site.raw().await;
    assert_eq!(simple(&mut other, "select noted('x') > 0").await, Ok(Some("t".to_owned())));
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_that_goes_is_read_past() {
    let site = Site::own().await;
    let (mut one, mut two) = (site.raw().await, site.raw().await);
    for client in [&mut one, &mut two] {
        at_a_standby(client).await;
    }
    does(&site, "kill b").await;
    for _ in 0..20 {
        for client in [&mut one, &mut two] {
            assert_eq!(simple(client, "select count(*) from thing").await, Ok(Some("1000".to_owned())));
        }
    }
    does(&site, "freeze c").await;
    let began = Instant::now();
    for client in [&mut one, &mut two] {
        assert_eq!(simple(client, "select count(*) from thing").await, Ok(Some("1000".to_owned())));
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    does(&site, "thaw c").await;
    site.close().await;
}
