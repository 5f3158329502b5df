//! Keys that the gateway makes, and which session's statement each cancels. A cancel wakes nothing, and is never answered.

use std::{
    collections::{HashMap, hash_map::Entry},
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use subtle::ConstantTimeEq;
use tokio::time::timeout;

use super::{backend, startup::CancelKey};

/// From this minor version of the protocol on, keys may be longer than 4 bytes.
const LONG_KEYS: u16 = 2;
/// How long a cancel may be on its way to the database.
const PATIENCE: Duration = Duration::from_secs(5);

/// The keys of all sessions.
#[derive(Debug, Default)]
pub(super) struct Cancels(Mutex<HashMap<u32, Known>>);

#[derive(Debug)]
struct Known {
    secret: Vec<u8>,
    socket: PathBuf,
    theirs: CancelKey,
}

/// A key that counts for as long as this is there.
pub(super) struct Kept {
    cancels: Arc<Cancels>,
    /// What the client is given.
    pub(super) ours: CancelKey,
}

impl Cancels {
    /// A new key for a client of this minor version, instead of the database's own.
    pub(super) fn keep(self: &Arc<Self>, minor: u16, socket: PathBuf, theirs: CancelKey) -> io::Result<Kept> {
        let mut secret = vec![0; if minor >= LONG_KEYS { 32 } else { 4 }];
        getrandom::fill(&mut secret).map_err(unsure)?;
        let mut known = self.known();
        loop {
            // by chance as well: 4 bytes are soon tried through, 8 are not
            let process = getrandom::u32().map_err(unsure)? >> 1;
            if let Entry::Vacant(place) = known.entry(process) {
                place.insert(Known { secret: secret.clone(), socket, theirs });
                return Ok(Kept { cancels: Arc::clone(self), ours: CancelKey { process, secret } });
            }
        }
    }

    /// Takes a request to the session whose key it has; one that fits none goes nowhere.
    pub(super) async fn route(&self, key: &CancelKey) {
        let Some((socket, theirs)) = self.find(key) else { return };
        // a database that has gone has nothing left to cancel
        drop(timeout(PATIENCE, backend::cancel(&socket, &theirs)).await);
    }

    fn find(&self, key: &CancelKey) -> Option<(PathBuf, CancelKey)> {
        let known = self.known();
        let found = known.get(&key.process)?;
        bool::from(found.secret.ct_eq(&key.secret)).then(|| (found.socket.clone(), found.theirs.clone()))
    }

    fn known(&self) -> MutexGuard<'_, HashMap<u32, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// It leads to another session from now on.
    pub(super) fn leads_to(&self, socket: PathBuf, theirs: CancelKey) {
        let mut known = self.cancels.known();
        known.get_mut(&self.ours.process).into_iter().for_each(|known| (known.socket, known.theirs) = (socket.clone(), theirs.clone()));
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

    #[test]
    fn a_key_leads_to_its_session_for_as_long_as_that_lasts() {
        let cancels = Arc::new(Cancels::default());
        let theirs = CancelKey { process: 7, secret: vec![1, 2, 3, 4] };
        let short = cancels.keep(0, "/s".into(), theirs.clone()).unwrap();
        let long = cancels.keep(2, "/t".into(), theirs.clone()).unwrap();
        assert_eq!((short.ours.secret.len(), long.ours.secret.len()), (4, 32));
        assert_eq!(cancels.find(&long.ours), Some(("/t".into(), theirs.clone())));
        let other = CancelKey { process: 8, secret: vec![5] };
        long.leads_to("/u".into(), other.clone());
        assert_eq!(cancels.find(&long.ours), Some(("/u".into(), other)));
        let guessed = CancelKey { process: short.ours.process, secret: vec![0; 3] };
        assert_eq!((cancels.find(&guessed), cancels.find(&theirs)), (None, None));
        let gone = long.ours.clone();
        drop(long);
        assert_eq!(cancels.find(&gone), None);
    }
}
