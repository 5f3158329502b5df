//! Of the book, the domains, and what is shown who comes there.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Told;
use crate::resource::Secret;

/// The domains below which one user's database may have databases, and their certificates.
pub trait Domains: Send + Sync {
    /// All domains.
    fn domains(&self) -> Told<'_, Vec<Domain>>;
    /// Has it have databases below this domain from now on, or changes how.
    ///
    /// Fails with [`Kind::Invalid`](crate::resource::Kind::Invalid), and for good, where somebody else has that domain.
    fn set_domain<'a>(&'a self, domain: &'a Domain) -> Told<'a, ()>;
    /// Has it have none any more.
    ///
    /// Fails with [`Kind::Held`](crate::resource::Kind::Held) where it still has databases there.
    fn remove_domain<'a>(&'a self, name: &'a str) -> Told<'a, ()>;
    /// All certificates, without their keys.
    fn certificates(&self) -> Told<'_, Vec<Certificate>>;
    /// Shows this one from now on; where there is no PEM it only changes whose it is.
    ///
    /// Fails with [`Kind::Invalid`](crate::resource::Kind::Invalid), and for good, where somebody else's is shown for that domain.
    fn set_certificate<'a>(&'a self, certificate: &'a Certificate, pem: Option<&'a Secret>) -> Told<'a, ()>;
    /// Has gateways order one, and again before it is over; what is shown goes on being shown until then. Where it is ordered already it only changes
    /// whose it is, from whom, and whom that may write to.
    ///
    /// Fails as [`set_certificate`](Self::set_certificate).
    fn order_certificate<'a>(&'a self, domain: &'a str, owner: &'a str, order: &'a Order) -> Told<'a, ()>;
    /// Shows and orders none any more. That it is gone already is no failure.
    fn remove_certificate<'a>(&'a self, domain: &'a str) -> Told<'a, ()>;
}

/// A domain below which databases are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// `db.example.com`.
    pub name: String,
    /// The ownership tag.
    pub owner: String,
    /// Whether others may have databases there too who say so as well.
    pub shared: bool,
}

/// What is shown who comes to a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The domain.
    pub domain: String,
    /// The ownership tag.
    pub owner: String,
    /// Of one that somebody wrote: another one for each key and chain; nil where the engine's own key is another by now, so that it is written again.
    pub version: Option<Uuid>,
    /// What is shown; `None`: nothing yet.
    pub seen: Option<Seen>,
    /// What is ordered; `None`: somebody wrote it.
    pub order: Option<Order>,
}

/// What a certificate says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// SHA-256 of the certificate, in hexadecimal digits.
    pub fingerprint: String,
    /// The names that it is for.
    pub names: Vec<String>,
    /// From when it is valid.
    pub not_before: DateTime<Utc>,
    /// Until when it is valid.
    pub not_after: DateTime<Utc>,
}

/// A certificate that gateways order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// From whom: `letsencrypt`, `letsencrypt-staging`, or the URL of an ACME directory.
    pub issuer: String,
    /// A mail address that they may write to.
    pub contact: Option<String>,
    /// `wanted`, `ordered`, `valid`, or why it is not. Nobody but a gateway says so.
    pub state: String,
}
