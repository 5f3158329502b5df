//! Room for runs: whoever takes long makes room for others, and whoever is silent for too long is ended. So what hangs holds up itself.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep, sleep_until},
};

use super::Error;

/// How many runs go on side by side in one engine, and how long they may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Runs that have only begun. They mostly wait for a cloud.
    pub running: usize,
    /// Runs that have gone on for longer than `quick`, beside those.
    pub parked: usize,
    /// After how long a run makes room for the next one.
    pub quick: Duration,
    /// How long nothing may be heard of a run before it is ended.
    pub silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        // one call of a cloud may take a minute, and is tried again
        Self { running: 8, parked: 16, quick: Duration::from_secs(5), silence: Duration::from_secs(180) }
    }
}

/// The room of one engine.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    limits: Limits,
    running: Arc<Semaphore>,
    parked: Arc<Semaphore>,
}

/// Room for one run.
#[derive(Debug)]
pub(super) struct Slot {
    limits: Limits,
    running: OwnedSemaphorePermit,
    parked: Arc<Semaphore>,
}

/// When a run was last heard of.
#[derive(Debug)]
pub(super) struct Heard(Mutex<Instant>);

impl Heard {
    pub(super) fn now() -> Self {
        Self(Mutex::new(Instant::now()))
    }

    pub(super) fn again(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn last(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slots {
    pub(super) fn new(limits: Limits) -> Self {
        let room = |count: usize| Arc::new(Semaphore::new(count.max(1)));
        Self { limits, running: room(limits.running), parked: room(limits.parked) }
    }

    /// Room for one more, in the order in which they ask.
    pub(super) async fn slot(&self) -> Option<Slot> {
        let running = self.running.clone().acquire_owned().await.ok()?;
        Some(Slot { limits: self.limits, running, parked: self.parked.clone() })
    }
}

impl Slot {
    /// Does the work, and makes room for others when that takes long.
    ///
    /// # Errors
    /// [`Error::Silent`] where nothing was heard of it for too long: it is ended, as if the engine had been.
    pub(super) async fn work<T>(self, heard: &Heard, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let Self { limits, running, parked } = self;
        let (mut work, mut park, mut silent) = (pin!(work), pin!(park(running, parked, limits.quick)), pin!(silent(heard, limits.silence)));
        let _parked = tokio::select! {
            done = &mut work => return done,
            () = &mut silent => return Err(Error::Silent(limits.silence)),
            parked = &mut park => parked,
        };
        tokio::select! {
            done = work => done,
            () = silent => Err(Error::Silent(limits.silence)),
        }
    }
}

/// When it has taken long: exchanges the one room for the other, as soon as there is some.
async fn park(running: OwnedSemaphorePermit, parked: Arc<Semaphore>, quick: Duration) -> Option<OwnedSemaphorePermit> {
    sleep(quick).await;
    let parked = parked.acquire_owned().await.ok();
    drop(running);
    parked
}

async fn silent(heard: &Heard, silence: Duration) {
    loop {
        let until = heard.last() + silence;
        if Instant::now() >= until {
            return;
        }
        sleep_until(until).await;
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    /// A thousandth of the time.
    const LIMITS: Limits = Limits { running: 1, parked: 1, quick: Duration::from_millis(5), silence: Duration::from_millis(180) };

    async fn hangs(slots: &Slots) -> tokio::task::JoinHandle<Result<(), Error>> {
        let slot = slots.slot().await.unwrap();
        tokio::spawn(async move { slot.work(&Heard::now(), pending()).await })
    }

    #[tokio::test]
    async fn one_that_hangs_makes_room_for_the_next_one() {
        let (slots, began) = (Slots::new(LIMITS), Instant::now());
        let hung = hangs(&slots).await;
        slots.slot().await.unwrap().work(&Heard::now(), async { Ok(()) }).await.unwrap();
        assert!(began.elapsed() >= LIMITS.quick && !hung.is_finished());
        assert!(matches!(hung.await.unwrap(), Err(Error::Silent(after)) if after == LIMITS.silence));
    }

    #[tokio::test]
    async fn however_many_hang_room_comes_back_when_they_have_been_silent_for_too_long() {
        let (slots, began) = (Slots::new(LIMITS), Instant::now());
        let _hung = [hangs(&slots).await, hangs(&slots).await];
        slots.slot().await.unwrap().work(&Heard::now(), async { Ok(()) }).await.unwrap();
        assert!(began.elapsed() >= LIMITS.silence);
    }

    #[tokio::test]
    async fn one_that_is_heard_of_may_take_as_long_as_it_needs() {
        let (slots, heard) = (Slots::new(LIMITS), Heard::now());
        let work = async {
            for _ in 0..6 {
                sleep(LIMITS.silence / 4).await;
                heard.again();
            }
            Ok(())
        };
        slots.slot().await.unwrap().work(&heard, work).await.unwrap();
    }
}
