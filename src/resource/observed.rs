//! A row as the cloud shows it.

use serde::{Deserialize, Serialize};

/// A row as the cloud shows it, with what the cloud says about it besides its fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed<R> {
    /// The fields, with references as the cloud's ids and without secrets.
    #[serde(flatten)]
    pub row: R,
    /// The value of its ownership tag, where it has one.
    #[serde(default)]
    pub owner: Option<String>,
    /// What it is still busy with, in the cloud's own word (`creating`, `deleting`): nothing can be done to it until then.
    #[serde(default)]
    pub pending: Option<String>,
    /// Made and removed by the cloud with something else (a network's default group): never unmanaged, never in the way.
    #[serde(default)]
    pub implicit: bool,
}

impl<R> Observed<R> {
    /// A thing that nobody owns, that is ready, and that somebody made.
    pub fn of(row: R) -> Self {
        Self { row, owner: None, pending: None, implicit: false }
    }

    /// The same with the value of its ownership tag.
    #[must_use]
    pub fn owned(self, owner: Option<String>) -> Self {
        Self { owner, ..self }
    }

    /// The same, busy with something (or with nothing).
    #[must_use]
    pub fn pending(self, pending: Option<String>) -> Self {
        Self { pending, ..self }
    }

    /// The same, made by the cloud itself (or not).
    #[must_use]
    pub fn implicit(self, implicit: bool) -> Self {
        Self { implicit, ..self }
    }
}
