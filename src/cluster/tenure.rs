//! Until when a member may lead, by a clock that goes on while the machine is suspended; and what ends its server when that is over.

use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use crate::{node::tree, store::clock};

/// How often it is looked whether it is over.
const LOOK: Duration = Duration::from_millis(10);

/// Whether the server leads, in which term, and until when it may.
#[derive(Debug, Default)]
pub(super) struct Tenure(Mutex<Option<(u64, Instant)>>);

impl Tenure {
    /// Leads from now on, or for longer.
    pub(super) fn until(&self, term: u64, until: Instant) {
        *self.held() = Some((term, until));
    }

    /// The same one for longer; one that ended meanwhile does not begin again.
    pub(super) fn renew(&self, term: u64, until: Instant) {
        if let Some(held) = self.held().as_mut().filter(|(of, _)| *of == term) {
            held.1 = until;
        }
    }

    /// The same by the word of all others: never for shorter, and not again where it is over.
    pub(super) fn extend(&self, term: u64, until: Instant) {
        if let Some(held) = self.held().as_mut().filter(|(of, held)| *of == term && *held > clock::now()) {
            held.1 = held.1.max(until);
        }
    }

    /// The term in which it leads, and for how long it still may.
    pub(super) fn left(&self) -> Option<(u64, Duration)> {
        self.held().map(|(term, until)| (term, until.saturating_duration_since(clock::now())))
    }

    /// Leads no more, for its server has ended.
    pub(super) fn end(&self) {
        *self.held() = None;
    }

    /// The term in which it leads.
    pub(super) fn term(&self) -> Option<u64> {
        self.held().map(|(term, _)| term)
    }

    /// Whether it is still as it was when this was its term, and not over. A standby has none, and says only what others said before.
    pub(super) fn stands(&self, since: Option<u64>) -> bool {
        self.term() == since && !self.is_over()
    }

    /// Whether it led longer than it may.
    fn is_over(&self) -> bool {
        self.held().is_some_and(|(_, until)| until <= clock::now())
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<(u64, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches it in a thread of its own, which no other work delays: when it is over all of the server is killed, until nothing is left.
    pub(super) fn watch(self: &Arc<Self>, data: PathBuf) -> io::Result<()> {
        let tenure = Arc::clone(self);
        let watch = move || {
            loop {
                thread::sleep(LOOK);
                if tenure.is_over() && tree::kill_now(&data) {
                    tracing::warn!("the lease could not be renewed: the server is ended");
                }
            }
        };
        thread::Builder::new().name("tenure".to_owned()).spawn(watch).map(drop)
    }
}
