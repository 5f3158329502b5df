//! A cluster whose bucket does not answer.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use tokio::time::{interval, timeout};

use super::{
    TURN, begun, nothing_is_lost, others,
    site::{self, LOOK, PATIENCE},
    writer::{Writer, Written},
};

/// How long a lease lasts there.
fn lease() -> Duration {
    Duration::from_millis(site::wanted(true).timing.lease.unsigned_abs())
}

/// Looks until it is so.
async fn until(what: &str, is: impl Fn() -> bool) {
    let mut looks = interval(LOOK);
    let found = async {
        while !is() {
            looks.tick().await;
        }
    };
    assert!(timeout(PATIENCE, found).await.is_ok(), "{what} takes too long");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_away_for_longer_than_a_lease_takes_no_write_away() {
    let _turn = TURN.lock().await;
    let (site, first) = begun(true).await;
    let before = site.well(&[first]).await.state.record;
    let writes = Writer::start(&site, 0);
    writes.more(50).await;
    site.store.open(false);
    let (since, promised) = (Instant::now(), |number: u16| site.home(number).join("promised_ms").exists());
    while since.elapsed() < lease() * 3 / 2 {
        writes.more(20).await;
    }
    assert!(others(first).into_iter().all(promised), "who may lead has promised that he will not, and written that down");
    site.store.open(true);
    until("that promises are forgotten", || !others(first).into_iter().any(promised)).await;
    writes.more(50).await;
    let Written { rows: acknowledged, gap, .. } = writes.end().await;
    println!("bucket away: {} rows, gap {gap:?}", acknowledged.len());
    // one that had ended with its lease would have been promoted again
    assert_eq!(site.well(&[first]).await.state.record.term, before.term);
    nothing_is_lost(&site, &acknowledged).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_bucket_and_the_word_of_one_member_a_primary_ends_with_its_lease() {
    let _turn = TURN.lock().await;
    let (site, first) = begun(true).await;
    let before = site.well(&[first]).await.state.record;
    let writes = Writer::start(&site, 0);
    writes.more(50).await;
    let (silent, server) = (others(first)[0], site.postmaster(first));
    site.signal(silent, Signal::SIGSTOP);
    site.store.open(false);
    let since = Instant::now();
    until("that its server ends", || kill(server, None).is_err()).await;
    println!("it ended after {:?}", since.elapsed());
    site.signal(silent, Signal::SIGCONT);
    site.store.open(true);
    let after =
        site.until("one that leads again", |shown| shown.state.record.term > before.term && site::is_well(shown)).await.state.record;
    println!("member {} leads in term {}", after.primary.0, after.term);
    writes.more(50).await;
    let Written { rows: acknowledged, .. } = writes.end().await;
    nothing_is_lost(&site, &acknowledged).await;
}
