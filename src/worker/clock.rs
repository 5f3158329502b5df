//! The clock: once a second it looks for databases whose time has come, and for runs that nobody is at any more.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::Error;
use crate::{causes::in_one_line, control::Control};

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
            Err(error) => tracing::warn!(error = in_one_line(&error), "the schedules could not be read"),
        }
        if let Err(error) = bury(control).await {
            tracing::warn!(error = in_one_line(&error), "runs that nobody is at could not be ended");
        }
    }
}

/// Ends the runs of commands that were killed; those of engines are taken over, and end by themselves.
async fn bury(control: &Control) -> Result<(), Error> {
    for name in control.bury_runs().await? {
        // somebody else at it ends them too
        let Some(lease) = control.acquire(&name, "the clock").await? else { continue };
        let buried = control.open(&name).await?.lose_runs(lease.counter).await;
        control.release(&lease).await?;
        buried?;
        tracing::info!(database = name, "a command was killed in the middle of a run");
    }
    Ok(())
}
