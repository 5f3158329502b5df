//! What is said over the pipe between the engine and the helper that runs Postgres: a line there, a line back.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What the helper is to start.
#[derive(Serialize, Deserialize)]
pub(super) struct Order {
    /// The folder that holds everything; the helper's own.
    pub(super) home: PathBuf,
    /// The port to listen on; any free one where none is named.
    pub(super) port: Option<u16>,
    /// Whether what was committed must outlive a power cut; where not, the folder goes when the server stops.
    pub(super) lasting: bool,
}

/// What became of it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    /// The server accepts connections.
    Ready {
        /// Where it listens, on 127.0.0.1.
        port: u16,
        /// The superuser's password.
        password: String,
    },
    /// It does not, and why.
    Failed(String),
}
