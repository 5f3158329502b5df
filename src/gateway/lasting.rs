//! Whether what a database says counts: as long as its lease lasts.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// The lease of a database that is awake here. A clone is the same one.
#[derive(Clone)]
pub struct Lasting(Arc<Lease>);

struct Lease {
    until: Mutex<Instant>,
    clock: Arc<dyn Fn() -> Instant + Send + Sync>,
}

impl fmt::Debug for Lasting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lasting").field(&*self.until()).finish()
    }
}

impl Lasting {
    /// One that lasts until then, by this clock.
    pub(super) fn new(until: Instant, clock: Arc<dyn Fn() -> Instant + Send + Sync>) -> Self {
        Self(Arc::new(Lease { until: Mutex::new(until), clock }))
    }

    /// It was renewed.
    pub(super) fn renewed(&self, until: Instant) {
        *self.until() = until;
    }

    /// Whether it lasts at this moment: nobody else has the database.
    pub(super) fn lasts(&self) -> bool {
        (self.0.clock)() < *self.until()
    }

    fn until(&self) -> MutexGuard<'_, Instant> {
        self.0.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
