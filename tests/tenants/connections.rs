//! Connections are bounded, and those that nobody uses are closed within seconds.

use iasql::{engine::Kind, worker::Limits};
use sqlx::{AssertSqlSafe, PgConnection};

use super::{made, until, work};
use crate::control::{admin, own};

/// Our connections to these databases: those that listen, and all others.
async fn ours(admin: &mut PgConnection, names: &[String]) -> (i64, i64) {
    let counts =
        "count(*) filter (where application_name = 'iasql listening'), count(*) filter (where application_name <> 'iasql listening')";
    let asked = format!("select {counts} from pg_stat_activity where datname = any ($1)");
    sqlx::query_as(AssertSqlSafe(asked)).bind(names).fetch_one(admin).await.unwrap()
}

#[tokio::test]
async fn no_more_connections_are_open_than_there_may_be_and_idle_ones_are_closed() {
    let own = own().await;
    own.run("insert into control.setting (name, value) values ('connections', '8')").await;
    let mut names = Vec::new();
    for _ in 0..8 {
        names.push(made(&own.control, &[]).await.database.name);
    }
    let working = work(&own.control, Limits::default());
    let mut admin = admin("postgres").await;
    let mut runs = Vec::new();
    for name in &names {
        runs.push(own.control.request(name, Kind::Check, "ada").await.unwrap());
    }
    let mut most = 0;
    for run in runs {
        loop {
            let (listening, others) = ours(&mut admin, &names).await;
            most = most.max(listening + others);
            if own.control.run(run).await.unwrap().unwrap().ended() {
                break;
            }
        }
    }
    // whoever was told to go takes a moment
    assert!(most <= 16, "{most}");
    let names = &*names;
    let idle = || async {
        let (listening, others) = ours(&mut crate::control::admin("postgres").await, names).await;
        // half of the room is for ears
        (listening == 4 && others == 0).then_some(())
    };
    until("the end of idle connections", idle).await;
    assert!(own.control.open_now().0 <= 8);
    working.stop().await;
}
