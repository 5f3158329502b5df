//! A cluster, for whoever belongs to it: its name, the bucket in which it is written down, and the one key from which all its other secrets follow.

use std::{fmt::Write as _, time::Duration};

use chrono::Utc;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::{Error, book::Book, registry::Directory};
use crate::{
    authority::{Derived, Leaf, derive},
    resource::Secret,
    store::{Access, Bucket},
};

/// The role as which members log in at each other, and whoever looks after them.
pub const MEMBER: &str = "postgres";
/// The role of the pooler, unless somebody says otherwise.
pub const POOLER: &str = "pooler";
/// How long a certificate lasts.
const LASTS: Duration = Duration::from_hours(30 * 24);
/// The shortest key, in signs.
const SHORTEST: usize = 32;

/// A cluster. Whoever has this belongs to it.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its name: letters, digits and `-`.
    pub name: String,
    /// Where it is written down: `s3://bucket/prefix` or `file:///folder`.
    pub bucket: String,
    /// How the bucket is reached.
    pub access: Access,
    /// What all its secrets follow from.
    pub key: Secret,
    /// How long certificates last; they are renewed when a third of that is left.
    pub lasts: Duration,
}

impl Site {
    /// # Errors
    /// Where the name is none, or the key is too short.
    pub fn new(name: &str, bucket: &str, access: Access, key: Secret) -> Result<Self, Error> {
        if name.is_empty() || !name.bytes().all(|sign| sign.is_ascii_alphanumeric() || sign == b'-') {
            return Err(Error::Said(format!("{name:?} is no name of a cluster: letters, digits and -")));
        }
        if key.expose().trim().chars().count() < SHORTEST {
            return Err(Error::Said(format!("the key of a cluster has at least {SHORTEST} signs")));
        }
        let key = Secret::new(key.expose().trim());
        Ok(Self { name: name.to_owned(), bucket: bucket.to_owned(), access, key, lasts: LASTS })
    }

    /// The authority that all of the cluster believe, and nobody else does.
    ///
    /// # Errors
    /// Where none can be made.
    pub fn authority(&self) -> Result<Derived, Error> {
        Ok(Derived::of(&self.key, &format!("iasql cluster {}", self.name))?)
    }

    /// A certificate for whoever is reached by these names and addresses, and logs in as this role.
    ///
    /// # Errors
    /// Where one of the names is none.
    pub fn certificate(&self, role: &str, names: &[String]) -> Result<Leaf, Error> {
        Ok(self.authority()?.issue(role, names, Utc::now(), self.lasts)?)
    }

    /// What agents and poolers ask for as a bearer token.
    ///
    /// # Errors
    /// Where none can be made.
    pub fn token(&self) -> Result<Secret, Error> {
        let bytes = derive(&self.key, &format!("iasql cluster {}: token", self.name))?;
        let text = bytes.iter().fold(String::new(), |mut text, byte| {
            // a String takes everything
            let _ = write!(text, "{byte:02x}");
            text
        });
        Ok(Secret::new(text))
    }

    /// The way to a database of whoever leads now, as the superuser.
    ///
    /// # Errors
    /// Where the bucket does not answer, or nobody leads.
    pub async fn primary(&self, database: &str) -> Result<PgConnectOptions, Error> {
        let book = self.book().await?;
        let (found, keys) = book.look().await?;
        let leader = found.and_then(|found| found.state.record.leader()).ok_or(Error::Refused("nobody leads"))?;
        let mut directory = Directory::default();
        directory.update(&book, keys).await?;
        let peer = directory.members().remove(&leader).ok_or(Error::Refused("who leads has not said where it is"))?;
        Ok(self.way(MEMBER)?.host(&peer.at.door.ip().to_string()).port(peer.at.door.port()).database(database))
    }

    /// As this role, by a certificate, to whoever shows one of ours.
    ///
    /// # Errors
    /// Where no certificate can be made.
    pub fn way(&self, role: &str) -> Result<PgConnectOptions, Error> {
        let (leaf, authority) = (self.certificate(role, &[])?, self.authority()?);
        let options = PgConnectOptions::new_without_pgpass().username(role).ssl_mode(PgSslMode::VerifyFull);
        let options = options.ssl_root_cert_from_pem(authority.certificate().as_bytes().to_vec());
        Ok(options.ssl_client_cert_from_pem(&leaf.certificate).ssl_client_key_from_pem(leaf.key.expose()))
    }

    pub(super) async fn book(&self) -> Result<Book, Error> {
        Ok(Book::new(Bucket::open(&self.bucket, &self.access).await?, &self.name))
    }
}
