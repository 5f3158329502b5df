//! Why an upload is not taken, in sentences for whoever sent it; nothing of the database has changed then.

use std::io;

use axum::http::StatusCode;

use super::{control, shape};
use crate::node;

/// Why an upload is not taken.
#[derive(Debug, thiserror::Error)]
pub(in crate::gateway) enum Error {
    #[error("an entry of the tarball is refused")]
    Entry(#[from] shape::Refused),
    #[error("the upload could not be read")]
    Stream(#[source] io::Error),
    #[error("the upload is neither a tarball nor an archive of pg_dump")]
    Format,
    #[error("the data folder has no {0}")]
    Missing(&'static str),
    #[error("a server works in the data folder, or was killed: postmaster.pid is there")]
    Running,
    #[error("the data folder is of PostgreSQL {found}, and {wanted} is what runs here")]
    Version { found: String, wanted: String },
    #[error("the data folder can't be opened here")]
    Control(#[from] control::Wrong),
    #[error("PostgreSQL can't open the data folder: {0}")]
    Opened(String),
    #[error("the cluster has several databases ({0}), and none has the name {1}")]
    Several(String, String),
    #[error("the database could not be read: {0}")]
    Dump(String),
    #[error("the database could not be restored by the login, which is no superuser: {0}")]
    Restore(String),
    #[error("the data folder is PGlite's, and it is not installed here what opens it")]
    NoPglite,
    #[error("the database is a PGlite, and what was sent is {0}")]
    NotPglite(&'static str),
    #[error("PGlite can't open the data folder: {0}")]
    Pglite(String),
    #[error("the database would have {size} bytes and may have {limit}")]
    Large { size: u64, limit: u64 },
    #[error("another upload to this database is under way")]
    Busy,
    #[error("as many uploads are under way as this gateway takes")]
    Crowded,
    #[error("the upload took longer than {0} seconds in all")]
    Slow(u64),
    #[error("{doing} failed for now")]
    Here { doing: &'static str, source: Box<dyn std::error::Error + Send + Sync> },
}

impl Error {
    pub(super) fn here(doing: &'static str) -> impl FnOnce(node::Error) -> Self {
        move |source| Self::Here { doing, source: Box::new(source) }
    }

    pub(super) fn disk(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Here { doing, source: Box::new(source) }
    }

    /// Its status.
    pub(in crate::gateway) fn status(&self) -> StatusCode {
        use shape::Why;
        match self {
            Self::Entry(refused) if matches!(refused.why, Why::Many(_) | Why::Large(_)) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Stream(error) => match error.kind() {
                io::ErrorKind::TimedOut => StatusCode::REQUEST_TIMEOUT,
                io::ErrorKind::FileTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                _ => StatusCode::BAD_REQUEST,
            },
            Self::Format => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Entry(_) | Self::Missing(_) | Self::Running | Self::Version { .. } | Self::Control(_) | Self::Opened(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Several(..) | Self::Dump(_) | Self::Restore(_) | Self::Pglite(_) | Self::NotPglite(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NoPglite => StatusCode::NOT_IMPLEMENTED,
            Self::Large { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Busy => StatusCode::CONFLICT,
            Self::Crowded | Self::Here { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Slow(_) => StatusCode::REQUEST_TIMEOUT,
        }
    }

    /// What would be right.
    pub(in crate::gateway) fn hint(&self) -> &'static str {
        match self {
            Self::Entry(_) => "Send a tarball of a stopped server's data folder and nothing else: tar -C <data folder> -c .",
            Self::Stream(_) => "Send it again, whole; what is compressed may be with gzip or zstd, and at an ordinary ratio.",
            Self::Format => {
                "Send a tarball of a data folder, a PGlite dumpDataDir, or pg_dump -Fc or -Ft; each may be compressed with gzip or zstd."
            }
            Self::Missing(_) => "Send the whole data folder: tar -C <data folder> -c .",
            Self::Running | Self::Control(control::Wrong::Running(_)) => {
                "Stop the server first (pg_ctl stop -m fast), or send what pg_dump -Fc makes of the running one."
            }
            Self::Version { .. } | Self::Control(_) | Self::Opened(_) => "pg_dump -Fc works from any version and machine.",
            Self::Several(..) => "Rename the one that is meant, or send what pg_dump -Fc makes of it.",
            Self::Dump(_) | Self::Pglite(_) => "Send what pg_dump -Fc makes of it.",
            Self::Restore(_) => {
                "Only what the database's own login may make is taken: no functions in C, untrusted languages and extensions, or other roles."
            }
            Self::NotPglite(_) => "Send what PGlite's dumpDataDir makes, or have the row of gateway.database say engine = 'postgres'.",
            Self::NoPglite => "Whoever runs the gateway installs it with scripts/install.sh and names the folder with --pglite.",
            Self::Large { .. } => "A higher size_limit_bytes in gateway.database makes room.",
            Self::Busy => "Wait for its end; the later of two uploads is the newest version.",
            Self::Crowded | Self::Here { .. } => "Try again in a moment; nothing has changed.",
            Self::Slow(_) => "Send less, or over a faster line; pg_dump -Fc is smaller than a data folder.",
        }
    }
}
