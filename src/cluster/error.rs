//! What can go wrong with a cluster, in sentences that say what was tried.

use std::path::{Path, PathBuf};

use crate::{authority, local, store};

/// Why something about a cluster could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A sentence says it all.
    #[error("{0}")]
    Said(String),
    /// Another order is being carried out.
    #[error("another order is being carried out")]
    Busy,
    /// An order that comes too late, or must not be obeyed now.
    #[error("the order is refused: {0}")]
    Refused(&'static str),
    /// The disk said no.
    #[error("could not {doing} {}", .path.display())]
    Disk {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The record can't be read or written.
    #[error("the record of the cluster can't be reached")]
    Store(#[from] store::Error),
    /// A server did not answer as it should.
    #[error("could not {doing}")]
    Query {
        /// What was tried.
        doing: &'static str,
        /// What was said to it.
        source: sqlx::Error,
    },
    /// An agent did not answer.
    #[error("could not {doing}")]
    Agent {
        /// What was tried.
        doing: &'static str,
        /// What was said to it.
        source: reqwest::Error,
    },
    /// A certificate or what it follows from could not be made.
    #[error(transparent)]
    Authority(#[from] authority::Error),
    /// There is no Postgres here, or nobody who may run it.
    #[error(transparent)]
    Local(#[from] local::Error),
}

impl Error {
    pub(super) fn disk(doing: &'static str, path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Disk { doing, path, source }
    }

    pub(super) fn query(doing: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Query { doing, source }
    }

    pub(super) fn agent(doing: &'static str) -> impl FnOnce(reqwest::Error) -> Self {
        move |source| Self::Agent { doing, source }
    }
}
