//! What can go wrong when a server is started on this machine, in sentences that say what to do.

use std::path::PathBuf;

/// A server of this machine that did not start, or did not stop.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No Postgres server is installed.
    #[error("no PostgreSQL server of version 15 or newer was found under {}: install one with `make install`, or with `apt-get install postgresql`", .0.display())]
    NoPostgres(PathBuf),
    /// The data was written by a version that is not installed.
    #[error("the data in {} needs PostgreSQL {version}, which is not installed: install postgresql-{version}, or remove the folder to start afresh", .data.display())]
    OtherVersion {
        /// The data folder.
        data: PathBuf,
        /// The major version that made it.
        version: String,
    },
    /// Root asked, and nobody else can do it.
    #[error(
        "PostgreSQL refuses to run as root, and this machine has neither a user `postgres` nor `nobody` to run it as: create one with `useradd --system postgres`"
    )]
    NoUser,
    /// A folder could not be made, read or given away.
    #[error("could not {doing} {}: {source}", .path.display())]
    Folder {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Somebody else works in this folder.
    #[error("another iasql runs its PostgreSQL in {}: stop that one first, or choose another folder with --dir", .0.display())]
    Busy(PathBuf),
    /// The port is somebody else's.
    #[error("port {0} of 127.0.0.1 is taken: stop what listens there, or choose another with --port")]
    Port(u16),
    /// Postgres said no.
    #[error("PostgreSQL did not start: {0}")]
    Postgres(String),
    /// What the helper that runs Postgres said, which is a sentence of these.
    #[error("{0}")]
    Helper(String),
    /// The virtual environment is not there.
    #[error("no local cloud is installed in {}: install it with `make install`", .0.display())]
    NoEmulator(PathBuf),
    /// The emulator ended before it was ready.
    #[error("the local cloud did not start: {said} (its log is {})", .log.display())]
    Emulator {
        /// Its last words.
        said: String,
        /// Where the rest stands.
        log: PathBuf,
    },
}

impl Error {
    pub(super) fn folder(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Folder { doing, path, source }
    }
}
