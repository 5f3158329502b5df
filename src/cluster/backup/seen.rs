//! What whoever leads knows of backups, for all who ask.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use super::{door::Door, repository::Backup};

/// What is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The backups that there are, the oldest first.
    pub backups: Vec<Backup>,
    /// Why there is no other one, or why the log is not archived.
    pub failure: Option<String>,
}

/// What an agent has for backups.
#[derive(Debug, Default)]
pub(in crate::cluster) struct Backups {
    seen: Mutex<Option<Seen>>,
    pub(super) door: OnceCell<Door>,
}

impl Backups {
    /// Nothing, unless its member leads and there are to be some.
    pub(in crate::cluster) fn seen(&self) -> Option<Seen> {
        self.held().clone()
    }

    pub(super) fn held(&self) -> MutexGuard<'_, Option<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
