//! A cluster of real servers: from nothing to three, and back to three after each of what can happen to its primary.

mod away;
mod pooled;
mod site;
mod wanted;
mod writer;

use std::collections::BTreeSet;

use nix::sys::signal::Signal;
use sqlx::{Connection, PgConnection};
use tokio::sync::Mutex;

use site::Site;
use writer::{Writer, Written};

/// One at a time: each has three servers.
static TURN: Mutex<()> = Mutex::const_new(());

const ALL: [u16; 3] = [0, 1, 2];

/// All of these are on every member.
async fn nothing_is_lost(site: &Site, wanted: &BTreeSet<i64>) {
    nothing_is_lost_of(site, &ALL, "postgres", wanted).await;
}

async fn nothing_is_lost_of(site: &Site, members: &[u16], database: &str, wanted: &BTreeSet<i64>) {
    for number in members {
        writer::has(&site.door(*number).database(database), wanted).await;
    }
}

/// A cluster with a table, and who leads it.
async fn begun(synchronous: bool) -> (Site, u16) {
    let site = Site::start(synchronous).await;
    let shown = site.well(&ALL).await;
    let primary = shown.state.record.primary;
    writer::table(&site.door(primary.0)).await;
    (site, primary.0)
}

fn others(than: u16) -> Vec<u16> {
    ALL.into_iter().filter(|number| *number != than).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_begins_from_nothing_and_a_killed_server_costs_no_row_and_comes_back() {
    let _turn = TURN.lock().await;
    let (site, first) = begun(false).await;
    site.is_its_own(first).await;
    assert!(ALL.iter().all(|member| !site.home(*member).join("ready").exists()), "what was laid ready is used");
    let writes = Writer::start(&site, 0);
    writes.more(50).await;
    nix::sys::signal::kill(site.postmaster(first), Signal::SIGKILL).expect("a server");
    let shown = site.well(&others(first)).await;
    assert!(shown.state.record.term > 2, "a promotion and not a restart");
    writes.more(50).await;
    let Written { rows: acknowledged, gap, .. } = writes.end().await;
    println!("killed postmaster: {} rows, gap {gap:?}", acknowledged.len());
    nothing_is_lost(&site, &acknowledged).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_is_lost_costs_no_row_where_commits_wait_and_follows_when_it_returns() {
    let _turn = TURN.lock().await;
    let (mut site, first) = begun(true).await;
    let writes = Writer::start(&site, 0);
    writes.more(50).await;
    site.lose(first);
    site.until("another primary", |shown| shown.state.record.primary.0 != first && shown.state.record.leader().is_some()).await;
    writes.more(50).await;
    site.returns(first);
    site.well(&others(first)).await;
    writes.more(50).await;
    let Written { rows: acknowledged, gap, .. } = writes.end().await;
    println!("lost machine: {} rows, gap {gap:?}", acknowledged.len());
    nothing_is_lost(&site, &acknowledged).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_primary_acknowledges_nothing_once_another_leads() {
    let _turn = TURN.lock().await;
    let (site, first) = begun(false).await;
    let writes = Writer::start(&site, 0);
    writes.more(50).await;
    let before = writes.end().await.rows;
    nothing_is_lost(&site, &before).await;
    let mut held = PgConnection::connect_with(&site.door(first)).await.expect("a session");
    sqlx::query("select 1").execute(&mut held).await.expect("an answer");

    site.signal(first, Signal::SIGSTOP);
    // sent while it is frozen, carried out as soon as it thaws
    let late = tokio::spawn(async move { sqlx::query("insert into public.rows (number) values (-1)").execute(&mut held).await });
    let writes = Writer::start(&site, 1_000_000);
    site.until("another primary", |shown| shown.state.record.primary.0 != first && shown.state.record.leader().is_some()).await;
    writes.more(50).await;
    site.signal(first, Signal::SIGCONT);
    assert!(late.await.expect("an end").is_err(), "it acknowledges a commit while another one leads");

    site.well(&others(first)).await;
    writes.more(50).await;
    let Written { rows: after, gap, .. } = writes.end().await;
    println!("frozen primary: {} rows, gap {gap:?}", after.len());
    nothing_is_lost(&site, &(&before | &after)).await;
    assert!(!writer::rows(&site.door(first)).await.contains(&-1));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_one_leads_when_it_is_preferred_and_no_row_is_lost() {
    let _turn = TURN.lock().await;
    let (site, first) = begun(false).await;
    let writes = Writer::start(&site, 0);
    writes.more(50).await;
    let to = others(first)[1];
    site.prefer(to).await;
    site.well(&[to]).await;
    writes.more(50).await;
    let Written { rows: acknowledged, gap, .. } = writes.end().await;
    println!("planned change: {} rows, gap {gap:?}", acknowledged.len());
    nothing_is_lost(&site, &acknowledged).await;
}
