//! The gateway as people meet it: how long a database takes to wake, and what stands between a client and it, beside PgBouncer.

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/gateway/client.rs"]
mod client;
mod load;
mod memory;
mod place;
mod pool;
mod shelf;
mod wake;

use std::{path::PathBuf, sync::OnceLock, time::Duration};

use iasql::gateway::Authority;
use tokio::time::timeout;

use crate::{ground::Ground, table::Figure};
use place::Place;

/// Of every login.
const PASSWORD: &str = "correct horse";
/// How many databases are made and woken, one after the other, and how often each is woken.
const SLEEPERS: usize = 100;
const WAKES: usize = 3;
/// How many databases hold sessions that say nothing, and how many in each.
const PARKED: (usize, usize) = (25, 16);
/// How long any step may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Tells each part that is wanted as soon as it is measured: all of it takes minutes.
pub(crate) async fn figures(ground: &Ground, wanted: impl Fn(&str) -> bool, tell: impl Fn(Vec<Figure>)) {
    let mut place = Place::of(ground).await;
    if wanted("wake") {
        tell(wake::figures(&place).await);
    }
    if wanted("load") {
        tell(load::figures(&place).await);
    }
    if wanted("memory") {
        tell(memory::figures(&place).await);
    }
    if wanted("shelf") {
        tell(shelf::figures(&mut place).await);
    }
    place.stop().await;
}

async fn within<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("in time")
}

/// The one that the gateway has made for itself.
fn authority() -> Authority {
    Authority::open(FOLDER.get().expect("a place").join("authority"), chrono::Utc::now()).expect("an authority")
}

/// The first gateway's folder.
static FOLDER: OnceLock<PathBuf> = OnceLock::new();

fn figure(what: &str, measured: String, goal: &'static str, beside: &str) -> Figure {
    Figure { what: what.to_owned(), measured, goal, beside: beside.to_owned() }
}

/// The least within which so many hundredths of all are (the nearest rank).
fn percentile(mut values: Vec<Duration>, hundredths: usize) -> Duration {
    values.sort();
    values[(values.len() * hundredths).div_ceil(100).saturating_sub(1)]
}
