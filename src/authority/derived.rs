//! A certificate authority that follows from a secret: whoever has the secret is it, makes certificates for itself, and believes exactly those.

use std::time::Duration;

use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use chrono::{DateTime, SubsecRound, Utc};
use p256::ecdsa::{DerSignature, SigningKey, signature::Signer};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SerialNumber, SignatureAlgorithm, date_time_ymd,
};

use super::{Error, make};
use crate::resource::Secret;

/// How many bytes follow from a secret and a purpose.
const LENGTH: usize = 32;
/// A certificate counts from so long ago on, for clocks differ.
const BEFORE: Duration = Duration::from_secs(3600);

/// What follows from a secret for one purpose, and for no other (HKDF with SHA-256, RFC 5869).
///
/// # Errors
/// Where the library has none.
pub fn derive(secret: &Secret, purpose: &str) -> Result<[u8; LENGTH], Error> {
    let mut made = [0; LENGTH];
    let key = Salt::none(HKDF_SHA256).extract(secret.expose().as_bytes());
    let filled = key.expand(&[purpose.as_bytes()], HKDF_SHA256).and_then(|okm| okm.fill(&mut made));
    filled.map(|()| made).map_err(|_| Error::Derive(purpose.to_owned()))
}

/// An authority of which nothing is kept: each time it is made, it is the same to the last byte.
#[derive(Debug)]
pub struct Derived {
    key: Own,
    name: String,
    certificate: String,
}

/// A certificate with its key.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// The certificate, in PEM.
    pub certificate: String,
    /// Its key, in PEM.
    pub key: Secret,
    /// Until when it counts.
    pub ends: DateTime<Utc>,
}

impl Leaf {
    /// Key and certificate in one PEM.
    pub fn pem(&self) -> Secret {
        Secret::new(format!("{}{}", self.key.expose(), self.certificate))
    }
}

impl Derived {
    /// The authority of this name that follows from the secret.
    ///
    /// # Errors
    /// Where no certificate can be made for this name.
    pub fn of(secret: &Secret, name: &str) -> Result<Self, Error> {
        let key = Own::of(secret, name)?;
        let mut authority = Self { key, name: name.to_owned(), certificate: String::new() };
        let made = authority.params().self_signed(&authority.key).map_err(make(name))?;
        authority.certificate = made.pem();
        Ok(authority)
    }

    /// What others are told to believe, in PEM: it is no secret.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A certificate of somebody who is reached by these names and addresses, and is `who` where he asks to be let in.
    ///
    /// # Errors
    /// Where one of the names is none.
    pub fn issue(&self, who: &str, names: &[String], now: DateTime<Utc>, lasts: Duration) -> Result<Leaf, Error> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(make(who))?;
        let mut params = CertificateParams::new(names).map_err(make(who))?;
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, who);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        let ends = (now + lasts).trunc_subsecs(0);
        let time = |at: DateTime<Utc>| date_time_ymd(1970, 1, 1) + Duration::from_secs(at.timestamp().try_into().unwrap_or_default());
        (params.not_before, params.not_after) = (time(now - BEFORE), time(ends));
        let made = params.signed_by(&key, &Issuer::from_params(&self.params(), &self.key)).map_err(make(who))?;
        Ok(Leaf { certificate: made.pem(), key: Secret::new(key.serialize_pem()), ends })
    }

    fn params(&self) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, self.name.clone());
        params.serial_number = Some(SerialNumber::from(1));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        // as long as its secret: who leaves that behind has another one
        (params.not_before, params.not_after) = (date_time_ymd(2025, 1, 1), date_time_ymd(2125, 1, 1));
        params
    }
}

/// The authority's key. It signs alike what is alike (RFC 6979).
struct Own {
    key: SigningKey,
    public: Vec<u8>,
}

impl Own {
    fn of(secret: &Secret, name: &str) -> Result<Self, Error> {
        // of 2^32 numbers one is no key of the curve
        for turn in 0_u8.. {
            if let Ok(key) = SigningKey::from_slice(&derive(secret, &format!("{name}: authority {turn}"))?) {
                let public = key.verifying_key().to_encoded_point(false).as_bytes().to_vec();
                return Ok(Self { key, public });
            }
        }
        Err(Error::Derive(name.to_owned()))
    }
}

impl std::fmt::Debug for Own {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl PublicKeyData for Own {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for Own {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signed: DerSignature = self.key.try_sign(message).map_err(|_| rcgen::Error::RemoteKeyError)?;
        Ok(signed.as_bytes().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_the_secret_is_the_same_authority() {
        let (secret, other) = (Secret::new("the key of a cluster"), Secret::new("another key of a cluster"));
        let [one, again] = [(); 2].map(|()| Derived::of(&secret, "main").expect("an authority"));
        assert_eq!(one.certificate(), again.certificate());
        assert_ne!(one.certificate(), Derived::of(&other, "main").expect("an authority").certificate());
        assert_ne!(derive(&secret, "one").expect("bytes"), derive(&secret, "other").expect("bytes"));
        assert!(!format!("{one:?}").contains("SigningKey"));
    }
}
