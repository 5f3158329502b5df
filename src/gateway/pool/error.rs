//! What can go wrong with what a pooler stands on: its file, its certificates.

use std::path::PathBuf;

/// A pooler that can't begin, or a file that it does not take.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error("could not {doing} {}", .path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is not what a pooler is told with.
    #[error("could not understand {}", .path.display())]
    Book {
        /// Which file.
        path: PathBuf,
        /// What the reader said.
        source: serde_json::Error,
    },
    /// It can't be so.
    #[error("{0}")]
    Senseless(String),
    /// No certificate, or no key, is in a file.
    #[error("could not read a certificate in {}", .path.display())]
    Pem {
        /// Which file.
        path: PathBuf,
        /// What the reader said.
        source: rustls::pki_types::pem::Error,
    },
    /// TLS does not take it.
    #[error("could not use the certificate in {}", .path.display())]
    Certificate {
        /// Which file.
        path: PathBuf,
        /// What rustls said.
        source: rustls::Error,
    },
    /// The pooler's own certificate.
    #[error("could not show the pooler's certificate")]
    Shown(#[source] crate::gateway::Error),
}
