//! Connections are bounded, and those that nobody uses are closed within seconds.

use std::{collections::BTreeSet, time::Duration};

use iasql::{control::RunInfo, engine::Kind, worker::Limits};
use sqlx::PgConnection;
use tokio::time::interval;

use super::{made, until, until_within, work};
use crate::control::{admin, own};

/// How many connections there may be.
const LIMIT: usize = 8;
/// How long nobody needs to be there any more who was told to go.
const GOES: Duration = Duration::from_millis(250);

/// Our connections to these databases, by number, and whether each listens.
async fn ours(admin: &mut PgConnection, names: &[String]) -> BTreeSet<(i32, bool)> {
    let asked = "select pid, application_name = 'iasql listening' from pg_stat_activity where datname = any ($1)";
    let found: Vec<(i32, bool)> = sqlx::query_as(asked).bind(names).fetch_all(admin).await.unwrap();
    found.into_iter().collect()
}

#[tokio::test]
async fn no_more_connections_are_open_than_there_may_be_and_idle_ones_are_closed() {
    let own = own().await;
    own.run("insert into control.setting (name, value) values ('connections', '8')").await;
    let mut names = Vec::new();
    for _ in 0..8 {
        names.push(made(&own.control, &[]).await.database.name);
    }
    let mut admin = admin("postgres").await;
    let names = &*names;
    // those by which they were made
    until("the end of the setups", || async { ours(&mut super::connect(&own.url).await, names).await.is_empty().then_some(()) }).await;
    let working = work(&own.control, Limits::default());
    for name in names {
        own.control.request(name, Kind::Check, "ada").await.unwrap();
    }
    let (mut before, mut samples, mut ticks) = (BTreeSet::new(), 0, interval(GOES));
    let asked = "select count(*) from control.run where asked_by = 'ada' and ended_at is null";
    while sqlx::query_scalar::<_, i64>(asked).fetch_one(own.control.pool()).await.unwrap() > 0 || samples < 4 {
        ticks.tick().await;
        let now = ours(&mut admin, names).await;
        // a server ends a connection a moment after it was told to: who is there twice was not
        let open = now.intersection(&before).count();
        assert!(open <= LIMIT, "{open}: {now:?} {before:?}");
        (before, samples) = (now, samples + 1);
    }
    for name in names {
        let runs = own.control.runs(name, 9).await.unwrap();
        assert!(runs.iter().any(|run| run.asked_by == "ada" && run.ended()), "{:?}", runs.iter().map(RunInfo::ended).collect::<Vec<_>>());
    }
    let idle = || async {
        let listening = ours(&mut super::connect(&own.url).await, names).await;
        // half of the room is for ears
        (listening.len() == LIMIT / 2 && listening.iter().all(|(_, listens)| *listens)).then_some(())
    };
    // they are kept for fifteen
    until_within(Duration::from_secs(30), "the end of idle connections", idle).await;
    assert!(own.control.open_now().0 <= 8);
    working.stop().await;
}
