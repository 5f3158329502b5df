//! Keys that the pooler makes, and which session with a member each leads to at the moment.

use std::{
    collections::{HashMap, hash_map::Entry},
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
};

use subtle::ConstantTimeEq;

use super::{line, server::Key};
use crate::gateway::startup::CancelKey;

/// From this minor version of the protocol on, keys may be longer than 4 bytes.
const LONG_KEYS: u16 = 2;

/// What a client's statements are carried out by; nothing, while it has none.
type Now = Arc<Mutex<Option<Arc<Key>>>>;

/// All keys.
#[derive(Default)]
pub(super) struct Cancels(Mutex<HashMap<u32, (Vec<u8>, Now)>>);

/// A client's key, which counts for as long as this is there.
pub(super) struct Kept {
    cancels: Arc<Cancels>,
    pub(super) ours: CancelKey,
    now: Now,
}

impl Cancels {
    /// A key for a client of this minor version.
    pub(super) fn keep(self: &Arc<Self>, minor: u16) -> io::Result<Kept> {
        let unsure = |error: getrandom::Error| io::Error::other(error.to_string());
        let mut secret = vec![0; if minor >= LONG_KEYS { 32 } else { 4 }];
        getrandom::fill(&mut secret).map_err(unsure)?;
        let (mut all, now) = (self.all(), Now::default());
        loop {
            let process = getrandom::u32().map_err(unsure)? >> 1;
            if let Entry::Vacant(place) = all.entry(process) {
                place.insert((secret.clone(), Arc::clone(&now)));
                return Ok(Kept { cancels: Arc::clone(self), ours: CancelKey { process, secret }, now });
            }
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<u32, (Vec<u8>, Now)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a request to the member that is busy for the client.
    pub(super) async fn route(&self, asked: &CancelKey) {
        let found =
            self.all().get(&asked.process).filter(|(secret, _)| bool::from(secret.ct_eq(&asked.secret))).map(|(_, now)| now.clone());
        let Some(now) = found else { return };
        // counted before anybody else can have that session
        let coming = now.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|key| Coming::of(Arc::clone(key)));
        if let Some((coming, theirs)) = coming.as_ref().and_then(|coming| Some((coming, coming.0.key.as_ref()?))) {
            // a member that has gone has nothing left to cancel
            drop(line::cancel(&coming.0.member.named, &coming.0.login, theirs).await);
        }
    }
}

/// A request on its way.
struct Coming(Arc<Key>);

impl Coming {
    fn of(key: Arc<Key>) -> Self {
        key.coming.fetch_add(1, Ordering::SeqCst);
        Self(key)
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        self.0.coming.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Kept {
    /// From now on this is busy for the client.
    pub(super) fn leads_to(&self, key: Option<Arc<Key>>) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = key;
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.cancels.all().remove(&self.ours.process);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_as_long_as_its_client_takes_and_is_known_for_as_long_as_that_stays() {
        let cancels = Arc::new(Cancels::default());
        let (short, long) = (cancels.keep(0).unwrap(), cancels.keep(2).unwrap());
        assert_eq!((short.ours.secret.len(), long.ours.secret.len(), cancels.all().len()), (4, 32, 2));
        drop((short, long));
        assert!(cancels.all().is_empty());
    }
}
