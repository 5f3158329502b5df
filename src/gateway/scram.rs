//! SCRAM-SHA-256 and SCRAM-SHA-256-PLUS as a server has them, and the former as a client that knows the keys (RFC 5802, 5929, 7677). No socket, no
//! clock, no chance: nonces come in.

use std::num::NonZeroU32;

use aws_lc_rs::{digest, hmac};
use aws_smithy_types::base64;
use subtle::ConstantTimeEq;

use crate::password::{keys, pair};

/// The mechanism's name without channel binding.
pub(super) const PLAIN: &str = "SCRAM-SHA-256";
/// The mechanism's name with channel binding.
pub(super) const PLUS: &str = "SCRAM-SHA-256-PLUS";
/// The longest message of a client in bytes, as in Postgres (`PG_MAX_SASL_MESSAGE_LENGTH`).
pub(super) const LONGEST: usize = 1024;
/// The one binding that there is, as in Postgres.
const BINDING: &str = "tls-server-end-point";
const KEY: usize = digest::SHA256_OUTPUT_LEN;
/// What Postgres makes verifiers with unless it is told otherwise.
const ROUNDS: u32 = 4096;

/// Why an exchange ends without a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Denied {
    /// A mechanism that was not offered.
    #[error("a mechanism that was not offered")]
    Mechanism,
    /// Longer than any of a sane client.
    #[error("a message longer than {LONGEST} bytes")]
    Long,
    /// Not as the RFC has it.
    #[error("a malformed SCRAM message ({0})")]
    Malformed(&'static str),
    /// The client believes that channel binding was not offered, and it was.
    #[error("the client could bind the channel and was made to believe that the server could not")]
    Downgrade,
    /// Another certificate than ours was seen.
    #[error("the channel binding is not that of this connection")]
    Binding,
    /// Not the nonce of this exchange.
    #[error("the nonce is not that of this exchange")]
    Nonce,
    /// Not the right password, or nobody has a right one.
    #[error("the proof is wrong")]
    Proof,
}

/// What is kept of a password.
#[derive(Clone)]
pub(super) struct Verifier {
    rounds: u32,
    /// As text, in base64: so it travels.
    salt: String,
    stored: [u8; KEY],
    server: [u8; KEY],
    genuine: bool,
}

impl Verifier {
    /// Reads Postgres' own form, `SCRAM-SHA-256$<rounds>:<salt>$<stored key>:<server key>`; `None` where it is another.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (head, keys) = text.strip_prefix("SCRAM-SHA-256$")?.split_once('$')?;
        let ((rounds, salt), (stored, server)) = (head.split_once(':')?, keys.split_once(':')?);
        base64::decode(salt).ok().filter(|salt| !salt.is_empty())?;
        let key = |text| base64::decode(text).ok()?.try_into().ok();
        let rounds = rounds.parse().ok().filter(|rounds| *rounds > 0)?;
        Some(Self { rounds, salt: salt.to_owned(), stored: key(stored)?, server: key(server)?, genuine: true })
    }

    /// One that no password fits, for who is not there: the same for the same name for as long as the key is the same.
    pub(super) fn made_up(key: &hmac::Key, name: &[u8]) -> Self {
        let derived = |what: &[u8]| hmac::sign(key, &[what, &[0], name].concat());
        let mut keys = [[0; KEY]; 2];
        keys[0].copy_from_slice(derived(b"stored").as_ref());
        keys[1].copy_from_slice(derived(b"server").as_ref());
        let salt = base64::encode(&derived(b"salt").as_ref()[..16]);
        Self { rounds: ROUNDS, salt, stored: keys[0], server: keys[1], genuine: false }
    }
}

/// Of a password that came as it is, over a line that is safe: whether it is this one. Takes its time for one that was made up, too.
pub(super) fn fits(verifier: &Verifier, password: &str) -> bool {
    let (salt, rounds) = (base64::decode(&verifier.salt).unwrap_or_default(), NonZeroU32::new(verifier.rounds).unwrap_or(NonZeroU32::MIN));
    // as libpq does: what can't be prepared (RFC 4013) is taken as it is
    let prepared = stringprep::saslprep(password);
    let [stored, _] = keys(prepared.as_deref().unwrap_or(password), &salt, rounds);
    bool::from(stored.ct_eq(&verifier.stored[..])) && verifier.genuine
}

/// An exchange that has not begun.
pub(super) struct Exchange {
    /// What the client must prove to know.
    pub(super) verifier: Verifier,
    /// The hash of the certificate that was sent on this connection; `None` where it has none that binds.
    pub(super) end_point: Option<Vec<u8>>,
}

/// An exchange in which the client has its task.
pub(super) struct Challenged {
    exchange: Exchange,
    /// What the last message must repeat: the header and the hash.
    binding: Vec<u8>,
    nonce: String,
    /// The first two messages, as they are signed.
    so_far: String,
}

