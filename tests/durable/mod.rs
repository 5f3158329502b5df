//! What a commit survives: nodes as real processes over one bucket, which are killed, frozen and cut off, and their databases, which go on elsewhere.

mod book;
mod campaign;
mod child;
mod field;
mod figures;
mod frozen;
mod lost;
mod pause;
pub(crate) mod way;

use std::time::Duration;

use tokio::time::{interval, timeout};

/// How long anything may take here: the machine may be busy with other things.
const PATIENCE: Duration = Duration::from_secs(90);

async fn in_time<T>(what: &str, work: impl Future<Output = T>) -> T {
    timeout(PATIENCE, work).await.unwrap_or_else(|_| panic!("{what}: that takes too long"))
}

/// Looks until something is there.
async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let mut ticks = interval(Duration::from_millis(10));
    let found = async {
        loop {
            ticks.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    };
    in_time(what, found).await
}
