//! What the runs of this process tell while they run: to whoever listens, from their beginning.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::broadcast;
use uuid::Uuid;

use crate::engine::Progress;

/// How long what a waiting run has told is kept for it to go on: another engine may take it over.
const PATIENCE: Duration = Duration::from_secs(120);
/// How many events are kept of one run.
const AT_MOST: usize = 10_000;

/// What the runs of this process tell. A clone is the same one.
#[derive(Clone, Default)]
pub struct Progresses(Arc<Mutex<HashMap<Uuid, Told>>>);

struct Told {
    past: Vec<Progress>,
    live: Option<broadcast::Sender<Progress>>,
    since: Instant,
}

/// What a run has told, and the rest as it comes; closed when it ends or waits.
pub struct Listener {
    /// What it told before this listener came.
    pub past: Vec<Progress>,
    /// What it tells from now on.
    pub live: broadcast::Receiver<Progress>,
}

/// The mouth of one run; dropping it ends the tale.
pub struct Teller {
    run: Uuid,
    all: Progresses,
}

impl Progresses {
    /// Listens to a run, if it runs in this process right now.
    pub fn listen(&self, run: Uuid) -> Option<Listener> {
        let runs = self.lock();
        let told = runs.get(&run)?;
        Some(Listener { live: told.live.as_ref()?.subscribe(), past: told.past.clone() })
    }

    /// Begins the tale of a run, or goes on with that of one that has waited.
    pub fn begin(&self, run: Uuid) -> Teller {
        let mut runs = self.lock();
        runs.retain(|_, told| told.live.is_some() || told.since.elapsed() < PATIENCE);
        let told = runs.entry(run).or_insert_with(|| Told { past: Vec::new(), live: None, since: Instant::now() });
        told.live = Some(broadcast::channel(1024).0);
        Teller { run, all: self.clone() }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Told>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Teller {
    /// Tells one thing.
    pub fn tell(&self, progress: Progress) {
        let mut runs = self.all.lock();
        let Some(told) = runs.get_mut(&self.run) else { return };
        if let Some(live) = &told.live {
            // that nobody listens is no failure
            drop(live.send(progress.clone()));
        }
        if told.past.len() < AT_MOST {
            told.past.push(progress);
        }
    }

    /// Stops for now; the run goes on later.
    pub fn pause(self) {
        if let Some(told) = self.all.lock().get_mut(&self.run) {
            (told.live, told.since) = (None, Instant::now());
        }
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        let mut runs = self.all.lock();
        if runs.get(&self.run).is_some_and(|told| told.live.is_some()) {
            runs.remove(&self.run);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(listings: usize) -> Progress {
        Progress::Refreshing { listings }
    }

    #[test]
    fn a_listener_hears_what_was_told_before_it_came_and_after() {
        let (all, run) = (Progresses::default(), Uuid::new_v4());
        assert!(all.listen(run).is_none());
        let teller = all.begin(run);
        teller.tell(listing(1));
        let mut listener = all.listen(run).unwrap();
        teller.tell(listing(2));
        assert_eq!(listener.past.len(), 1);
        assert!(matches!(listener.live.try_recv(), Ok(Progress::Refreshing { listings: 2 })));
        drop(teller);
        assert!(matches!(listener.live.try_recv(), Err(broadcast::error::TryRecvError::Closed)));
        assert!(all.listen(run).is_none());
    }

    #[test]
    fn the_tale_of_a_run_that_waited_goes_on() {
        let (all, run) = (Progresses::default(), Uuid::new_v4());
        let teller = all.begin(run);
        teller.tell(listing(1));
        teller.pause();
        assert!(all.listen(run).is_none());
        let teller = all.begin(run);
        teller.tell(listing(2));
        assert_eq!(all.listen(run).unwrap().past.len(), 2);
    }
}
