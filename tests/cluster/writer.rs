//! Somebody who writes numbered rows to whoever takes them, and notes which were acknowledged and when.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::{
    task::JoinHandle,
    time::{interval, timeout},
};
use tokio_util::sync::CancellationToken;

use super::site::{LOOK, Site};

/// How long it waits for an answer before it asks another member, and before it gives the pooler up.
const PATIENCE: Duration = Duration::from_millis(1500);
const POOLED: Duration = Duration::from_secs(60);

/// A row's number and when it was acknowledged.
type Acknowledged = Arc<Mutex<Vec<(i64, Instant)>>>;

pub(super) struct Writer {
    acknowledged: Acknowledged,
    refused: Arc<AtomicUsize>,
    ends: CancellationToken,
    runs: JoinHandle<()>,
}

/// What came of it.
pub(super) struct Written {
    pub(super) rows: BTreeSet<i64>,
    /// The longest time in which nothing was acknowledged.
    pub(super) gap: Duration,
    /// How often something was not.
    pub(super) refused: usize,
}

impl Writer {
    /// Writes to whichever member takes it, with numbers behind this one.
    pub(super) fn start(site: &Site, from: i64) -> Self {
        Self::by(site.doors(), from, PATIENCE)
    }

    /// Writes through the pooler.
    pub(super) fn pooled(site: &Site, from: i64) -> Self {
        Self::by(vec![site.pooled()], from, POOLED)
    }

    fn by(ways: Vec<PgConnectOptions>, from: i64, patience: Duration) -> Self {
        let (acknowledged, refused, ends) = (Acknowledged::default(), Arc::default(), CancellationToken::new());
        let runs = tokio::spawn(write(ways, from, patience, Arc::clone(&acknowledged), Arc::clone(&refused), ends.clone()));
        Self { acknowledged, refused, ends, runs }
    }

    pub(super) fn count(&self) -> usize {
        self.acknowledged.lock().expect("a list").len()
    }

    /// Waits until so many more were acknowledged.
    pub(super) async fn more(&self, rows: usize) {
        let (before, mut looks) = (self.count(), interval(LOOK));
        let waits = async {
            while self.count() < before + rows {
                looks.tick().await;
            }
        };
        timeout(super::site::PATIENCE, waits).await.expect("somebody takes writes");
    }

    pub(super) async fn end(self) -> Written {
        self.ends.cancel();
        self.runs.await.expect("an end");
        let rows = self.acknowledged.lock().expect("a list");
        let gap = rows.windows(2).map(|pair| pair[1].1 - pair[0].1).max().unwrap_or_default();
        Written { rows: rows.iter().map(|(number, _)| *number).collect(), gap, refused: self.refused.load(Ordering::SeqCst) }
    }
}

async fn write(
    ways: Vec<PgConnectOptions>,
    from: i64,
    patience: Duration,
    acknowledged: Acknowledged,
    refused: Arc<AtomicUsize>,
    ends: CancellationToken,
) {
    let (mut number, mut session, mut turn) = (from, None::<PgConnection>, 0);
    while !ends.is_cancelled() {
        let Some(open) = session.as_mut() else {
            turn = (turn + 1) % ways.len();
            session = timeout(patience, PgConnection::connect_with(&ways[turn])).await.ok().and_then(Result::ok);
            tokio::task::yield_now().await;
            continue;
        };
        number += 1;
        let insert = sqlx::query("insert into public.rows (number) values ($1)").bind(number).execute(open);
        match timeout(patience, insert).await {
            Ok(Ok(_)) => acknowledged.lock().expect("a list").push((number, Instant::now())),
            failed => {
                if let Ok(Err(error)) = failed {
                    println!("row {number}: {error}");
                }
                refused.fetch_add(1, Ordering::SeqCst);
                session = None;
            }
        }
    }
}

/// The table that is written into.
pub(super) async fn table(way: &PgConnectOptions) {
    let mut session = PgConnection::connect_with(way).await.expect("a session");
    sqlx::raw_sql("create table public.rows (number bigint primary key)").execute(&mut session).await.expect("a table");
}

/// All rows that are there.
pub(super) async fn rows(way: &PgConnectOptions) -> BTreeSet<i64> {
    let mut session = PgConnection::connect_with(way).await.expect("a session");
    let rows = sqlx::query_scalar("select number from public.rows").fetch_all(&mut session).await.expect("rows");
    rows.into_iter().collect()
}

/// Waits until somebody has all of these.
pub(super) async fn has(way: &PgConnectOptions, wanted: &BTreeSet<i64>) {
    let mut looks = interval(LOOK);
    let waits = async {
        while !rows(way).await.is_superset(wanted) {
            looks.tick().await;
        }
    };
    if timeout(super::site::PATIENCE, waits).await.is_err() {
        let missing: Vec<_> = wanted.difference(&rows(way).await).copied().collect();
        panic!("{} lacks {missing:?}", way.get_port());
    }
}
