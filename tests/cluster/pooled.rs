//! Clients who come through the pooler: what they notice of what happens to the primary.

use std::time::Duration;

use iasql::failover::{Member, Role};
use nix::sys::signal::Signal;
use sqlx::{Connection, PgConnection, Row};
use tokio::time::{interval, timeout};

use super::{
    TURN, nothing_is_lost_of, others,
    site::{LOOK, PATIENCE, Site, wanted},
    writer::{Writer, Written},
};

/// A session through the pooler as soon as there is one, with a table that was written through it.
async fn first_write(site: &Site) {
    let (mut looks, way) = (interval(LOOK), site.pooled());
    let waits = async {
        loop {
            looks.tick().await;
            let Ok(mut session) = PgConnection::connect_with(&way).await else { continue };
            if sqlx::raw_sql("create table public.rows (number bigint primary key)").execute(&mut session).await.is_ok() {
                return;
            }
        }
    };
    timeout(PATIENCE, waits).await.expect("a write through the pooler");
    println!("from nothing to a write through the pooler: {:?}", site.began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_the_pooler_wait_while_the_primary_changes() {
    let _turn = TURN.lock().await;
    let site = Site::like(wanted(false), true, None).await;
    first_write(&site).await;
    let first = site.well(&super::ALL).await.state.record.primary.0;
    println!("from nothing to all streaming: {:?}", site.began.elapsed());

    // one that somebody asked for: nobody hears of it
    let writes = Writer::pooled(&site, 0);
    writes.more(50).await;
    let to = others(first)[1];
    site.want(|wanted| wanted.preferred = Some(Member(to)));
    site.until("that the preferred one leads", |shown| shown.state.record.primary.0 == to).await;
    let shown = site.well(&[to]).await;
    writes.more(50).await;
    let Written { rows: planned, gap, refused } = writes.end().await;
    println!("switchover through the pooler: {} rows, gap {gap:?}, {refused} errors; {:?}", planned.len(), shown.state.last);
    assert_eq!(refused, 0, "a planned change is an error for nobody");
    assert!(shown.state.last.is_some_and(|last| last.planned && last.to == Member(to)));

    // one that nobody asked for: whoever was just being served may hear of it, and all others wait
    site.want(|wanted| wanted.preferred = None);
    let writes = Writer::pooled(&site, 1_000_000);
    writes.more(50).await;
    nix::sys::signal::kill(site.postmaster(to), Signal::SIGKILL).expect("a server");
    site.until("another primary", |shown| shown.state.record.primary.0 != to && shown.state.record.leader().is_some()).await;
    writes.more(50).await;
    let shown = site.well(&others(to)).await;
    let Written { rows: killed, gap, refused } = writes.end().await;
    println!("kill -9 through the pooler: {} rows, gap {gap:?}, {refused} errors; {:?}", killed.len(), shown.state.last);
    nothing_is_lost_of(&site, &super::ALL, "main", &(&planned | &killed)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_renewed_while_sessions_go_on() {
    let _turn = TURN.lock().await;
    let site = Site::like(wanted(false), true, Some(Duration::from_secs(15))).await;
    first_write(&site).await;
    let shown = site.well(&super::ALL).await;
    let mut session = PgConnection::connect_with(&site.pooled()).await.expect("a session");
    let writes = Writer::pooled(&site, 0);
    let later = |shown: &iasql::cluster::Shown, before: &iasql::cluster::Shown, by: i64| {
        let passed = |at: chrono::DateTime<chrono::Utc>, now: chrono::DateTime<chrono::Utc>| (now - at).num_seconds() >= by;
        let members = before.certificates.iter().all(|(member, at)| shown.certificates.get(member).is_some_and(|now| passed(*at, *now)));
        let ends = |shown: &iasql::cluster::Shown| shown.poolers.values().find_map(|pooler| pooler.certificate_ends);
        members && ends(before).zip(ends(shown)).is_some_and(|(at, now)| passed(at, now))
    };
    // by then nothing that was shown at first counts any more
    site.until("another certificate everywhere", |now| later(now, &shown, 16)).await;
    let row = sqlx::query("select 1").fetch_one(&mut session).await.expect("the session goes on");
    assert_eq!(row.get::<i32, _>(0), 1);
    let shown = site.well(&super::ALL).await;
    assert!(shown.members.values().filter(|seen| seen.role == Some(Role::Standby)).all(|seen| seen.receiving));
    PgConnection::connect_with(&site.pooled()).await.expect("a new session");
    PgConnection::connect_with(&site.door(0)).await.expect("a new session at a member");
    assert_eq!(writes.end().await.refused, 0);
}
