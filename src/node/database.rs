//! What a node knows of one database: who uses it, and the server that runs it, which one at a time may wake or stop.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::{Error, Terms, home::Place, instance::Instance};

/// How long after its last session what happens to a database. `None`: never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idle {
    /// Its processes are stopped where they are: it keeps its memory, uses no processor, and answers again in 3 ms.
    pub freeze: Option<Duration>,
    /// Its server is stopped; its files stay on this disk.
    pub stop: Option<Duration>,
    /// Its files are put on the shelf and leave this disk.
    pub evict: Option<Duration>,
}

impl Default for Idle {
    fn default() -> Self {
        Self { freeze: Some(Duration::from_secs(10)), stop: Some(Duration::from_secs(300)), evict: None }
    }
}

/// How deep a database sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Tier {
    /// Nothing of it is on this disk.
    Away,
    /// Its files are on this disk.
    Stopped,
    /// Its processes are stopped where they were.
    Frozen,
    /// It takes connections.
    Awake,
}

/// Who uses it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    pub(super) sessions: usize,
    /// How often somebody knocked: whoever puts it to sleep sees whether that was since he began.
    pub(super) knocks: u64,
    /// Since when nobody uses it.
    pub(super) since: Instant,
}

/// One database.
pub(super) struct Database {
    pub(super) place: Place,
    used: watch::Sender<Use>,
    terms: Mutex<Terms>,
    tier: AtomicU8,
    /// Whoever holds it brings in another version: its files don't leave this disk meanwhile.
    pub(super) accepting: tokio::sync::Mutex<()>,
    /// Whoever holds it is the one who wakes it or puts it to sleep.
    pub(super) state: Arc<tokio::sync::Mutex<State>>,
}

/// What only one at a time may change.
#[derive(Default)]
pub(super) struct State {
    pub(super) instance: Option<Instance>,
    /// It is in no list any more: another stands for the same files, and this one may not touch them.
    pub(super) forgotten: bool,
    /// Why it could not be woken, for all who waited for that.
    failed: Option<(Instant, Arc<Error>)>,
}

impl Database {
    pub(super) fn new(place: Place, terms: Terms) -> Arc<Self> {
        let tier = AtomicU8::new(if place.is_whole() { Tier::Stopped } else { Tier::Away } as u8);
        let used = watch::Sender::new(Use { sessions: 0, knocks: 0, since: Instant::now() });
        let (accepting, state) = (tokio::sync::Mutex::default(), Arc::default());
        Arc::new(Self { place, used, terms: Mutex::new(terms), tier, accepting, state })
    }

    pub(super) fn id(&self) -> &str {
        &self.place.id
    }

    /// One more session.
    pub(super) fn knock(&self, terms: Terms) {
        *self.terms.lock().unwrap_or_else(PoisonError::into_inner) = terms;
        self.used.send_modify(|used| {
            used.sessions += 1;
            used.knocks += 1;
        });
    }

    /// One session less. What it is used for then.
    pub(super) fn leave(&self) -> Use {
        self.used.send_modify(|used| {
            used.sessions = used.sessions.saturating_sub(1);
            used.since = Instant::now();
        });
        self.used()
    }

    pub(super) fn used(&self) -> Use {
        *self.used.borrow()
    }

    pub(super) fn terms(&self) -> Terms {
        *self.terms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody has knocked since, and nobody is there.
    pub(super) fn is_quiet_since(&self, knocks: u64) -> bool {
        let used = self.used();
        used.sessions == 0 && used.knocks == knocks
    }

    /// Comes back when somebody has knocked since.
    pub(super) async fn knocked_since(&self, knocks: u64) {
        // it fails only when the sender is gone, and that is ours
        drop(self.used.subscribe().wait_for(|used| used.knocks != knocks).await);
    }

    pub(super) fn tier(&self) -> Tier {
        let tier = self.tier.load(Ordering::Acquire);
        [Tier::Away, Tier::Stopped, Tier::Frozen].into_iter().find(|known| *known as u8 == tier).unwrap_or(Tier::Awake)
    }

    /// Says how deep it sleeps now; for whoever holds the state.
    pub(super) fn is_now(&self, tier: Tier) {
        self.tier.store(tier as u8, Ordering::Release);
    }
}

impl State {
    /// What those were told who waited since then, where that was no good news.
    pub(super) fn failed_after(&self, since: Instant) -> Option<Error> {
        let (at, error) = self.failed.as_ref()?;
        (*at >= since).then(|| Error::Same(error.clone()))
    }

    pub(super) fn failed(&mut self, error: Error) -> Error {
        let error = Arc::new(error);
        self.failed = Some((Instant::now(), error.clone()));
        Error::Same(error)
    }
}
