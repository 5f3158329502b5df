//! A key and its chain, as a user wrote them: whether they can be shown to clients of a domain.

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use rustls::{
    crypto::aws_lc_rs::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};

use super::{Seen, x509::Facts};
use crate::resource::Secret;

/// Why something can't be shown, in words for its user. Nothing of the key is in it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    #[error("there is no certificate in it, or one that can't be read: key and chain are expected in one PEM")]
    NoCertificate,
    #[error("there is no private key in it, or one that can't be read: PKCS#8, SEC1 and PKCS#1 can, where they are not encrypted")]
    NoKey,
    #[error("the key does not belong to the first certificate: the server's own certificate comes first, those of authorities behind it")]
    OtherKey,
    #[error("it is over since {0}: a new one is needed")]
    Over(DateTime<Utc>),
    #[error("it is valid from {0} on only")]
    NotYet(DateTime<Utc>),
    #[error("it is for {}, and not for *.{domain}: databases are named below that", if names.is_empty() { "no name".to_owned() } else { names.join(", ") })]
    OtherNames { domain: String, names: Vec<String> },
}

/// Looks at a key and a chain that are to be shown to clients of this domain, at this time.
pub(crate) fn look(pem: &Secret, domain: &str, now: DateTime<Utc>) -> Result<Seen, Unfit> {
    let bytes = pem.expose().as_bytes();
    let chain: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(bytes).collect();
    let chain = chain.map_err(|_| Unfit::NoCertificate)?;
    let first = chain.first().cloned().ok_or(Unfit::NoCertificate)?;
    let facts = Facts::read(&first).ok_or(Unfit::NoCertificate)?;
    let key = PrivateKeyDer::from_pem_slice(bytes).map_err(|_| Unfit::NoKey)?;
    CertifiedKey::from_der(chain, key, &default_provider()).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => Unfit::OtherKey,
        rustls::Error::InvalidCertificate(_) => Unfit::NoCertificate,
        _ => Unfit::NoKey,
    })?;
    if now >= facts.not_after {
        return Err(Unfit::Over(facts.not_after));
    }
    if now < facts.not_before {
        return Err(Unfit::NotYet(facts.not_before));
    }
    if !facts.names.contains(&format!("*.{domain}")) {
        return Err(Unfit::OtherNames { domain: domain.to_owned(), names: facts.names });
    }
    let hash = digest::digest(&digest::SHA256, &first);
    let fingerprint = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let Facts { names, not_before, not_after } = facts;
    Ok(Seen { fingerprint, names, not_before, not_after })
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    fn made(key: &KeyPair, name: &str) -> String {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2027, 1, 1));
        params.self_signed(key).unwrap().pem()
    }

    fn at(year: i32) -> DateTime<Utc> {
        format!("{year}-06-01T00:00:00Z").parse().unwrap()
    }

    #[test]
    fn what_no_client_would_take_is_refused_and_it_is_said_why() {
        let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let (right, wrong) = (made(&key, "*.db.example.com"), made(&key, "*.example.com"));
        let looked = |key: &str, chain: &str, year| look(&Secret::new(format!("{key}{chain}")), "db.example.com", at(year));
        let (ours, theirs) = (key.serialize_pem(), other.serialize_pem());
        let shown = looked(&ours, &right, 2026).unwrap();
        assert_eq!((shown.fingerprint.len(), &shown.names[..]), (64, &["*.db.example.com".to_owned()][..]));
        assert_eq!(looked(&theirs, &right, 2026), Err(Unfit::OtherKey));
        assert_eq!(looked("", &right, 2026), Err(Unfit::NoKey));
        assert_eq!(looked(&ours, "", 2026), Err(Unfit::NoCertificate));
        assert!(matches!(looked(&ours, &right, 2027), Err(Unfit::Over(_))));
        assert!(matches!(looked(&ours, &right, 2025), Err(Unfit::NotYet(_))));
        let named = looked(&ours, &wrong, 2026).unwrap_err();
        assert_eq!(named.to_string(), "it is for *.example.com, and not for *.db.example.com: databases are named below that");
    }
}
