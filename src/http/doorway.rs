//! What the routes work with.

use std::{sync::Arc, time::Duration};

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{guard::Guard, metrics::Metrics};
use crate::{config::Door, control::Control};

/// What the routes work with.
#[derive(Clone)]
pub struct Doorway {
    pub(super) control: Control,
    pub(super) guard: Guard,
    pub(super) metrics: Metrics,
    pub(super) patience: Duration,
    /// How long a client may take to send a request's head, or its body.
    pub(super) slowest: Duration,
    /// One for each client that is connected.
    pub(super) seats: Arc<Semaphore>,
    pub(super) shutdown: CancellationToken,
}

impl Doorway {
    /// A door to `control`, watched by `guard`, with the limits that `door` names.
    pub fn new(control: Control, guard: Guard, door: &Door, shutdown: CancellationToken) -> Self {
        let seats = Arc::new(Semaphore::new(door.max_connections));
        Self { control, guard, metrics: Metrics::new(), patience: door.patience, slowest: door.client_timeout, seats, shutdown }
    }
}
