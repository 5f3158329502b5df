//! What the routes work with.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{guard::Guard, metrics::Metrics};
use crate::control::Control;

/// What the routes work with.
#[derive(Clone)]
pub struct Doorway {
    pub(super) control: Control,
    pub(super) guard: Guard,
    pub(super) metrics: Metrics,
    pub(super) patience: Duration,
    pub(super) shutdown: CancellationToken,
}

impl Doorway {
    /// A door to `control`, watched by `guard`; a request may take as long as `patience`.
    pub fn new(control: Control, guard: Guard, patience: Duration, shutdown: CancellationToken) -> Self {
        Self { control, guard, metrics: Metrics::new(), patience, shutdown }
    }
}
