//! What the registry says of a database by its name; where it does not answer, what it said the last time.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::timeout;

use super::Unavailable;
use crate::{
    causes::in_one_line,
    control::{Control, Found},
};

/// How long the registry is waited for before what was known last is taken.
const PATIENCE: Duration = Duration::from_secs(2);

/// The databases below one domain, and by their whole names those of others.
pub(super) struct Book {
    /// Where it is asked; nowhere, where gateways tell.
    pub(super) control: Option<Control>,
    domain: String,
    known: Mutex<HashMap<String, Found>>,
}

impl Book {
    pub(super) fn new(control: Control, domain: impl Into<String>) -> Self {
        Self { control: Some(control), domain: domain.into(), known: Mutex::default() }
    }

    /// One in which stands what is told.
    pub(super) fn told() -> Self {
        Self { control: None, domain: String::new(), known: Mutex::default() }
    }

    /// That is how it is from now on.
    pub(super) fn tell(&self, label: String, found: Found) {
        self.known().insert(label, found);
    }

    /// Whether something stands there, and nothing that only reads what another one has.
    pub(super) fn writes(&self) -> bool {
        let known = self.known();
        !known.is_empty() && known.values().all(|found| found.replica.is_none())
    }

    /// What stands there under a name.
    pub(super) async fn find(&self, label: &str) -> Result<Option<Found>, Unavailable> {
        let (name, domain) = label.split_once('.').unwrap_or((label, &self.domain));
        let Some(control) = &self.control else { return Ok(self.known().get(label).cloned()) };
        match timeout(PATIENCE, control.find_served(domain, name)).await {
            Ok(Ok(found)) => {
                let mut known = self.known();
                match &found {
                    Some(found) => drop(known.insert(label.to_owned(), found.clone())),
                    None => drop(known.remove(label)),
                }
                Ok(found)
            }
            answer => {
                let said = answer.map_or_else(
                    |_| "it is silent".to_owned(),
                    |answer| answer.map_or_else(|error| in_one_line(&error), |_| String::new()),
                );
                let known = self.known().get(label).cloned();
                tracing::warn!(database = label, known = known.is_some(), error = said, "the registry could not be asked for a database");
                known.map(Some).ok_or_else(|| Unavailable::ForNow { doing: "asking the registry", source: said.into() })
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Found>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the password of a user is checked by. Nobody but the login can have one: it may make no roles (in PostgreSQL 15 whoever may can make itself
/// anything).
pub(super) fn verifier(found: Option<Found>, user: &str) -> Option<String> {
    found.filter(|found| found.role == user).map(|found| found.verifier)
}