impl Exchange {
    /// What is offered, the best one first.
    pub(super) fn mechanisms(&self) -> &'static [&'static str] {
        if self.end_point.is_some() { &[PLUS, PLAIN] } else { &[PLAIN] }
    }

    /// Takes the client's first message, and gives the answer to it. `nonce` is ours: printable, without a comma.
    pub(super) fn first(self, mechanism: &[u8], message: &[u8], nonce: &str) -> Result<(Challenged, String), Denied> {
        let plus = mechanism == PLUS.as_bytes();
        if !self.mechanisms().iter().any(|offered| offered.as_bytes() == mechanism) {
            return Err(Denied::Mechanism);
        }
        let message = readable(message)?;
        let (flag, rest) = message.split_once(',').ok_or(Denied::Malformed("no channel binding flag"))?;
        match (flag, plus) {
            ("n", false) => {}
            ("y", false) if self.end_point.is_some() => return Err(Denied::Downgrade),
            ("y", false) => {}
            (bound, true) if bound.strip_prefix("p=") == Some(BINDING) => {}
            _ => return Err(Denied::Malformed("a channel binding flag that does not fit the mechanism")),
        }
        let (identity, bare) = rest.split_once(',').ok_or(Denied::Malformed("no authorization identity"))?;
        if !identity.is_empty() {
            return Err(Denied::Malformed("an authorization identity, which is not supported"));
        }
        let theirs = nonce_of(bare)?;
        let header = format!("{flag},,");
        let hash = self.end_point.as_deref().filter(|_| plus).unwrap_or_default();
        let binding = [header.as_bytes(), hash].concat();
        let nonce = format!("{theirs}{nonce}");
        let answer = format!("r={nonce},s={},i={}", self.verifier.salt, self.verifier.rounds);
        let so_far = format!("{bare},{answer}");
        Ok((Challenged { exchange: self, binding, nonce, so_far }, answer))
    }
}

impl Challenged {
    /// Takes the client's last message, and gives the one that proves the server to it, and what the client has shown.
    pub(super) fn last(self, message: &[u8]) -> Result<(String, Keys), Denied> {
        let message = readable(message)?;
        let (unproven, proof) = message.rsplit_once(",p=").ok_or(Denied::Malformed("no proof"))?;
        let mut fields = unproven.split(',');
        let binding = fields.next().and_then(|field| field.strip_prefix("c=")).ok_or(Denied::Malformed("no channel binding"))?;
        let nonce = fields.next().and_then(|field| field.strip_prefix("r=")).ok_or(Denied::Malformed("no nonce"))?;
        if nonce != self.nonce {
            return Err(Denied::Nonce);
        }
        if binding != base64::encode(&self.binding) {
            return Err(Denied::Binding);
        }
        let proof: [u8; KEY] =
            base64::decode(proof).ok().and_then(|proof| proof.try_into().ok()).ok_or(Denied::Malformed("a proof of another length"))?;
        let signed = format!("{},{unproven}", self.so_far);
        let verifier = &self.exchange.verifier;
        let signature = sign(&verifier.stored, &signed);
        let client = xor(&proof, signature.as_ref());
        let fits = digest::digest(&digest::SHA256, &client).as_ref().ct_eq(&verifier.stored[..]);
        // one that was made up fits nobody, and takes the same way until here
        if !bool::from(fits) || !verifier.genuine {
            return Err(Denied::Proof);
        }
        let keys = Keys { client, server: verifier.server };
        Ok((keys.proof_of_the_server(&signed), keys))
    }
}

/// What proves to know a password, without that: to whoever has the same verifier. A client's proof shows it to the server.
pub(super) struct Keys {
    client: [u8; KEY],
    server: [u8; KEY],
}

impl Keys {
    /// Those of a password, for a verifier of this salt and so many rounds.
    pub(super) fn of(password: &str, salt: &[u8], rounds: NonZeroU32) -> Self {
        // as libpq does: what can't be prepared (RFC 4013) is taken as it is
        let prepared = stringprep::saslprep(password);
        let [client, server] = pair(prepared.as_deref().unwrap_or(password), salt, rounds);
        Self { client, server }
    }

    /// The first message of a client, without channel binding.
    pub(super) fn first(nonce: &str) -> String {
        format!("n,,n=,r={nonce}")
    }

    /// Takes the server's challenge; gives the last message, and what the server must answer to it.
    pub(super) fn last(&self, nonce: &str, challenge: &[u8]) -> Result<(String, String), Denied> {
        let challenge = readable(challenge)?;
        let both = challenge.split(',').next().and_then(|field| field.strip_prefix("r=")).ok_or(Denied::Malformed("no nonce"))?;
        if !both.starts_with(nonce) || both == nonce {
            return Err(Denied::Nonce);
        }
        let unproven = format!("c=biws,r={both}");
        let signed = format!("n=,r={nonce},{challenge},{unproven}");
        let mut stored = [0; KEY];
        stored.copy_from_slice(digest::digest(&digest::SHA256, &self.client).as_ref());
        let proof = xor(&self.client, sign(&stored, &signed).as_ref());
        Ok((format!("{unproven},p={}", base64::encode(proof)), self.proof_of_the_server(&signed)))
    }

    fn proof_of_the_server(&self, signed: &str) -> String {
        format!("v={}", base64::encode(sign(&self.server, signed).as_ref()))
    }
}

fn xor(one: &[u8; KEY], other: &[u8]) -> [u8; KEY] {
    let mut both = *one;
    both.iter_mut().zip(other).for_each(|(one, other)| *one ^= other);
    both
}

fn sign(key: &[u8; KEY], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

fn readable(message: &[u8]) -> Result<&str, Denied> {
    if message.len() > LONGEST {
        return Err(Denied::Long);
    }
    std::str::from_utf8(message).ok().filter(|text| !text.contains('\0')).ok_or(Denied::Malformed("not a text"))
}

/// The client's nonce in `n=<user>,r=<nonce>`; the user's name is in the startup packet, and here ignored, as in Postgres.
fn nonce_of(bare: &str) -> Result<&str, Denied> {
    let mut fields = bare.split(',');
    fields
        .next()
        .and_then(|field| field.strip_prefix("n="))
        .ok_or(Denied::Malformed("no user name, or an extension that must be known"))?;
    let nonce = fields.next().and_then(|field| field.strip_prefix("r=")).unwrap_or_default();
    let printable = !nonce.is_empty() && nonce.bytes().all(|byte| byte.is_ascii_graphic());
    if printable { Ok(nonce) } else { Err(Denied::Malformed("no nonce")) }
}

#[cfg(test)]
#[path = "scram/tests.rs"]
mod tests;
