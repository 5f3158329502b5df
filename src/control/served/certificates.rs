//! What gateways show who comes to the domains: opened with the engine's key.

use chrono::{DateTime, Utc};

use super::Failed;
use crate::{control::Control, resource::Secret, seal};

/// A certificate to be shown.
#[derive(Clone, Debug)]
pub struct Shown {
    /// For which domain.
    pub domain: String,
    /// SHA-256 of the certificate, in hexadecimal digits.
    pub fingerprint: String,
    /// Until when it is valid.
    pub not_after: DateTime<Utc>,
    /// Whether a gateway orders the next one.
    pub is_ordered: bool,
    /// The key and the chain in one PEM, or why they can't be opened.
    pub pem: Result<Secret, seal::Error>,
}

impl Control {
    /// All certificates that gateways show, by domain.
    ///
    /// # Errors
    /// When the metadata database does not answer.
    pub async fn shown_certificates(&self) -> Result<Vec<Shown>, Failed> {
        let (rows, keys) = (self.services.gateway.procs.served_certificates().await?, self.keys().await);
        let shown = rows.into_iter().map(|row| {
            let pem = keys.kept(&place(&row.domain), &row.sealed);
            Shown { domain: row.domain, fingerprint: row.fingerprint, not_after: row.not_after, is_ordered: row.is_ordered, pem }
        });
        Ok(shown.collect())
    }
}

/// What a sealed certificate is sealed as: that of another domain is not opened.
pub(super) fn place(domain: &str) -> String {
    format!("the certificate of {domain}")
}
