//! The engine's keys: what a user's database seals is opened with these and with nothing else. Knows `OpenPGP` and no database.

mod error;
mod make;
mod own;
mod packet;

use std::{fmt, sync::Arc};

use aws_lc_rs::hmac;
use aws_smithy_types::base64;
use chrono::{DateTime, Utc};
use pgp::{
    composed::{ArmorOptions, Deserializable, Message, SignedSecretKey},
    ser::Serialize,
    types::{KeyDetails, Password, PlainSecretParams, SecretParams},
};

use crate::resource::Secret;
pub use error::Error;

/// How each key begins where several stand one below the other.
const BEGINS: &str = "-----BEGIN PGP PRIVATE KEY BLOCK-----";
/// How a sealed value begins. A colon is in no base64 and in no number.
pub const PREFIX: &str = "iasql:sealed:";

/// A new key, armoured, as it stands in a key file.
///
/// # Errors
/// When this machine has no chance to give.
pub fn new_key(now: DateTime<Utc>) -> Result<Secret, Error> {
    let key = SignedSecretKey::from_bytes(&*make::key(now).map_err(|_| Error::Random)?).map_err(|_| Error::Random)?;
    key.to_armored_string(ArmorOptions::default()).map(Secret::new).map_err(|_| Error::Random)
}

/// The engine's keys: the newest seals, each opens. Empty where there are none. Cheap to clone.
#[derive(Clone, Default)]
pub struct Keyring(Arc<[Key]>);

/// One of them.
struct Key {
    made_at: u32,
    public: PublicKey,
    secret: SignedSecretKey,
    /// The number that nobody else knows.
    core: Vec<u8>,
}

/// What of a key may be known to everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Sixteen hexadecimal digits.
    pub id: String,
    /// As pgcrypto takes it.
    pub key: Vec<u8>,
}

/// Where a value stands: one that was sealed for another place is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The user's database.
    pub database: &'a str,
    /// The table and the column, as in `rds.db_instance.master_user_password`.
    pub column: &'a str,
}

impl Keyring {
    /// Reads the text of a key file: one armoured private key below the other, locked by no password.
    ///
    /// # Errors
    /// When it holds no key, or one that can't be used. The error never holds any of it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let blocks = text.split(BEGINS).skip(1).map(|block| format!("{BEGINS}{block}"));
        let mut keys = blocks.map(|block| Key::parse(&block)).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(Error::NoKey);
        }
        // the same second: the later one in the file
        keys.sort_by_key(|key| key.made_at);
        Ok(Self(keys.into()))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one that new values are sealed to.
    pub fn newest(&self) -> Option<&PublicKey> {
        self.0.last().map(|key| &key.public)
    }

    /// All of them, the oldest first.
    pub fn public(&self) -> impl Iterator<Item = &PublicKey> {
        self.0.iter().map(|key| &key.public)
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// When it was sealed to a key that is not here, or for another place, or is broken. The error never holds the value.
    pub fn open(&self, place: Place<'_>, sealed: &str) -> Result<Secret, Error> {
        let [id, database, text] = parts(sealed).ok_or(Error::Broken)?;
        if database != place.database {
            return Err(Error::ForAnother { place: database.to_owned() });
        }
        let key = self.0.iter().find(|key| key.public.id == id).ok_or_else(|| self.unknown(id))?;
        let opened = key.open(&base64::decode(text).map_err(|_| Error::Broken)?).ok_or(Error::Broken)?;
        // what stands outside can be written by anybody
        let (inside, value) = opened.split_once('\n').ok_or(Error::Broken)?;
        match inside.split_once(' ') {
            Some((database, column)) if database == place.database && column == place.column => Ok(Secret::new(value)),
            Some((database, column)) => Err(Error::ForAnother { place: format!("{database}, {column}") }),
            None => Err(Error::Broken),
        }
    }

    fn unknown(&self, id: &str) -> Error {
        match self.newest() {
            Some(own) => Error::Unknown { id: id.to_owned(), own: own.id.clone() },
            None => Error::None { id: id.to_owned() },
        }
    }

    /// 32 bytes that follow from the oldest key and from what they are for, and that nobody can work out without it. As long as that key
    /// stays in the file they stay the same. `None` without a key.
    pub fn derived(&self, purpose: &str) -> Option<[u8; 32]> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0.first()?.core);
        hmac::sign(&key, format!("iasql derived for {purpose}").as_bytes()).as_ref().try_into().ok()
    }
}

/// The key's id, the database, and what is sealed.
fn parts(sealed: &str) -> Option<[&str; 3]> {
    let mut parts = sealed.strip_prefix(PREFIX)?.splitn(3, ':');
    Some([parts.next()?, parts.next()?, parts.next()?])
}

impl Key {
    fn parse(block: &str) -> Result<Self, Error> {
        let (secret, _) = SignedSecretKey::from_string(block).map_err(|_| Error::NoKey)?;
        secret.verify_bindings().map_err(|_| Error::NoKey)?;
        let lower = secret.secret_subkeys.first().ok_or(Error::Unfit)?;
        let SecretParams::Plain(PlainSecretParams::RSA(rsa)) = lower.key.secret_params() else { return Err(Error::Unfit) };
        let core = rsa.to_bytes().0;
        let key = secret.to_public_key().to_bytes().map_err(|_| Error::Unfit)?;
        let public = PublicKey { id: secret.primary_key.legacy_key_id().to_string(), key };
        Ok(Self { made_at: secret.primary_key.created_at().as_secs(), public, secret, core })
    }

    fn open(&self, message: &[u8]) -> Option<String> {
        let message = Message::from_bytes(message).ok()?;
        let mut opened = message.decrypt(&Password::empty(), &self.secret).ok()?;
        String::from_utf8(opened.as_data_vec().ok()?).ok()
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.public().map(|key| &key.id)).finish()
    }
}

#[cfg(test)]
mod tests;
