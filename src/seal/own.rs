//! What the engine seals for itself: only who has its keys reads it, and only as what it was sealed for.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_smithy_types::base64;

use super::{Error, Keyring};
use crate::resource::Secret;

/// What the key of these texts is derived for.
const PURPOSE: &str = "what the engine keeps";
/// A nonce's bytes, which stand before what is sealed.
const NONCE: usize = 12;

impl Keyring {
    /// Seals a text (AES-256-GCM, with a key that follows from the oldest one) for whoever has these keys too; `place` says what it is, and it is
    /// opened as nothing else. `None` without a key.
    pub fn keep(&self, place: &str, text: &Secret) -> Option<String> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, &self.derived(PURPOSE)?).ok()?;
        let mut sealed = text.expose().as_bytes().to_vec();
        let nonce = key.seal_in_place_append_tag(Aad::from(place.as_bytes()), &mut sealed).ok()?;
        Some(base64::encode([nonce.as_ref().as_slice(), &sealed].concat()))
    }

    /// Opens what was [kept](Self::keep).
    ///
    /// # Errors
    /// [`Error::None`] without a key, [`Error::Broken`] where it was sealed with another one, or as something else.
    pub fn kept(&self, place: &str, sealed: &str) -> Result<Secret, Error> {
        let key = self.derived(PURPOSE).ok_or_else(|| Error::None { id: "of the engine itself".to_owned() })?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, &key).map_err(|_| Error::Broken)?;
        let bytes = base64::decode(sealed).map_err(|_| Error::Broken)?;
        let (nonce, text) = bytes.split_first_chunk::<NONCE>().ok_or(Error::Broken)?;
        let mut text = text.to_vec();
        let opened = key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(place.as_bytes()), &mut text);
        let opened = opened.map_err(|_| Error::Broken)?;
        String::from_utf8(opened.to_vec()).map(Secret::new).map_err(|_| Error::Broken)
    }

    /// What the key is told by that such texts are sealed with: it says whether they can be opened, and nothing of the key.
    pub fn mark(&self) -> Option<String> {
        let derived = self.derived("the mark of what the engine keeps")?;
        Some(derived.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;
    use crate::seal::new_key;

    #[test]
    fn what_is_kept_is_opened_with_the_same_key_and_as_the_same_thing_only() {
        let one = Keyring::parse(new_key(Utc::now()).unwrap().expose()).unwrap();
        let other = Keyring::parse(new_key(Utc::now()).unwrap().expose()).unwrap();
        let sealed = one.keep("a certificate", &Secret::new("hunter2")).unwrap();
        assert!(!sealed.contains("hunter2") && sealed != one.keep("a certificate", &Secret::new("hunter2")).unwrap());
        assert_eq!(one.kept("a certificate", &sealed).unwrap().expose(), "hunter2");
        assert!(one.kept("another", &sealed).is_err() && other.kept("a certificate", &sealed).is_err());
        assert!(one.kept("a certificate", "").is_err() && Keyring::default().kept("a certificate", &sealed).is_err());
        assert!(one.mark() != other.mark() && one.mark() == one.clone().mark());
        assert_eq!(Keyring::default().keep("a certificate", &Secret::new("hunter2")), None);
    }
}
