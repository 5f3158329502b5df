//! What can go wrong with what a gateway stands on: its certificates, its folder, its port.

use std::path::PathBuf;

/// A gateway that can't begin, or a certificate that can't be served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No domain at all.
    #[error("a gateway needs a certificate for at least one domain")]
    NoDomain,
    /// The text holds no certificate, or none can be read.
    #[error("could not read a certificate and its key for {domain}: key and chain are expected in one PEM")]
    Pem {
        /// For which domain.
        domain: String,
        /// What the reader said.
        source: rustls::pki_types::pem::Error,
    },
    /// TLS does not take it.
    #[error("could not serve the certificate for {domain}")]
    Certificate {
        /// For which domain.
        domain: String,
        /// What rustls said.
        source: rustls::Error,
    },
    /// Gateways and nodes could not know each other.
    #[error("could not make the key between gateways")]
    Kin(#[source] rustls::Error),
    /// A file could not be read.
    #[error("could not {doing} {}", .path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// No authority to trust is in a file.
    #[error("there is no certificate in {}: those of the authorities' own roots are expected, in PEM", .0.display())]
    NoRoot(PathBuf),
    /// Authorities can't be spoken to.
    #[error("could not make a client for HTTPS")]
    Client {
        /// What reqwest said.
        source: reqwest::Error,
    },
    /// Not a network.
    #[error("{0} is not a network: 10.0.0.0/8 and fd00::/8 are, and so is a single address")]
    Network(String),
}
