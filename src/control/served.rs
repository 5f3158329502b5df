//! The book of what the gateway serves, as the rows of one user's database write it.

use std::{sync::Arc, time::Duration};

use uuid::Uuid;

use super::{
    Control, Error as Failed,
    lay::Services,
    procs::{ServedFind, ServedOf},
};
use crate::{
    resource::{Error, Kind},
    schema,
    served::{Book, Entry, Served, Told},
};

/// What stands in the metadata database for one user's database.
struct Rows {
    services: Services,
    database: String,
}

/// A database that is served, as whoever leads connections there has to know it.
#[derive(Clone, Debug)]
pub struct Found {
    /// What its files are kept under.
    pub id: Uuid,
    /// The login that was made with it.
    pub role: String,
    /// What that login's password is checked by.
    pub verifier: String,
    /// How long after its last session it falls asleep.
    pub idle: Duration,
    /// How large it may become, in bytes.
    pub size_limit: u64,
}

impl Control {
    /// The database that is served under a name.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn find_served(&self, domain: &str, label: &str) -> Result<Option<Found>, Failed> {
        let found = self.services.gateway.procs.served_find(domain, label).await?.pop();
        Ok(found.map(|ServedFind { id, role, verifier, idle_seconds, size_limit_bytes }| Found {
            id,
            role,
            verifier,
            idle: Duration::from_secs(idle_seconds.try_into().unwrap_or_default()),
            size_limit: size_limit_bytes.try_into().unwrap_or_default(),
        }))
    }

    /// The databases whose rows were deleted so long ago that their files may go.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn gone_served(&self, kept: Duration) -> Result<Vec<Uuid>, Failed> {
        let gone = self.services.gateway.procs.served_gone(kept.as_secs_f64()).await?;
        Ok(gone.into_iter().map(|gone| gone.id).collect())
    }

    /// Forgets one of those: its files are gone.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn forget_served(&self, id: Uuid) -> Result<(), Failed> {
        Ok(self.services.gateway.procs.served_forget(id).await?)
    }

    /// The way of a user's database to what is served for it.
    pub(super) fn served(&self, database: &str) -> Served {
        Served(Arc::new(Rows { services: self.services.clone(), database: database.to_owned() }))
    }
}

impl Book for Rows {
    fn all(&self) -> Told<'_, Vec<Entry>> {
        Box::pin(async move {
            let rows = self.services.reconciler.procs.served_of(&self.database).await;
            Ok(rows.map_err(failed("list the served databases"))?.into_iter().map(entry).collect())
        })
    }

    fn make<'a>(&'a self, entry: &'a Entry, verifier: &'a str) -> Told<'a, Uuid> {
        Box::pin(async move {
            let Entry { domain, label, owner, role, password_version, idle_seconds, size_limit_bytes, .. } = entry;
            let (version, idle, limit) = (*password_version, *idle_seconds, *size_limit_bytes);
            let procs = &self.services.reconciler.procs;
            let made = procs.served_make(&self.database, owner, domain, label, role, verifier, version, idle, limit).await;
            let made = made.map_err(failed("make a served database"))?.pop().map(|made| made.id);
            made.ok_or_else(|| {
                Error::new(
                    "make a served database",
                    Kind::Invalid,
                    format!("{label}.{domain} is somebody else's already; another name may be free"),
                )
            })
        })
    }

    fn change<'a>(&'a self, entry: &'a Entry, verifier: Option<&'a str>) -> Told<'a, ()> {
        Box::pin(async move {
            let version = verifier.map(|_| entry.password_version);
            let (idle, limit) = (entry.idle_seconds, entry.size_limit_bytes);
            let procs = &self.services.reconciler.procs;
            let changed = procs.served_change(entry.id, &self.database, &entry.owner, verifier, version, idle, limit).await;
            changed.map_err(failed("change a served database"))
        })
    }

    fn remove(&self, id: Uuid) -> Told<'_, ()> {
        Box::pin(async move { self.services.reconciler.procs.served_remove(id).await.map_err(failed("remove a served database")) })
    }
}

fn entry(row: ServedOf) -> Entry {
    let ServedOf { id, domain, label, owner, role, password_version, idle_seconds, size_limit_bytes } = row;
    Entry { id, domain, label, owner, role, password_version, idle_seconds, size_limit_bytes }
}

/// What the metadata database says is for the log, and not for a user.
fn failed(operation: &'static str) -> impl Fn(schema::Error) -> Error {
    move |error| {
        tracing::warn!(error = crate::causes::in_one_line(&error), "could not {operation}");
        Error::new(operation, Kind::Broken, "the list of served databases does not answer; the server's log has the cause")
    }
}
