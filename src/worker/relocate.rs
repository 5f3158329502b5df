//! Moves databases under their leases: no run is on its way meanwhile, and what a killed move has left is cleared up.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Error,
    hold::{End, hold},
};
use crate::{
    causes::in_one_line,
    control::{Control, Lease, Stage},
};

/// How soon a lease is asked for again that somebody else has.
const BUSY: Duration = Duration::from_millis(200);
/// How often an engine looks for moves that nobody is at.
const LOOK: Duration = Duration::from_secs(2);

/// What is to be moved, and how.
pub struct Relocation<'a> {
    /// The database.
    pub database: &'a str,
    /// The server that gets it.
    pub to: &'a str,
    /// How long whoever is in the middle of something may take to end it.
    pub grace: Duration,
    /// Hears how far it is.
    pub tell: &'a (dyn Fn(Stage) + Send + Sync),
}

/// Moves a database to another server, when the run that goes on there has ended. What fails half way leaves it where it was.
///
/// # Errors
/// When it can't be moved, or `shutdown` comes first.
pub async fn relocate(control: &Control, relocation: &Relocation<'_>, shutdown: &CancellationToken) -> Result<(), Error> {
    let Relocation { database, to, grace, tell } = *relocation;
    // says so where there is no such database
    control.database(database).await?;
    let lease = turn(control, database, shutdown).await?;
    let moved = hold(control, &lease, shutdown, Box::pin(control.relocate(database, to, grace, tell))).await;
    let done = match moved {
        End::Done(Ok(())) => Ok(()),
        End::Done(Err(error)) => {
            // open again where it was
            control
                .settle_move(database)
                .await
                .inspect_err(|error| tracing::warn!(database, error = in_one_line(error), "an engine opens it again"))?;
            Err(error.into())
        }
        End::Lost => return Err(Error::Interrupted),
        End::Stopped => control.settle_move(database).await.map_err(Error::from).and(Err(Error::Interrupted)),
    };
    control.release(&lease).await?;
    done
}

async fn turn(control: &Control, database: &str, shutdown: &CancellationToken) -> Result<Lease, Error> {
    let holder = format!("{} process {}", Uuid::new_v4().simple(), std::process::id());
    loop {
        if let Some(lease) = control.acquire(database, &holder).await? {
            return Ok(lease);
        }
        tokio::select! {
            () = sleep(BUSY) => {}
            () = shutdown.cancelled() => return Err(Error::Interrupted),
        }
    }
}

/// Ends what killed moves have left, until `shutdown`.
pub(super) async fn clear_up(control: &Control, shutdown: &CancellationToken) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = looks.tick() => {}
            () = shutdown.cancelled() => return,
        }
        if let Err(error) = settle_all(control, shutdown).await {
            tracing::warn!(error = in_one_line(&error), "what a move has left could not be cleared up");
        }
    }
}

async fn settle_all(control: &Control, shutdown: &CancellationToken) -> Result<(), Error> {
    for database in control.moves_left().await? {
        let Some(lease) = control.acquire(&database, "clearing up a move").await? else { continue };
        tracing::info!(database, "a move was left half way: it is opened where the registry says");
        if let End::Done(Err(error)) = hold(control, &lease, shutdown, control.settle_move(&database)).await {
            tracing::warn!(database, error = in_one_line(&error), "what a move has left could not be cleared up");
        }
        control.release(&lease).await?;
    }
    Ok(())
}
