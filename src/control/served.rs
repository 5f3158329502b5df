//! The book of what the gateway serves: what the gateway reads of it and writes into it, and below this the rows of one user's database.

mod certificates;
mod clusters;
mod databases;
mod domains;
mod gateways;
mod jobs;
mod kept;
mod machines;
mod orders;
mod versions;

use std::{sync::Arc, time::Duration};

use uuid::Uuid;

pub use certificates::Shown as ShownCertificate;
pub use clusters::Led;
pub use gateways::Neighbour;
pub use jobs::Reach;
pub use kept::{Told as ToldVersion, Wanted as WantedPin};
pub use orders::{Account as AcmeAccount, Issued, Wanted as WantedOrder};

use super::{Control, Error as Failed, fly_account, keys::Keys, lay::Services, procs::ServedFind};
use crate::{
    resource::{Error, Kind, Secret},
    schema,
    served::{Durability, Engine, Served},
};

/// What stands in the metadata database for one user's database.
struct Rows {
    services: Services,
    keys: Keys,
    database: String,
    reach: Option<Arc<dyn Reach>>,
}

/// A database that is served, as whoever leads connections there has to know it.
#[derive(Clone, Debug)]
pub struct Found {
    /// What its files are kept under.
    pub id: Uuid,
    /// The login that was made with it.
    pub role: String,
    /// By what it is run.
    pub engine: Engine,
    /// The Fly machine that runs it and nothing else; `None`: gateways and nodes.
    pub machine: Option<Machine>,
    /// What it begins with; `None`: with nothing.
    pub branch: Option<Branch>,
    /// Whose files it only reads; `None`: it has its own.
    pub replica: Option<Replica>,
    /// What that login's password is checked by.
    pub verifier: String,
    /// How long after its last session it falls asleep.
    pub idle: Duration,
    /// How large it may become, in bytes.
    pub size_limit: u64,
    /// How large it was when a gateway last looked; 0 where none has.
    pub size: u64,
    /// When what it commits is safe.
    pub durability: Durability,
    /// Which gateways run it; `None`: all.
    pub location: Option<String>,
    /// Whether it may sleep while clients hold on to sessions that do nothing.
    pub hold: bool,
}

/// A machine that runs one database.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Where it is, as `<app>/<machine>`.
    pub name: String,
    /// What gateways are known by there; `None`: nobody has said, or it can't be opened.
    pub key: Option<Secret>,
    /// Whose organization it is in, where its user's database has one of its own.
    pub account: Option<Organization>,
}

/// An organization of Fly that a user's database has for itself.
#[derive(Clone, Debug)]
pub struct Organization {
    /// Its short name.
    pub name: String,
    /// The token for it; `None`: it can't be opened.
    pub token: Option<Secret>,
}

/// What a database begins with that is a branch.
#[derive(Clone, Debug)]
pub struct Branch {
    /// What the files of the one that it is a branch of are kept under.
    pub of: Uuid,
    /// What that one's name was.
    pub label: String,
    /// Which version; `None`: the newest when it is first called.
    pub number: Option<u64>,
}

/// What a database reads that has no files of its own.
#[derive(Clone, Debug)]
pub struct Replica {
    /// What the files of the one that it is a replica of are kept under. `None`: that is there no longer.
    pub of: Option<Uuid>,
    /// That one's name.
    pub label: String,
}

impl From<ServedFind> for Found {
    fn from(row: ServedFind) -> Self {
        let number = row.branch_version.and_then(|number| number.try_into().ok());
        Self {
            branch: row.branch_of.map(|of| Branch { of, label: row.branch_label.unwrap_or_default(), number }),
            replica: row.replica_label.map(|label| Replica { of: row.replica_of, label }),
            durability: Durability::of(&row.durability, row.durability_seconds),
            engine: Engine::named(&row.engine),
            machine: row.machine.map(|name| Machine { name, key: None, account: None }),
            id: row.id,
            role: row.role,
            verifier: row.verifier,
            idle: Duration::from_secs(row.idle_seconds.try_into().unwrap_or_default()),
            size_limit: row.size_limit_bytes.try_into().unwrap_or_default(),
            size: row.size_bytes.and_then(|size| size.try_into().ok()).unwrap_or_default(),
            location: row.location,
            hold: row.hold,
        }
    }
}

impl Control {
    /// The database that is served under a name.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn find_served(&self, domain: &str, label: &str) -> Result<Option<Found>, Failed> {
        let Some(mut row) = self.services.gateway.procs.served_find(domain, label).await?.pop() else { return Ok(None) };
        let (key, fly) = (row.machine_sealed.take(), row.fly_of.take().zip(row.fly_organization.take()).zip(row.fly_sealed.take()));
        let mut found = Found::from(row);
        if let Some(machine) = &mut found.machine {
            let keys = self.keys().await;
            let open = |place: &str, sealed: &str| {
                let opened = keys.kept(place, sealed);
                opened.inspect_err(|error| tracing::warn!(machine = machine.name, "{place} can't be opened: {error}")).ok()
            };
            (machine.key, machine.account) = (
                key.and_then(|sealed| open(&machines::place(&machine.name), &sealed)),
                fly.map(|((of, name), sealed)| Organization { name, token: open(&fly_account::place(&of), &sealed) }),
            );
        }
        Ok(Some(found))
    }

    /// Notes how large a served database is, in bytes.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn note_size_of_served(&self, id: Uuid, size: u64) -> Result<(), Failed> {
        Ok(self.services.gateway.procs.served_size(id, size.try_into().unwrap_or(i64::MAX)).await?)
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
        Served(Arc::new(Rows {
            services: self.services.clone(),
            keys: self.keys.clone(),
            database: database.to_owned(),
            reach: self.reach.clone(),
        }))
    }
}

/// What the metadata database says is for the log, and not for a user.
fn failed(operation: &'static str) -> impl Fn(schema::Error) -> Error {
    move |error| {
        tracing::warn!(error = crate::causes::in_one_line(&error), "could not {operation}");
        Error::new(operation, Kind::Broken, "the list of what is served does not answer; the server's log has the cause")
    }
}

/// A fault of the user's, which the next attempt meets again.
fn refused(operation: &'static str, why: String) -> Error {
    Error::new(operation, Kind::Invalid, why)
}
