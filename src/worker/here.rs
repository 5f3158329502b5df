//! One run in this process, for somebody who waits for it: under the lease like any other, but in nobody's queue.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Error,
    hold::{End, hold},
    jobs::drive,
    look,
};
use crate::{
    control::{Control, Lease, RunInfo, State},
    engine::{Kind, Outcome, Progress},
};

/// How soon a lease is asked for again that somebody else has.
const BUSY: Duration = Duration::from_millis(500);

/// What somebody asks for and waits for.
pub struct Run<'a> {
    /// The database.
    pub database: &'a str,
    /// What to do.
    pub kind: Kind,
    /// Who asks.
    pub asked_by: &'a str,
    /// Hears how it goes.
    pub watch: &'a (dyn Fn(Progress) + Send + Sync),
    /// Hears, once, that somebody else is at this database and has to end first.
    pub busy: &'a (dyn Fn() + Send + Sync),
}

/// Does a run, however long it has to wait for its turn and for the cloud.
///
/// # Errors
/// When the run can't be done at all, or `shutdown` comes first. What failed in the cloud stands in the outcome.
pub async fn here(control: &Control, run: Run<'_>, shutdown: &CancellationToken) -> Result<Outcome, Error> {
    // says so where there is no such database
    control.open(run.database).await?;
    let (holder, mut noted) = (format!("{} process {}", Uuid::new_v4().simple(), std::process::id()), None);
    loop {
        let lease = turn(control, &run, &holder, shutdown).await?;
        let done = noted_once(control, &run, &mut noted, &lease, shutdown).await;
        control.release(&lease).await?;
        let outcome = done?;
        let Some(after) = outcome.as_ref().map_or(Some(BUSY), |outcome| outcome.retry_in) else {
            return outcome.ok_or(Error::Interrupted);
        };
        rest(after, shutdown).await?;
    }
}

/// Waits until nobody else is at the database.
async fn turn(control: &Control, run: &Run<'_>, holder: &str, shutdown: &CancellationToken) -> Result<Lease, Error> {
    let mut told = false;
    loop {
        if let Some(lease) = control.acquire(run.database, holder).await? {
            return Ok(lease);
        }
        if !std::mem::replace(&mut told, true) {
            (run.busy)();
        }
        rest(BUSY, shutdown).await?;
    }
}

/// One go. It is written down under the lease: what stands there without one was killed.
async fn noted_once(
    control: &Control,
    run: &Run<'_>,
    noted: &mut Option<Uuid>,
    lease: &Lease,
    shutdown: &CancellationToken,
) -> Result<Option<Outcome>, Error> {
    let id = match *noted {
        Some(id) => id,
        None => *noted.insert(control.note_run(run.database, run.kind, run.asked_by).await?),
    };
    once(control, run, id, lease, shutdown).await
}

/// One go, and what came of it written down; `None` where the lease was lost in the middle.
async fn once(control: &Control, asked: &Run<'_>, id: Uuid, lease: &Lease, shutdown: &CancellationToken) -> Result<Option<Outcome>, Error> {
    // one that another holder ended, because we were away too long
    let run: RunInfo = control.start(id, lease).await?.ok_or(Error::Interrupted)?;
    let teller = control.progress().begin(id);
    let watch = |progress: Progress| {
        teller.tell(progress.clone());
        (asked.watch)(progress);
    };
    match hold(control, lease, shutdown, drive(control, &run, lease, &watch)).await {
        End::Done(Ok(outcome)) => {
            let state = if outcome.retry_in.is_some() { State::Waiting } else { State::from(&outcome) };
            control.record(id, lease, state, serde_json::to_value(&outcome).ok()).await?;
            Ok(Some(outcome))
        }
        End::Done(Err(error)) => {
            if error.is_cut_off() {
                look::tell(control, &run, &error.told()).await;
            }
            failed(control, id, lease, &error).await?;
            Err(error)
        }
        End::Lost => Ok(None),
        End::Stopped => {
            failed(control, id, lease, &Error::Interrupted).await?;
            Err(Error::Interrupted)
        }
    }
}

async fn failed(control: &Control, id: Uuid, lease: &Lease, error: &Error) -> Result<(), Error> {
    let said = serde_json::json!({ "run": id, "state": "failed", "errors": [error.told()] });
    Ok(control.record(id, lease, State::Failed, Some(said)).await?)
}

async fn rest(time: Duration, shutdown: &CancellationToken) -> Result<(), Error> {
    tokio::select! {
        () = tokio::time::sleep(time) => Ok(()),
        () = shutdown.cancelled() => Err(Error::Interrupted),
    }
}
