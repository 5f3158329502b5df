//! Why the worker could not work.

use crate::{causes, control, database, engine};

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
        causes::all(self).filter_map(|error| error.downcast_ref::<sqlx::Error>()).any(|error| match error {
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => true,
            // operator_intervention (a session was ended, a server stops or starts) and connection_exception
            sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("57P0") || code.starts_with("08")),
            _ => false,
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_line_is_told_from_a_statement_that_failed() {
        let failed = |source| Error::Database(database::Error::Statement { doing: "reading the plan", source });
        assert!(failed(sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into())).is_cut_off());
        assert!(Error::Listen(sqlx::Error::PoolTimedOut).is_cut_off());
        assert!(!failed(sqlx::Error::RowNotFound).is_cut_off());
        assert!(!Error::Interrupted.is_cut_off());
    }
}
