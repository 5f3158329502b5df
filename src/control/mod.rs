//! Our own database: which databases there are, where they are, who may change things for them, and which runs there were.

mod credentials;
mod cron;
mod databases;
mod error;
mod lease;
mod name;
mod progress;
mod queue;
mod rollout;
mod runs;
mod schedule;
mod setup;
mod shard;

use std::{fmt, sync::Arc, time::Duration};

use aws_types::SdkConfig;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::sync::{Notify, Semaphore};

pub use credentials::{Credentials, NoCredentials, emulated};
pub use cron::{Cron, Error as CronError};
pub use databases::DatabaseInfo;
pub use error::Error;
pub use lease::Lease;
pub use name::BadName;
pub use progress::{Listener, Progresses, Teller};
pub use queue::{JOB, Job};
pub use rollout::{Report, Rollout, Told};
pub use runs::{RunInfo, State, kind};
pub use setup::{Made, Setup};

use crate::database::modules::Library;
use error::asking;

/// The metadata database, and what is kept of it in memory. A clone is the same one.
#[derive(Clone)]
pub struct Control {
    pool: PgPool,
    url: Arc<str>,
    opened: databases::Opened,
    registries: credentials::Registries,
    progress: Progresses,
    cloud: Option<SdkConfig>,
    library: Arc<Library>,
    changed: Arc<Notify>,
    /// Setups that may go on at once.
    pace: Arc<Semaphore>,
}

impl Control {
    /// Connects, and brings the metadata database to this binary's version (forward only).
    ///
    /// # Errors
    /// When nobody answers there, or a migration fails.
    pub async fn connect(metadata_url: &str) -> Result<Self, Error> {
        let options =
            PgPoolOptions::new().max_connections(16).acquire_timeout(Duration::from_secs(10)).idle_timeout(Duration::from_secs(60));
        let pool = options.connect(metadata_url).await.map_err(asking("connecting to the metadata database"))?;
        sqlx::migrate!("./migrations").run(&pool).await?;
        queue::migrate(&pool).await?;
        sqlx::raw_sql(include_str!("sql/close_to_public.sql"))
            .execute(&pool)
            .await
            .map_err(asking("closing the server's own databases to the public"))?;
        Ok(Self {
            pool,
            url: metadata_url.into(),
            opened: databases::Opened::default(),
            registries: credentials::Registries::default(),
            progress: Progresses::default(),
            cloud: None,
            library: Arc::new(Library::carried().map_err(Error::Module)?),
            changed: Arc::default(),
            pace: Arc::new(Semaphore::new(4)),
        })
    }

    /// The same, with this cloud (its endpoint, its credentials) where AWS' default chain would be asked.
    #[must_use]
    pub fn with_cloud(self, cloud: Option<SdkConfig>) -> Self {
        Self { cloud, ..self }
    }

    /// The same, with these schemas for users' databases in the place of those that the binary carries.
    #[must_use]
    pub fn with_library(self, library: Library) -> Self {
        Self { library: Arc::new(library), ..self }
    }

    /// The schemas that users' databases are made of.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Whether the metadata database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ready(&self) -> Result<(), Error> {
        sqlx::query("select 1").execute(&self.pool).await.map(drop).map_err(asking("asking the metadata database whether it is there"))
    }

    /// What the runs of this process tell.
    pub fn progress(&self) -> &Progresses {
        &self.progress
    }

    /// The connections to the metadata database.
    pub fn pool(&self) -> &PgPool {
        &self.pool
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
        let query = sqlx::query_scalar("select value from control.setting where name = $1").bind(setting);
        let value: Option<String> = query.fetch_optional(&self.pool).await.map_err(asking("reading a setting"))?;
        Ok(value.and_then(|value| value.parse().ok()).unwrap_or(default))
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Control")
    }
}
