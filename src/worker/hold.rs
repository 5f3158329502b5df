//! Does something for as long as the lease is held, and not a moment longer.

use std::{future::Future, pin::pin, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::{
    causes::in_one_line,
    control::{Control, Lease},
};

/// How long things take.
#[derive(Clone, Copy)]
struct Times {
    /// How often a lease is renewed: often enough to fail twice.
    every: Duration,
    /// How long it lasts.
    lasts: Duration,
    /// How long what runs may go on after the engine was told to stop.
    grace: Duration,
}

impl Times {
    fn of(lease: &Lease) -> Self {
        Self { every: lease.lasts / 4, lasts: lease.lasts, grace: Duration::from_secs(8) }
    }
}

/// How something ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End<T> {
    /// By itself.
    Done(T),
    /// The lease was lost in the middle: somebody else may be at it already.
    Lost,
    /// The engine was told to stop, and the time was not enough.
    Stopped,
}

/// Works while the lease holds. Whatever comes of a renewal, the lease counts as lost when its time is over by our own clock.
pub(super) async fn hold<T>(control: &Control, lease: &Lease, shutdown: &CancellationToken, work: impl Future<Output = T>) -> End<T> {
    hold_for(Times::of(lease), || renew(control, lease), shutdown, work).await
}

async fn renew(control: &Control, lease: &Lease) -> Option<bool> {
    let kept = control.renew(lease).await;
    kept.inspect_err(|error| tracing::warn!(database = lease.database, error = in_one_line(error), "a lease could not be renewed")).ok()
}

async fn hold_for<T, R: Future<Output = Option<bool>>>(
    times: Times,
    renew: impl Fn() -> R,
    shutdown: &CancellationToken,
    work: impl Future<Output = T>,
) -> End<T> {
    let (mut work, mut lost) = (pin!(work), pin!(lost(times, renew)));
    tokio::select! {
        biased;
        done = &mut work => return End::Done(done),
        () = &mut lost => return End::Lost,
        () = shutdown.cancelled() => {}
    }
    tokio::select! {
        done = &mut work => End::Done(done),
        () = &mut lost => End::Lost,
        () = tokio::time::sleep(times.grace) => End::Stopped,
    }
}

/// Ends when the lease has. `renew` answers whether it still holds, or nothing where nobody knows.
async fn lost<R: Future<Output = Option<bool>>>(times: Times, renew: impl Fn() -> R) {
    let mut ticks = interval(times.every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // counted from before the asking: the lease can't end earlier than that
    let mut until = Instant::now() + times.lasts;
    loop {
        if timeout_at(until, ticks.tick()).await.is_err() {
            return;
        }
        let asked = Instant::now();
        match timeout_at(until, renew()).await {
            Ok(Some(true)) => until = asked + times.lasts,
            Ok(Some(false)) | Err(_) => return,
            Ok(None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{pending, ready},
        sync::atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    /// A thousandth of the time.
    const QUICK: Times = Times { every: Duration::from_millis(4), lasts: Duration::from_millis(60), grace: Duration::from_millis(20) };

    fn going_on() -> CancellationToken {
        CancellationToken::new()
    }

    #[tokio::test]
    async fn work_goes_on_for_longer_than_a_lease_while_it_is_renewed() {
        let renewed = AtomicUsize::new(0);
        let (enough, had) = tokio::sync::oneshot::channel();
        let enough = std::sync::Mutex::new(Some(enough));
        let renew = || {
            if renewed.fetch_add(1, Ordering::Relaxed) == 30 {
                enough.lock().unwrap().take().map(|enough| enough.send(()));
            }
            ready(Some(true))
        };
        assert_eq!(hold_for(QUICK, renew, &going_on(), had).await, End::Done(Ok(())));
    }

    #[tokio::test]
    async fn work_stops_when_somebody_else_has_the_lease() {
        let renewed = AtomicUsize::new(0);
        let renew = || ready(Some(renewed.fetch_add(1, Ordering::Relaxed) < 3));
        assert_eq!(hold_for(QUICK, renew, &going_on(), pending::<()>()).await, End::Lost);
        assert_eq!(renewed.load(Ordering::Relaxed), 4);
    }

    #[tokio::test]
    async fn work_stops_when_the_lease_ends_and_nobody_answers() {
        let began = Instant::now();
        assert_eq!(hold_for(QUICK, || ready(None), &going_on(), pending::<()>()).await, End::Lost);
        assert!(began.elapsed() >= QUICK.lasts);
        assert_eq!(hold_for(QUICK, pending, &going_on(), pending::<()>()).await, End::Lost);
    }

    #[tokio::test]
    async fn work_has_a_moment_to_end_when_the_engine_stops() {
        let shutdown = going_on();
        shutdown.cancel();
        assert_eq!(hold_for(QUICK, || ready(Some(true)), &shutdown, tokio::task::yield_now()).await, End::Done(()));
        assert_eq!(hold_for(QUICK, || ready(Some(true)), &shutdown, pending::<()>()).await, End::Stopped);
    }
}
