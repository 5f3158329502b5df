//! When things happen: jobs from the queue, the clock, and what is said in the users' databases.

mod advance;
mod clock;
mod ears;
mod error;
mod here;
mod hold;
mod jobs;
mod look;
mod poll;
mod relocate;
mod share;
mod slots;
mod tell;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use error::Error;
pub use here::{Run, here};
pub use relocate::{Relocation, relocate};
pub use slots::Limits;
pub use tell::{Courier, Pace};

use crate::control::Control;
use share::Engines;

/// Runs until `shutdown` is cancelled: what runs then is given a moment to end, and its lease back.
///
/// # Errors
/// When the queue can't be read at all. What fails later is logged and tried again.
pub async fn run(control: Control, shutdown: CancellationToken) -> Result<(), Error> {
    run_within(control, Limits::default(), shutdown).await
}

/// The same with other limits.
///
/// # Errors
/// As [`run`].
pub async fn run_within(control: Control, limits: Limits, shutdown: CancellationToken) -> Result<(), Error> {
    let ended = shutdown.child_token();
    let _guard = ended.clone().drop_guard();
    // before anybody goes in anywhere
    ears::make_room(&control, 1).await?;
    let (engines, known) = watch::channel(Engines::alone(&Uuid::new_v4().simple().to_string()));
    let jobs = async {
        let worked = jobs::work(control.clone(), limits, ended.clone()).await;
        // without jobs there is nothing that the others are for
        ended.cancel();
        worked
    };
    let (jobs, (), (), (), (), (), ()) = tokio::join!(
        Box::pin(jobs),
        Box::pin(clock::tick(&control, &ended)),
        Box::pin(share::beat(&control, &engines, &ended)),
        Box::pin(ears::listen(&control, known.clone(), &ended)),
        Box::pin(advance::make(&control, known, &ended)),
        Box::pin(relocate::clear_up(&control, &ended)),
        Box::pin(tell::tell(&control, &ended)),
    );
    jobs
}
