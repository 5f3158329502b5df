//! The clock: once a second it looks for databases whose time has come.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::error::chain;
use crate::control::Control;

/// Looks once a second until `shutdown`; what can't be asked for now stays due.
pub(super) async fn tick(control: &Control, shutdown: &CancellationToken) {
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = seconds.tick() => {}
            () = shutdown.cancelled() => return,
        }
        match control.ask_for_due().await {
            Ok(0) => {}
            Ok(databases) => tracing::info!(databases, "the clock asked for checks"),
            Err(error) => tracing::warn!(error = chain(&error), "the schedules could not be read"),
        }
    }
}
