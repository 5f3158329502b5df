//! Who may write a database, and until when: the states of a lease, and how long somebody who watches has to wait. No bucket.
//!
//! A lease is a row of numbered objects, of which the newest counts. To change it is to make the next number, which only one can: where the store has
//! no other way to compare and set (a folder), and where it has (S3), alike. An end is never a time of day: who watches waits until the lease has
//! stood still for as long as it says, by one clock, its own.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Error, Id, Options};

const FORMAT: u32 = 1;

/// A state of a lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lease {
    format: u32,
    /// Tells this state from another one's that wanted the same number.
    id: Uuid,
    /// Whose it is, or was.
    pub(super) holder: String,
    /// Counts the takes.
    pub(super) epoch: u64,
    /// Whether it was not given back.
    pub(super) held: bool,
    /// Where the holder is reached by others of its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<String>,
    /// For how long after this state was made, in milliseconds.
    milliseconds: u64,
}

impl Lease {
    pub(super) fn new(holder: &str, epoch: u64, held: bool, options: &Options) -> Self {
        let milliseconds = u64::try_from(options.lease.as_millis()).unwrap_or(u64::MAX);
        let (id, holder, address) = (Uuid::new_v4(), holder.to_owned(), options.address.clone());
        Self { format: FORMAT, id, holder, epoch, held, address, milliseconds }
    }

    pub(super) fn lasts(&self) -> Duration {
        Duration::from_millis(self.milliseconds)
    }

    pub(super) fn encode(&self) -> Result<Vec<u8>, Error> {
        serde_json::to_vec(self).map_err(|error| Error::broken("a lease", error))
    }

    pub(super) fn decode(key: &str, bytes: &[u8]) -> Result<Self, Error> {
        let lease: Self = serde_json::from_slice(bytes).map_err(|error| Error::broken(key, error))?;
        if lease.format == FORMAT {
            Ok(lease)
        } else {
            Err(Error::Format { key: key.to_owned(), found: format!("lease {}", lease.format) })
        }
    }
}

/// Since when the leases of others have stood still, as seen from here.
#[derive(Debug, Default)]
pub(super) struct Watch(HashMap<Id, (u64, Instant)>);

impl Watch {
    /// How long this state of a lease still counts, for one who sees it now; zero when it is over.
    pub(super) fn left(&mut self, database: &Id, sequence: u64, lasts: Duration, now: Instant) -> Duration {
        let seen = self.0.entry(database.clone()).or_insert((sequence, now));
        if seen.0 != sequence {
            *seen = (sequence, now);
        }
        lasts.saturating_sub(now.saturating_duration_since(seen.1))
    }

    /// Nothing has to be known of this one any more.
    pub(super) fn forget(&mut self, database: &Id) {
        self.0.remove(database);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_over_when_it_was_seen_to_stand_still_for_so_long() {
        let (mut watch, shop) = (Watch::default(), Id::new("shop").expect("a name"));
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        assert_eq!(watch.left(&shop, 4, 10 * second, start), 10 * second);
        assert_eq!(watch.left(&shop, 4, 10 * second, start + 7 * second), 3 * second);
        assert_eq!(watch.left(&shop, 5, 10 * second, start + 9 * second), 10 * second, "it was renewed");
        assert_eq!(watch.left(&shop, 5, 10 * second, start + 19 * second), Duration::ZERO);
    }

    #[test]
    fn a_lease_of_a_later_format_is_refused() {
        let mut lease = Lease::new("node", 1, true, &Options::default());
        assert_eq!(Lease::decode("x", &lease.encode().expect("bytes")).expect("a lease"), lease);
        lease.format = 2;
        assert!(matches!(Lease::decode("x", &lease.encode().expect("bytes")), Err(Error::Format { .. })));
    }
}
