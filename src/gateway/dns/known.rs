//! What the registry has our DNS say, read when somebody asks, and not more often than once in a while.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::Mutex, time::timeout};

use super::Zones;
use crate::{causes::in_one_line, control::Control};

/// For how long what was read is said. Whoever orders waits longer than that before an authority looks.
pub(in crate::gateway) const FRESH: Duration = Duration::from_secs(1);
/// How long the registry is waited for before what was known last is said.
const PATIENCE: Duration = Duration::from_millis(500);

/// The zones, as they were last read.
pub(super) struct Known {
    control: Control,
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    /// When it was last tried.
    tried: Option<Instant>,
    zones: Arc<Zones>,
    /// What was the matter then.
    said: String,
}

impl Known {
    pub(super) fn new(control: Control) -> Self {
        Self { control, last: Mutex::default() }
    }

    /// As they are. Of many who ask at the same time one reads, and the others wait for it.
    pub(super) async fn now(&self) -> Arc<Zones> {
        let mut last = self.last.lock().await;
        if last.tried.is_none_or(|at| at.elapsed() >= FRESH) {
            let begun = Instant::now();
            let read = timeout(PATIENCE, self.control.order_answers()).await;
            let said = match read {
                Ok(Ok(zones)) => (last.zones = Arc::new(zones), String::new()).1,
                Ok(Err(error)) => in_one_line(&error),
                Err(_) => "it is silent".to_owned(),
            };
            if !said.is_empty() && said != last.said {
                tracing::warn!(error = said, "the registry could not be asked for what DNS is to say; what was known last is said");
            }
            (last.tried, last.said) = (Some(begun), said);
        }
        Arc::clone(&last.zones)
    }
}
