//! Why the worker could not work.

use crate::{control, database, engine};

/// Why the worker could not work, or one of its jobs could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The queue can't be read.
    #[error("reading the queue")]
    Queue(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The registry failed.
    #[error(transparent)]
    Control(#[from] control::Error),
    /// A user's database failed.
    #[error(transparent)]
    Database(#[from] database::Error),
    /// A run failed as a whole.
    #[error(transparent)]
    Engine(#[from] engine::Error),
    /// A user's database could not be listened to.
    #[error("listening to a database")]
    Listen(#[from] sqlx::Error),
    /// Whoever waited for a run wanted to wait no longer.
    #[error("interrupted: what was begun is written down, and the next check goes on from there")]
    Interrupted,
    /// A run of a kind that a later engine knows.
    #[error("this engine does not know runs of kind {0:?}")]
    Kind(String),
}

impl Error {
    /// What a user may be told of it.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Control(error) if error.is_for_the_user() => error.to_string(),
            Self::Kind(_) | Self::Interrupted => self.to_string(),
            Self::Engine(error) => error.to_string(),
            Self::Control(_) | Self::Queue(_) | Self::Database(_) | Self::Listen(_) => {
                "something failed inside iasql; the server's log has the cause".to_owned()
            }
        }
    }
}

/// An error with its causes, for the log.
pub(super) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
