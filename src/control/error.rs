//! Why the registry could not do what it was asked.

use super::{BadName, CronError, NoCredentials};
use crate::{
    database::{self, modules},
    schema::{self, Faults},
};

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
    /// A blueprint that can't do what it was asked, in its own words.
    #[error("{0}")]
    Blueprint(String),
    /// A webhook that can't be, and why.
    #[error("{0}")]
    Webhook(String),
    /// A schedule that makes no sense.
    #[error(transparent)]
    Cron(#[from] CronError),
    /// Where credentials should be, there are none.
    #[error(transparent)]
    Credentials(#[from] NoCredentials),
    /// The engine's own keys can't be read. Never holds any of them.
    #[error("reading the engine's keys from {place}: {said}")]
    Keys {
        /// Where they should be.
        place: String,
        /// What was wrong there.
        said: String,
    },
    /// Something inside the setup failed.
    #[error("setting up database {name}")]
    Setup {
        /// The database.
        name: String,
        /// What failed.
        source: Box<database::setup::Error>,
    },
    /// A user's database could not be opened.
    #[error("opening database {name}")]
    Open {
        /// The database.
        name: String,
        /// Why.
        source: Box<database::Error>,
    },
    /// A procedure of the metadata database failed.
    #[error(transparent)]
    Procedure(Box<schema::Error>),
    /// Nobody has said where databases may be made.
    #[error("there is no server for databases in control.shard")]
    NoServer,
    /// The metadata database can be read only.
    #[error("the metadata database is a standby: nothing can be written there")]
    Standby,
    /// The metadata database failed.
    #[error("{doing}")]
    Metadata {
        /// What was tried.
        doing: &'static str,
        /// What it said.
        source: sqlx::Error,
    },
    /// The metadata database could not be brought to this version.
    #[error("upgrading the metadata database")]
    Upgrade(#[source] Box<schema::Error>),
    /// What this binary carries for the metadata database has faults: a fault of ours.
    #[error(transparent)]
    Faults(#[from] Faults),
    /// A run is in a state that a later version knows.
    #[error("run {run} is in the state {state:?}, which this version does not know")]
    State {
        /// Which.
        run: uuid::Uuid,
        /// The word.
        state: String,
    },
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
            Self::Name(_)
            | Self::Unknown { .. }
            | Self::Unready(_)
            | Self::Taken(_)
            | Self::Cron(_)
            | Self::Credentials(_)
            | Self::Blueprint(_)
            | Self::Webhook(_) => true,
            Self::Module(error) => matches!(error, modules::Error::Unknown { .. }),
            Self::Setup { .. } | Self::Open { .. } | Self::Procedure(_) | Self::Standby | Self::Metadata { .. } | Self::Upgrade(_) => false,
            Self::Keys { .. } | Self::Faults(_) | Self::NoServer | Self::State { .. } | Self::Queue { .. } | Self::Random(_) => false,
        }
    }
}

impl From<schema::Error> for Error {
    fn from(error: schema::Error) -> Self {
        Self::Procedure(Box::new(error))
    }
}

/// Says what was asked of the metadata database: `.map_err(asking("…"))`.
pub(super) fn asking(doing: &'static str) -> impl Fn(sqlx::Error) -> Error {
    move |source| Error::Metadata { doing, source }
}
