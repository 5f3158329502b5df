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
    /// Nothing was heard for too long, of a cloud or a database that hangs.
    #[error("nothing was heard for {} seconds: the cloud or the database does not answer; what was begun is written down, and the next check goes on from there", .0.as_secs())]
    Silent(std::time::Duration),
    /// A run of a kind that a later engine knows.
    #[error("this engine does not know runs of kind {0:?}")]
    Kind(String),
}

impl Error {
    /// Whether a database of ours was out of reach, or its connections were ended: nothing is wrong with what was asked.
    pub(super) fn is_cut_off(&self) -> bool {
        database::is_cut_off(self)
    }

    /// What a user may be told of it.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Control(error) if error.is_for_the_user() => error.to_string(),
            Self::Kind(_) | Self::Interrupted | Self::Silent(_) => self.to_string(),
            Self::Engine(error) => error.to_string(),
            Self::Control(_) | Self::Queue(_) | Self::Database(_) | Self::Listen(_) => {
                "something failed inside iasql; the server's log has the cause".to_owned()
            }
        }
    }
}
