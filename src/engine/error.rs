//! Why a run could not be carried out at all. What fails in the cloud is no such error: it stands in the outcome.

use crate::{database, plan};

/// Why a run could not be carried out at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A newer engine has the database; nothing more may be done under this lease.
    #[error("the lease is over: a newer engine has taken this database")]
    Fenced,
    /// The user's database failed.
    #[error(transparent)]
    Database(database::Error),
    /// The plan can't be ordered.
    #[error(transparent)]
    Cycle(#[from] plan::Cycle),
}

impl From<database::Error> for Error {
    fn from(error: database::Error) -> Self {
        match error {
            database::Error::Fenced => Self::Fenced,
            error => Self::Database(error),
        }
    }
}
