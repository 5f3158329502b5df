//! Our own database: which databases there are, where they are, who may change things for them, and which runs there were.

mod blueprint;
mod credentials;
mod cron;
mod databases;
mod engines;
mod error;
mod fly_account;
mod keys;
mod lay;
mod lease;
mod name;
mod opened;
mod passwords;
pub mod procs;
mod progress;
mod queue;
mod ready;
mod relocate;
mod rollout;
mod room;
mod runs;
mod schedule;
mod served;
mod setup;
mod shard;
mod shards;
mod webhook;
mod whose;

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use aws_types::SdkConfig;
use sqlx::PgPool;
use tokio::sync::{Notify, OnceCell, Semaphore};

pub use credentials::{Credentials, NoCredentials, default_chain, emulated};
pub use cron::{Cron, Error as CronError};
pub use databases::DatabaseInfo;
pub use engines::Watched;
pub use error::Error;
pub use fly_account::FlyWish;
pub use keys::{KeySource, Resealed};
pub use lay::carried;
pub use lease::Lease;
pub use name::BadName;
pub use opened::{Entered, Stay};
pub use progress::{Listener, Progresses, Teller};
pub use queue::{JOB, Job};
pub use relocate::Stage;
pub use rollout::{Report, Rollout, Told};
pub use runs::{RunInfo, State, kind};
pub use served::{
    AcmeAccount, Branch, Found, Issued, Led, Machine, Neighbour, Organization, Reach, Replica, ShownCertificate, ToldVersion, WantedOrder,
    WantedPin,
};
pub use setup::{Made, Setup};
pub use shards::{BadShard, ShardInfo};
pub use webhook::{Delivery, DeliveryState, EVENTS, Webhook, WebhookWish};

use crate::{
    config,
    database::modules::Library,
    fly::{Account, Fly},
    tigris::{self, Tigris},
};

/// The metadata database, and what is kept of it in memory. A clone is the same one.
#[derive(Clone)]
pub struct Control {
    /// The administrator's: for the queue's own library, and for what is laid.
    pool: PgPool,
    services: lay::Services,
    url: Arc<str>,
    opened: opened::Opened,
    rooms: room::Rooms,
    passwords: passwords::Passwords,
    registries: credentials::Registries,
    keys: keys::Keys,
    progress: Progresses,
    cloud: Option<SdkConfig>,
    fly: Fly,
    tigris: Tigris,
    library: Arc<Library>,
    changed: Arc<Notify>,
    /// How long a lease lasts, once it was asked for.
    lasts: Arc<OnceCell<Duration>>,
    /// Setups that may go on at once.
    pace: Arc<Semaphore>,
    /// How whoever leads a cluster is reached, where somebody knows.
    reach: Option<Arc<dyn Reach>>,
}

impl Control {
    /// Connects, and brings the metadata database to this binary's version (forward only).
    ///
    /// # Errors
    /// When nobody answers there, or a version can't be made.
    pub async fn connect(metadata_url: &str) -> Result<Self, Error> {
        let pool = lay::administrators(metadata_url, 8).await?;
        lay::lay(&pool, metadata_url).await?;
        Ok(Self {
            pool,
            services: lay::Services::of(metadata_url)?,
            url: metadata_url.into(),
            opened: opened::Opened::default(),
            rooms: room::Rooms::default(),
            passwords: passwords::Passwords::of(config::password_file()),
            registries: credentials::Registries::default(),
            keys: keys::Keys::default(),
            progress: Progresses::default(),
            cloud: None,
            fly: Fly::new(Account::from_environment()),
            tigris: Tigris::new(tigris::Account::from_environment()),
            library: Arc::new(Library::carried().map_err(Error::Module)?),
            changed: Arc::default(),
            lasts: Arc::default(),
            pace: Arc::new(Semaphore::new(4)),
            reach: None,
        })
    }

    /// The same, with this cloud (its endpoint, its credentials) where AWS' default chain would be asked.
    #[must_use]
    pub fn with_cloud(self, cloud: Option<SdkConfig>) -> Self {
        Self { cloud, ..self }
    }

    /// The same, with this Fly organization in the place of the one that the environment names.
    #[must_use]
    pub fn with_fly(self, fly: Fly) -> Self {
        Self { fly, ..self }
    }

    /// The same, with this account of Tigris in the place of the one that the environment names.
    #[must_use]
    pub fn with_tigris(self, tigris: Tigris) -> Self {
        Self { tigris, ..self }
    }

    /// The same, with these schemas for users' databases in the place of those that the binary carries.
    #[must_use]
    pub fn with_library(self, library: Library) -> Self {
        Self { library: Arc::new(library), ..self }
    }

    /// The same, with libpq's password file elsewhere.
    #[must_use]
    pub fn with_password_file(self, file: impl Into<PathBuf>) -> Self {
        Self { passwords: passwords::Passwords::of(Some(file.into())), ..self }
    }

    /// The way to Tigris that the environment names, or that was given.
    pub fn tigris(&self) -> &Tigris {
        &self.tigris
    }

    /// The way to the Fly organization that the environment names, or that was given.
    pub fn fly(&self) -> &Fly {
        &self.fly
    }

    /// The schemas that users' databases are made of.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Whether the metadata database answers, and can be written to.
    ///
    /// # Errors
    /// When it does not, or can't.
    pub async fn ready(&self) -> Result<(), Error> {
        if self.services.http.procs.ping().await? { Ok(()) } else { Err(Error::Standby) }
    }

    /// What the runs of this process tell.
    pub fn progress(&self) -> &Progresses {
        &self.progress
    }

    /// The administrator's connections to the metadata database.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Ends all connections to the metadata database; what is asked afterwards fails.
    pub async fn close(&self) {
        self.pool.close().await;
        self.services.close().await;
    }

    /// Ends when a database was made or removed through this value, or a clone of it.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// An operator's setting that is a number.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn number(&self, setting: &str, default: u64) -> Result<u64, Error> {
        let found = self.services.scheduler.procs.setting_find(setting).await?.pop();
        Ok(found.and_then(|found| found.value.parse().ok()).unwrap_or(default))
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Control")
    }
}
