//! Makes databases in advance, while nothing else is made: each server has one engine that does so.

use std::time::Duration;

use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{Error, share::Engines};
use crate::{causes::in_one_line, control::Control};

/// How long an engine works before it makes any, and how often it looks whether one is missing.
const FIRST: Duration = Duration::from_secs(30);
const EVERY: Duration = Duration::from_secs(10);

/// Makes what is missing until `shutdown`.
pub(super) async fn make(control: &Control, engines: watch::Receiver<Engines>, shutdown: &CancellationToken) {
    let work = async {
        sleep(FIRST).await;
        while !shutdown.is_cancelled() {
            if let Err(error) = look(control, &engines).await {
                tracing::warn!(error = in_one_line(&error), "no database could be made in advance");
            }
            sleep(EVERY).await;
        }
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = work => {}
    }
}

/// One on each server of this engine's, one after another.
async fn look(control: &Control, engines: &watch::Receiver<Engines>) -> Result<(), Error> {
    for shard in control.shards().await? {
        let is_mine = engines.borrow().is_mine(&format!("server {}", shard.name));
        // a dead server is not the others' trouble
        if is_mine && let Err(error) = control.make_ready(&shard.name).await {
            tracing::warn!(server = shard.name, error = in_one_line(&error), "no database could be made in advance there");
        }
    }
    Ok(())
}
