//! When things happen: jobs from the queue, the clock, and what is said in the users' databases.

mod clock;
mod ears;
mod error;
mod here;
mod hold;
mod jobs;
mod look;
mod public;
mod tell;

use tokio_util::sync::CancellationToken;

pub use error::Error;
pub use here::{Run, here};
pub use tell::{Courier, Pace};

use crate::control::Control;

/// Runs until `shutdown` is cancelled: what runs then is given a moment to end, and its lease back.
///
/// # Errors
/// When the queue can't be read at all. What fails later is logged and tried again.
pub async fn run(control: Control, shutdown: CancellationToken) -> Result<(), Error> {
    // one that ends ends all
    let ended = shutdown.child_token();
    let _guard = ended.clone().drop_guard();
    let (jobs, (), (), ()) = tokio::join!(
        jobs::work(control.clone(), ended.clone()),
        clock::tick(&control, &ended),
        ears::listen(&control, &ended),
        tell::tell(&control, &ended)
    );
    jobs
}
