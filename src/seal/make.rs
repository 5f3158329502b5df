//! Makes a key: an OpenPGP key of version 4, which pgcrypto can seal to.
//!
//! Its numbers come from AWS-LC, for it makes an RSA key in a fraction of a second in a build that is not optimised, too.

use aws_lc_rs::{
    encoding::{AsBigEndian, AsDer},
    error::Unspecified,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{Ed25519KeyPair, KeyPair},
};
use chrono::{DateTime, Utc};

use super::packet::{Half, Rsa, Statement, four, packet};

/// Whose key it says it is.
const NAME: &str = "iasql engine";

/// The packets of a new key, without armour: one that only signs, and below it the one that is sealed to.
pub(super) fn key(now: DateTime<Utc>) -> Result<Vec<u8>, Unspecified> {
    let made_at = u32::try_from(now.timestamp()).map_err(|_| Unspecified)?;
    let signer = Ed25519KeyPair::generate()?;
    let pair = RsaKeyPair::generate(KeySize::Rsa3072)?;
    let pkcs8 = pair.as_der()?;
    let upper = Half::ed25519(made_at, signer.public_key().as_ref(), signer.seed()?.as_be_bytes()?.as_ref());
    let lower = Half::rsa(made_at, &Rsa::read(pkcs8.as_ref()).ok_or(Unspecified)?);
    let fingerprint = upper.fingerprint();
    let sign = |digest: &[u8]| signer.sign(digest).as_ref().to_vec();
    let named = [&upper.signed()[..], &[0xB4], &four(NAME.len()), NAME.as_bytes()].concat();
    let bound = [upper.signed(), lower.signed()].concat();
    // 1: it signs keys; 12: what is sealed is sent and kept
    let of_name = Statement { kind: 0x13, made_at, flags: 1, fingerprint: &fingerprint, about: named }.signature(sign);
    let of_lower = Statement { kind: 0x18, made_at, flags: 12, fingerprint: &fingerprint, about: bound }.signature(sign);
    Ok([packet(5, &upper.body()), packet(13, NAME.as_bytes()), packet(2, &of_name), packet(7, &lower.body()), packet(2, &of_lower)]
        .concat())
}
