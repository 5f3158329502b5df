//! Passwords, and what a server keeps of them (RFC 5802 and 7677).

use aws_lc_rs::{digest, hmac, pbkdf2};
use aws_smithy_types::base64;

use crate::resource::Secret;

const ROUNDS: std::num::NonZeroU32 = std::num::NonZeroU32::new(4096).unwrap();

/// A new password.
#[derive(Debug)]
pub struct Password {
    /// 40 hexadecimal digits: nothing in it needs quoting, in a URL or anywhere else.
    pub secret: Secret,
    /// What the server keeps: from it nobody finds the password.
    pub verifier: String,
}

impl Password {
    /// Makes one of 160 random bits.
    ///
    /// # Errors
    /// When this machine has no chance to give.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bits = [0; 20];
        getrandom::fill(&mut bits)?;
        let secret: String = bits.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { verifier: verifier(&secret, &random_salt()?), secret: Secret::new(secret) })
    }
}

/// What a server keeps of a password that somebody chose, with a salt made by chance.
///
/// # Errors
/// When this machine has no chance to give.
pub fn verifier_of(password: &Secret) -> Result<String, getrandom::Error> {
    // as libpq does: what can't be prepared (RFC 4013) is taken as it is
    let prepared = stringprep::saslprep(password.expose());
    Ok(verifier(prepared.as_deref().unwrap_or(password.expose()), &random_salt()?))
}

/// The verifier of a password that nobody knows.
///
/// # Errors
/// When this machine has no chance to give.
pub fn nobodys() -> Result<String, getrandom::Error> {
    Password::random().map(|password| password.verifier)
}

/// 128 random bits.
pub(crate) fn random_salt() -> Result<[u8; 16], getrandom::Error> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt)?;
    Ok(salt)
}

/// Postgres' own form: `SCRAM-SHA-256$<rounds>:<salt>$<stored key>:<server key>`.
pub(crate) fn verifier(password: &str, salt: &[u8]) -> String {
    let [stored, server] = keys(password, salt, ROUNDS);
    format!("SCRAM-SHA-256${ROUNDS}:{}${}:{}", base64::encode(salt), base64::encode(stored), base64::encode(server))
}

/// What is compared with a client's proof, and what proves the server to it.
pub(crate) fn keys(password: &str, salt: &[u8], rounds: std::num::NonZeroU32) -> [Vec<u8>; 2] {
    let [client, server] = pair(password, salt, rounds);
    [digest::digest(&digest::SHA256, &client).as_ref().to_vec(), server.to_vec()]
}

/// What a client proves to have, and what proves the server to it.
pub(crate) fn pair(password: &str, salt: &[u8], rounds: std::num::NonZeroU32) -> [[u8; digest::SHA256_OUTPUT_LEN]; 2] {
    let mut salted = [0; digest::SHA256_OUTPUT_LEN];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, salt, password.as_bytes(), &mut salted);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &salted);
    let signed = |what: &[u8]| {
        let mut bytes = [0; digest::SHA256_OUTPUT_LEN];
        bytes.copy_from_slice(hmac::sign(&key, what).as_ref());
        bytes
    };
    [signed(b"Client Key"), signed(b"Server Key")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_passwords_differ_and_neither_shows_when_printed() {
        let (one, other) = (Password::random().unwrap(), Password::random().unwrap());
        assert_ne!(one.secret.expose(), other.secret.expose());
        assert_eq!(one.secret.expose().len(), 40);
        assert!(!format!("{one:?}").contains(one.secret.expose()));
    }

    #[test]
    fn the_verifier_is_the_one_that_rfc_7677_calculates() {
        let salt = base64::decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let expected = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
        assert_eq!(verifier("pencil", &salt), expected);
    }
}
