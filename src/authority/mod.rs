//! Certificate authorities of our own. [`Authority`] is one for development, kept in a folder, trusted by whoever is told to, and by nobody else;
//! [`Derived`] follows from a secret, [`Presented`] shows a certificate of it, and [`Door`] lets in by that.

mod derived;
mod door;
mod presented;

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use aws_lc_rs::digest;
use chrono::{DateTime, Datelike, Days, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PublicKeyData,
    date_time_ymd,
};

pub use derived::{Derived, Leaf, derive};
pub use door::Door;
pub use presented::Presented;

use crate::resource::Secret;

/// How long the authority lasts, in days.
const OURS: u64 = 3650;
/// How long a certificate lasts, in days: the most that clients of all kinds take.
const THEIRS: u64 = 397;

/// A domain below which servers have their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// `db.example.com`, whose databases are `<id>.db.example.com`.
    pub name: String,
    /// The key and the chain, the server's certificate first, in one PEM.
    pub pem: Secret,
}

/// Why there is no authority, or no certificate of one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A certificate could not be made.
    #[error("could not make a certificate for {name}")]
    Make {
        /// For whom.
        name: String,
        /// What rcgen said.
        source: rcgen::Error,
    },
    /// A file could not be written or read.
    #[error("could not {doing} {}", .path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Nothing follows from the secret.
    #[error("could not derive anything for {0}")]
    Derive(String),
    /// What should be a certificate or a key is none.
    #[error("could not read a certificate")]
    Pem(#[source] rustls::pki_types::pem::Error),
    /// TLS does not take it.
    #[error("could not use a certificate")]
    Tls(#[source] rustls::Error),
}

/// An authority that signs certificates for domains of this machine.
#[derive(Debug)]
pub struct Authority {
    folder: PathBuf,
    key: KeyPair,
}

impl Authority {
    /// The authority that is kept in `folder`, or a new one: `authority.key`, which only its owner reads, and `authority.crt`.
    ///
    /// # Errors
    /// Where the folder can't be written, or holds something else.
    pub fn open(folder: impl Into<PathBuf>, now: DateTime<Utc>) -> Result<Self, Error> {
        let folder = folder.into();
        fs::create_dir_all(&folder).map_err(file("make", &folder))?;
        let path = folder.join("authority.key");
        let key = if path.exists() {
            let text = fs::read_to_string(&path).map_err(file("read", &path))?;
            KeyPair::from_pem(&text).map_err(make(&path.display().to_string()))?
        } else {
            let key = KeyPair::generate().map_err(make("an authority"))?;
            write(&path, &key.serialize_pem(), 0o600)?;
            key
        };
        let authority = Self { folder, key };
        if !authority.certificate().exists() {
            let mut params = authority.params();
            lasting(&mut params, now, OURS);
            let certificate = params.self_signed(&authority.key).map_err(make("an authority"))?;
            write(&authority.certificate(), &certificate.pem(), 0o644)?;
        }
        Ok(authority)
    }

    /// The file that clients are told to trust, as in `sslrootcert`.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("authority.crt")
    }

    /// A certificate with its key for all names right below `domain`, good for 397 days.
    ///
    /// # Errors
    /// Where the domain is none.
    pub fn issue(&self, domain: &str, now: DateTime<Utc>) -> Result<Domain, Error> {
        let key = KeyPair::generate().map_err(make(domain))?;
        let mut params = CertificateParams::new(vec![format!("*.{domain}"), domain.to_owned()]).map_err(make(domain))?;
        params.distinguished_name.push(DnType::CommonName, format!("*.{domain}"));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        lasting(&mut params, now, THEIRS);
        let ours = self.params();
        let certificate = params.signed_by(&key, &Issuer::from_params(&ours, &self.key)).map_err(make(domain))?;
        Ok(Domain { name: domain.to_owned(), pem: Secret::new(format!("{}{}", key.serialize_pem(), certificate.pem())) })
    }

    /// The same each time for the same key, so that what is signed later fits the certificate that was made first.
    fn params(&self) -> CertificateParams {
        let hash = digest::digest(&digest::SHA256, self.key.der_bytes());
        let name: String = hash.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, format!("iasql development authority {name}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params
    }
}

/// From a day ago on, for clocks differ, until so many days from now.
fn lasting(params: &mut CertificateParams, now: DateTime<Utc>, days: u64) {
    let today = now.date_naive();
    let (from, until) = (today.checked_sub_days(Days::new(1)).unwrap_or(today), today.checked_add_days(Days::new(days)).unwrap_or(today));
    // a month or a day is below 32
    let small = |number: u32| u8::try_from(number).unwrap_or(1);
    params.not_before = date_time_ymd(from.year(), small(from.month()), small(from.day()));
    params.not_after = date_time_ymd(until.year(), small(until.month()), small(until.day()));
}

fn write(path: &Path, text: &str, mode: u32) -> Result<(), Error> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    opened.and_then(|mut made| made.write_all(text.as_bytes())).map_err(file("write", path))
}

fn file(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::File { doing, path, source }
}

fn make(name: &str) -> impl FnOnce(rcgen::Error) -> Error {
    let name = name.to_owned();
    move |source| Error::Make { name, source }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn an_authority_is_made_once_and_its_key_is_for_its_owner_only() {
        let folder = std::env::temp_dir().join(format!("iasql-authority-{}", std::process::id()));
        let one = Authority::open(&folder, Utc::now()).unwrap();
        let again = Authority::open(&folder, Utc::now()).unwrap();
        assert_eq!(one.key.serialize_pem(), again.key.serialize_pem());
        assert_eq!(fs::metadata(folder.join("authority.key")).unwrap().permissions().mode() & 0o777, 0o600);
        let domain = again.issue("db.localhost", Utc::now()).unwrap();
        assert!(!format!("{domain:?}").contains("PRIVATE"));
        let pem = domain.pem.expose();
        assert!(["PRIVATE KEY", "CERTIFICATE"].iter().all(|part| pem.contains(&format!("-----BEGIN {part}-----"))));
        fs::remove_dir_all(folder).unwrap();
    }
}
