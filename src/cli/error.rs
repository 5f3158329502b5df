//! Why a command failed, in sentences for the person who typed it.

use std::path::PathBuf;

use iasql::{causes::in_one_line, control, database, http, local, schema, worker};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("an iasql already runs in {}{}: stop that one first, or choose another folder with --dir", .dir.display(), .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    AlreadyRunning { dir: PathBuf, pid: Option<u32> },
    #[error("no iasql runs in {}: start one with `iasql up`{}, or name a server's metadata database with --database-url", .dir.display(), .near.as_ref().map(|near| format!(", name the one that runs in {near} with --dir {near}", near = near.display())).unwrap_or_default())]
    NothingRuns {
        dir: PathBuf,
        /// A folder below it in which one does.
        near: Option<PathBuf>,
    },
    #[error("the iasql in {} is still starting: try again in a moment", .dir.display())]
    StillStarting { dir: PathBuf },
    #[error("{0}")]
    Said(String),
    #[error("{what}")]
    Io { what: String, source: std::io::Error },
    #[error("listening on {address} (another address: {option})")]
    Listen { option: &'static str, address: std::net::SocketAddr, source: std::io::Error },
    #[error(transparent)]
    Guard(#[from] http::GuardError),
    #[error(transparent)]
    Local(#[from] local::Error),
    #[error(transparent)]
    Control(#[from] control::Error),
    #[error(transparent)]
    Schema(#[from] schema::Error),
    #[error(transparent)]
    Database(#[from] database::Error),
    #[error(transparent)]
    Worker(#[from] worker::Error),
}

impl Error {
    /// The sentence and its causes, each once.
    pub(crate) fn chain(&self) -> String {
        in_one_line(self)
    }
}
