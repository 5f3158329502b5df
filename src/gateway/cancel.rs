//! Keys that the gateway makes, and which session's statement each cancels. A cancel wakes nothing, and is never answered.
//!
//! A request comes on a line of its own, and behind a balancer to any gateway. The key's first number says which gateway made it, and that one is asked:
//! once, with what proves to know the key and is no key itself.

use std::{
    collections::{HashMap, hash_map::Entry},
    io,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use aws_lc_rs::hmac;
use subtle::ConstantTimeEq;
use tokio::time::timeout;

use super::{
    backend::{self, Reach},
    neighbours::{self, BITS, Neighbours},
    startup::CancelKey,
};
use crate::resource::Secret;

/// From this minor version of the protocol on, keys may be longer than 4 bytes.
const LONG_KEYS: u16 = 2;
/// How long a cancel may be on its way to the database.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a proof is that goes from one gateway to another (SHA-384), in bytes: no key of ours is as long.
const PROOF: usize = 48;

/// The keys of all sessions.
pub(super) struct Cancels {
    known: Mutex<HashMap<u32, Known>>,
    /// All gateways have it, and nobody else.
    between: hmac::Key,
    neighbours: Arc<Neighbours>,
}

struct Known {
    secret: Vec<u8>,
    reach: Reach,
    theirs: CancelKey,
}

/// A key that counts for as long as this is there.
pub(super) struct Kept {
    cancels: Arc<Cancels>,
    /// What the client is given.
    pub(super) ours: CancelKey,
}

impl Cancels {
    /// Those of a gateway among others that have the same secret.
    pub(super) fn new(secret: &Secret, neighbours: Arc<Neighbours>) -> Self {
        Self { known: Mutex::default(), between: hmac::Key::new(hmac::HMAC_SHA384, secret.expose().as_bytes()), neighbours }
    }

    /// A new key for a client of this minor version, instead of the database's own.
    pub(super) fn keep(self: &Arc<Self>, minor: u16, reach: Reach, theirs: CancelKey) -> io::Result<Kept> {
        let mut secret = vec![0; if minor >= LONG_KEYS { 32 } else { 4 }];
        getrandom::fill(&mut secret).map_err(unsure)?;
        let (mut known, own) = (self.known(), self.neighbours.own());
        loop {
            // by chance as well, as far as it does not say whose it is: 4 bytes are soon tried through, 6 and a half are not
            let chance = getrandom::u32().map_err(unsure)? >> 1;
            let process = own.map_or(chance, |own| u32::from(own) << BITS | chance & ((1 << BITS) - 1));
            if let Entry::Vacant(place) = known.entry(process) {
                place.insert(Known { secret: secret.clone(), reach, theirs });
                return Ok(Kept { cancels: Arc::clone(self), ours: CancelKey { process, secret } });
            }
        }
    }

    /// Takes a request to the session whose key it has. False: there is none here.
    pub(super) async fn route(&self, key: &CancelKey) -> bool {
        let Some((reach, theirs)) = self.find(key) else { return false };
        // a database that has gone has nothing left to cancel
        drop(timeout(PATIENCE, backend::cancel(&reach, &theirs)).await);
        true
    }

    /// Takes a request of somebody at this address to the gateway that made its key. One that fits none goes nowhere, and so does one that was led
    /// here already, and whatever is more than a little.
    pub(super) async fn lead_on(&self, key: &CancelKey, from: IpAddr) {
        let Some(address) = self.neighbours.maker(key).filter(|_| key.secret.len() != PROOF) else { return };
        if self.neighbours.may(from, Instant::now()) {
            let secret = self.proof(key.process, &key.secret).as_ref().to_vec();
            neighbours::ask(&address, &CancelKey { process: key.process, secret }).await;
        }
    }

    /// Shows another gateway that somebody has a key, and does not show it the key.
    fn proof(&self, process: u32, secret: &[u8]) -> hmac::Tag {
        hmac::sign(&self.between, &[b"cancel\0", &process.to_be_bytes()[..], secret].concat())
    }

    fn find(&self, key: &CancelKey) -> Option<(Reach, CancelKey)> {
        let known = self.known();
        let found = known.get(&key.process)?;
        let is_it = match key.secret.len() {
            PROOF => self.proof(key.process, &found.secret).as_ref().ct_eq(&key.secret),
            _ => found.secret.ct_eq(&key.secret),
        };
        bool::from(is_it).then(|| (found.reach.clone(), found.theirs.clone()))
    }

    fn known(&self) -> MutexGuard<'_, HashMap<u32, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// It leads to another session from now on.
    pub(super) fn leads_to(&self, reach: Reach, theirs: CancelKey) {
        let mut known = self.cancels.known();
        known.get_mut(&self.ours.process).into_iter().for_each(|known| (known.reach, known.theirs) = (reach.clone(), theirs.clone()));
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.cancels.known().remove(&self.ours.process);
    }
}

fn unsure(error: getrandom::Error) -> io::Error {
    io::Error::other(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Neighbour;

    /// One of this number, which knows the gateways 1 and 2.
    fn gateway(number: Option<u16>) -> Arc<Cancels> {
        let neighbours = Arc::new(Neighbours::default());
        let there = |address: &str| Neighbour {
            holder: address.into(),
            address: address.into(),
            runs_databases: true,
            location: None,
            bucket: uuid::Uuid::nil(),
        };
        neighbours.know(number, uuid::Uuid::nil(), [(1, there("one:1")), (2, there("two:1"))].into());
        Arc::new(Cancels::new(&Secret::new("between gateways"), neighbours))
    }

    #[test]
    fn a_key_leads_to_its_session_for_as_long_as_that_lasts() {
        let cancels = gateway(Some(1));
        let found = |key: &CancelKey| match cancels.find(key)? {
            (Reach::Here(socket), theirs) => Some((socket, theirs)),
            (Reach::There(_), _) => None,
        };
        let theirs = CancelKey { process: 7, secret: vec![1, 2, 3, 4] };
        let short = cancels.keep(0, Reach::Here("/s".into()), theirs.clone()).unwrap();
        let long = cancels.keep(2, Reach::Here("/t".into()), theirs.clone()).unwrap();
        assert_eq!((short.ours.secret.len(), long.ours.secret.len()), (4, 32));
        assert_eq!(found(&long.ours), Some(("/t".into(), theirs.clone())));
        let other = CancelKey { process: 8, secret: vec![5] };
        long.leads_to(Reach::Here("/u".into()), other.clone());
        assert_eq!(found(&long.ours), Some(("/u".into(), other)));
        let guessed = CancelKey { process: short.ours.process, secret: vec![0; 3] };
        assert_eq!((found(&guessed), found(&theirs)), (None, None));
        let gone = long.ours.clone();
        drop(long);
        assert_eq!(found(&gone), None);
    }

    #[test]
    fn another_gateway_proves_to_have_a_key_with_what_is_no_key_anywhere_else() {
        let (one, two) = (gateway(Some(1)), gateway(Some(2)));
        let theirs = CancelKey { process: 7, secret: vec![1, 2, 3, 4] };
        for minor in [0, 2] {
            let kept = one.keep(minor, Reach::Here("/s".into()), theirs.clone()).unwrap();
            let (key, process) = (&kept.ours, kept.ours.process);
            assert_eq!((process >> BITS, two.neighbours.maker(key), one.neighbours.maker(key)), (1, Some("one:1".to_owned()), None));
            let proof =
                |cancels: &Cancels, process, secret: &[u8]| CancelKey { process, secret: cancels.proof(process, secret).as_ref().to_vec() };
            assert!(one.find(&proof(&two, process, &key.secret)).is_some());
            let stranger = Cancels::new(&Secret::new("somebody else's"), Arc::default());
            for wrong in [proof(&two, process, b"guessed"), proof(&stranger, process, &key.secret), proof(&two, process ^ 1, &key.secret)] {
                assert!(one.find(&wrong).is_none());
            }
        }
    }

    #[test]
    fn where_nobody_reaches_a_gateway_all_of_a_keys_first_number_is_by_chance() {
        let cancels = gateway(None);
        let theirs = CancelKey { process: 7, secret: vec![] };
        let keys: Vec<_> = (0..64).map(|_| cancels.keep(0, Reach::Here("/s".into()), theirs.clone()).unwrap()).collect();
        assert!(keys.iter().any(|kept| kept.ours.process >> BITS != keys[0].ours.process >> BITS));
    }
}
