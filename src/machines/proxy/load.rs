//! Who is connected to which machine, and until when somebody was.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::time::Instant;

/// Connections, by machine.
#[derive(Debug, Default)]
pub(super) struct Load(Mutex<HashMap<String, Held>>);

/// The connections of a machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    /// How many there are.
    pub(super) now: usize,
    /// When the last one ended or began.
    pub(super) last: Instant,
}

/// One connection, for as long as this is there.
pub(super) struct Seat {
    load: Arc<Load>,
    machine: String,
}

impl Load {
    /// Somebody comes; before it is looked how the machine is, so that nobody stops it in between.
    pub(super) fn enter(self: &Arc<Self>, machine: &str) -> Seat {
        let mut held = self.held();
        let one = held.entry(machine.to_owned()).or_insert(Held { now: 0, last: Instant::now() });
        one.now += 1;
        one.last = Instant::now();
        Seat { load: Arc::clone(self), machine: machine.to_owned() }
    }

    /// How many are connected.
    pub(super) fn of(&self, machine: &str) -> usize {
        self.held().get(machine).map_or(0, |held| held.now)
    }

    /// All; nobody comes or goes meanwhile.
    pub(super) fn held(&self) -> MutexGuard<'_, HashMap<String, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(held) = self.load.held().get_mut(&self.machine) {
            held.now -= 1;
            held.last = Instant::now();
        }
    }
}
