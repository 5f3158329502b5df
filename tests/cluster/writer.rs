//! Somebody who writes numbered rows to whoever takes them, and notes which were acknowledged and when.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use iasql::{
    cluster::{Peer, Sheet},
    failover::Member,
};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::{
    task::JoinHandle,
    time::{interval, timeout},
};
use tokio_util::sync::CancellationToken;

use super::site::LOOK;

/// How long it waits for an answer before it asks another member.
const PATIENCE: Duration = Duration::from_millis(1500);

/// A row's number and when it was acknowledged.
type Acknowledged = Arc<Mutex<Vec<(i64, Instant)>>>;

pub(super) struct Writer {
    acknowledged: Acknowledged,
    ends: CancellationToken,
    runs: JoinHandle<()>,
}

impl Writer {
    /// Begins behind the highest number that there is.
    pub(super) fn start(sheet: &Sheet, from: i64) -> Self {
        let (acknowledged, ends) = (Acknowledged::default(), CancellationToken::new());
        let runs = tokio::spawn(write(sheet.clone(), from, Arc::clone(&acknowledged), ends.clone()));
        Self { acknowledged, ends, runs }
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

    /// Ends. Answers what was acknowledged, and the longest time in which nothing was.
    pub(super) async fn end(self) -> (BTreeSet<i64>, Duration) {
        self.ends.cancel();
        self.runs.await.expect("an end");
        let rows = self.acknowledged.lock().expect("a list");
        let gap = rows.windows(2).map(|pair| pair[1].1 - pair[0].1).max().unwrap_or_default();
        (rows.iter().map(|(number, _)| *number).collect(), gap)
    }
}

async fn write(sheet: Sheet, from: i64, acknowledged: Acknowledged, ends: CancellationToken) {
    let (mut number, mut session, mut turn) = (from, None::<PgConnection>, 0_u16);
    while !ends.is_cancelled() {
        let Some(open) = session.as_mut() else {
            turn = (turn + 1) % 3;
            session = timeout(PATIENCE, connect(&sheet.members[&Member(turn)])).await.ok().and_then(Result::ok);
            tokio::task::yield_now().await;
            continue;
        };
        number += 1;
        let insert = sqlx::query("insert into public.rows (number) values ($1)").bind(number).execute(open);
        if matches!(timeout(PATIENCE, insert).await, Ok(Ok(_))) {
            acknowledged.lock().expect("a list").push((number, Instant::now()));
        } else {
            session = None;
        }
    }
}

/// A session through the door of a member.
pub(super) async fn connect(peer: &Peer) -> Result<PgConnection, sqlx::Error> {
    let options = PgConnectOptions::new_without_pgpass().host(&peer.door.ip().to_string()).port(peer.door.port());
    let options = options.username("postgres").password("the password of this test").database("postgres");
    PgConnection::connect_with(&options).await
}

/// The table that is written into.
pub(super) async fn table(sheet: &Sheet, primary: Member) {
    let mut session = connect(&sheet.members[&primary]).await.expect("a session");
    sqlx::raw_sql("create table public.rows (number bigint primary key)").execute(&mut session).await.expect("a table");
}

/// All rows that a member has.
pub(super) async fn rows(sheet: &Sheet, member: Member) -> BTreeSet<i64> {
    let mut session = connect(&sheet.members[&member]).await.expect("a session");
    let rows = sqlx::query_scalar("select number from public.rows").fetch_all(&mut session).await.expect("rows");
    rows.into_iter().collect()
}

/// Waits until a member has all of these.
pub(super) async fn has(sheet: &Sheet, member: Member, wanted: &BTreeSet<i64>) {
    let mut looks = interval(LOOK);
    let waits = async {
        while !rows(sheet, member).await.is_superset(wanted) {
            looks.tick().await;
        }
    };
    if timeout(super::site::PATIENCE, waits).await.is_err() {
        let missing: Vec<_> = wanted.difference(&rows(sheet, member).await).copied().collect();
        panic!("member {} lacks {missing:?}", member.0);
    }
}
