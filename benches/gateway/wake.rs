//! From a client's first packet to its first row: of a database that is made, one that sleeps, one that is awake.

use std::time::{Duration, Instant};

use super::{
    SLEEPERS, WAKES, figure, percentile,
    place::{Place, enter},
    pool::Pool,
};
use crate::table::{Figure, median, time};

const WARM: usize = 300;

pub(super) async fn figures(place: &Place) -> Vec<Figure> {
    // what all share is made with the first one
    drop(place.gateway.enter("sleeper0").await.expect("a session"));
    let made = first_rows(place, true).await;
    place.gateway.is_quiet().await;
    let mut woken = Vec::new();
    for _ in 0..WAKES {
        woken.extend(first_rows(place, false).await);
        place.gateway.is_quiet().await;
    }
    let (warm, fresh) = warm(place).await;
    let middle = |took: &[Duration]| format!("{} (99 in 100 within {})", time(median(took.to_vec())), time(percentile(took.to_vec(), 99)));
    let how =
        format!("TCP, TLS, SCRAM and a query by a client of ours; {SLEEPERS} databases, one after the other, each woken {WAKES} times");
    vec![
        figure("connect → wake → first row of a stopped database", middle(&woken), "≤ 40 ms, 99 in 100 within 80 ms", &how),
        figure(
            "the first connect to a database, which makes it",
            middle(&made),
            "≤ 60 ms",
            "its first row included; each when the copy that it becomes is ready",
        ),
        figure(
            "connect with TLS and SCRAM to one that is awake",
            middle(&warm),
            "≤ 5 ms",
            &format!("PgBouncer with a free connection of its pool: {}", middle(&fresh)),
        ),
    ]
}

/// `copied`: each as soon as there is a copy of the template for it, for people don't make a hundred databases in one breath.
async fn first_rows(place: &Place, copied: bool) -> Vec<Duration> {
    let mut took = Vec::new();
    for n in 1..=SLEEPERS {
        if copied {
            place.gateway.has_a_copy().await;
        }
        let began = Instant::now();
        let mut client = place.gateway.enter(&format!("sleeper{n}")).await.expect("a session");
        client.ask("select 1").await;
        took.push(began.elapsed());
    }
    took
}

/// Through the gateway and through PgBouncer, in turns.
async fn warm(place: &Place) -> (Vec<Duration>, Vec<Duration>) {
    let held = place.gateway.enter("busy").await.expect("a session");
    let pool = Pool::before(place).await;
    let (mut gateway, mut bouncer) = (Vec::new(), Vec::new());
    for _ in 0..WARM {
        for (port, took) in [(place.gateway.port, &mut gateway), (pool.port, &mut bouncer)] {
            let began = Instant::now();
            drop(enter(port, "busy").await.expect("a session"));
            took.push(began.elapsed());
        }
    }
    pool.stop();
    drop(held);
    (gateway, bouncer)
}
