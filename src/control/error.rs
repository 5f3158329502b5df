//! Why the registry could not do what it was asked.

use super::{BadName, CronError, NoCredentials};
use crate::database::{self, modules};

/// Why the registry could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name can't be one of a database.
    #[error(transparent)]
    Name(#[from] BadName),
    /// There is no such database.
    #[error("there is no database {name}{}", .nearest.as_deref().map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default())]
    Unknown {
        /// What was asked for.
        name: String,
        /// The one with the most similar name, if one is similar.
        nearest: Option<String>,
    },
    /// A setup was begun and has not ended.
    #[error("database {0} is not ready: its setup has not ended; ask for it again")]
    Unready(String),
    /// Something that we did not make has that name.
    #[error("the name {0} is taken on this server by something that iasql did not make")]
    Taken(String),
    /// A module that nobody made.
    #[error(transparent)]
    Module(modules::Error),
    /// A schedule that makes no sense.
    #[error(transparent)]
    Cron(#[from] CronError),
    /// Where credentials should be, there are none.
    #[error(transparent)]
    Credentials(#[from] NoCredentials),
    /// Something inside the setup failed.
    #[error("setting up database {name}")]
    Setup {
        /// The database.
        name: String,
        /// What failed.
        source: database::setup::Error,
    },
    /// A user's database could not be opened.
    #[error("opening database {name}")]
    Open {
        /// The database.
        name: String,
        /// Why.
        source: database::Error,
    },
    /// The metadata database failed.
    #[error("{doing}")]
    Metadata {
        /// What was tried.
        doing: &'static str,
        /// What it said.
        source: sqlx::Error,
    },
    /// The metadata database could not be brought to this version.
    #[error("migrating the metadata database")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The queue failed.
    #[error("{doing}")]
    Queue {
        /// What was tried.
        doing: &'static str,
        /// What it said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The machine has no randomness.
    #[error("making a password: {0}")]
    Random(getrandom::Error),
}

impl Error {
    /// Whether its sentence is for the user: it is about what they asked, and holds nothing of our insides.
    pub fn is_for_the_user(&self) -> bool {
        match self {
            Self::Name(_) | Self::Unknown { .. } | Self::Unready(_) | Self::Taken(_) | Self::Cron(_) | Self::Credentials(_) => true,
            Self::Module(error) => matches!(error, modules::Error::Unknown { .. }),
            Self::Setup { .. } | Self::Open { .. } | Self::Metadata { .. } | Self::Migrate(_) | Self::Queue { .. } | Self::Random(_) => {
                false
            }
        }
    }
}

/// Says what was asked of the metadata database: `.map_err(asking("…"))`.
pub(super) fn asking(doing: &'static str) -> impl Fn(sqlx::Error) -> Error {
    move |source| Error::Metadata { doing, source }
}
