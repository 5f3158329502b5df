//! How many may come, and how long each step of their coming may take.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use uuid::Uuid;

/// How many connections there may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of all clients together.
    pub in_all: usize,
    /// Of one address, or of one /64 network of IPv6, which is what one customer has.
    pub per_address: usize,
    /// In one database, whether it runs here or is led to. Fewer sessions are in it at a time where it runs ([`Awake::most`](super::Awake::most)): clients whose
    /// session has ended behind them, and those who wait for it to wake, count here only.
    pub per_database: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { in_all: 10_000, per_address: 1000, per_database: 400 }
    }
}

/// How many descriptors a gateway needs beside its clients: for the registry, the bucket, files, and what it starts.
const OTHERS: usize = 256;
/// How many a client takes at most: its own line, the one to its database, and for a moment one that it is led on by.
const EACH: usize = 3;

impl Limits {
    /// No more clients than there can be with so many descriptors: none of them is to take what others are served with.
    #[must_use]
    pub fn within(self, descriptors: usize) -> Self {
        let room = (descriptors.saturating_sub(OTHERS) / EACH).max(1);
        // fewer than one address may have
        if room < self.per_address {
            tracing::warn!(
                descriptors,
                clients = room,
                "the system lets this process have few files open (ulimit -n), so fewer clients are let in"
            );
        }
        Self { in_all: self.in_all.min(room), per_address: self.per_address.min(room.div_ceil(2)), ..self }
    }
}

/// How long each step of a connection's beginning may take.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// From the first byte until it is known what the client wants, TLS included.
    pub startup: Duration,
    /// The exchange of proofs.
    pub authentication: Duration,
    /// From the right proof until the database takes the session.
    pub waking: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { startup: seconds(10), authentication: seconds(30), waking: seconds(60) }
    }
}

/// Of those past their limit, how many are told so at the same time; of more than these the line is cut.
const TOLD: usize = 64;
/// How many cancel requests are on their way at the same time.
const CANCELS: usize = 64;

/// How many of these are on their way to other gateways: where one of those is silent, requests for sessions here still have room.
const LED_ON: usize = 32;
/// How many of these of one address.
const LED_ON_OF_ONE: usize = 8;

/// How many downloads there are at a time, in all databases: each has a copy of its own, which takes as much of the disk as its database, and its time.
const DOWNLOADS: usize = 8;
/// How many of them of one database.
const DOWNLOADS_OF_ONE: usize = 2;

/// Whose connections are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Whose {
    /// All.
    All,
    /// Those of an address.
    Address(IpAddr),
    /// Those who want into a database.
    Database(String),
    /// Those who have a session of one that runs here.
    Inside(String),
    /// Those past their limit, who are told so.
    Told,
    /// Those who only bring a request to cancel.
    Cancel,
    /// Those whose request goes to another gateway.
    LedOn,
    /// Those of them of an address.
    LedOnOf(IpAddr),
    /// Those who download a database.
    Download,
    /// Those who download this one.
    DownloadOf(Uuid),
}

impl Whose {
    /// The connections of a client.
    pub(super) fn address(address: IpAddr) -> Self {
        Self::Address(customer(address))
    }

    /// The requests to cancel of a client that go to other gateways.
    pub(super) fn led_on(address: IpAddr) -> Self {
        Self::LedOnOf(customer(address))
    }
}

/// What one customer has: an address, or a /64 network of IPv6.
fn customer(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
    }
}

/// How many there are.
#[derive(Debug)]
pub(super) struct Counts {
    limits: Limits,
    now: Mutex<HashMap<Whose, usize>>,
}

/// A place that is taken for as long as this is there.
#[derive(Debug)]
pub(super) struct Seat {
    counts: Arc<Counts>,
    whose: Whose,
}

impl Counts {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, now: Mutex::default() }
    }

    /// A place, where one is left.
    pub(super) fn take(self: &Arc<Self>, whose: Whose) -> Option<Seat> {
        let most = match whose {
            Whose::All => self.limits.in_all,
            Whose::Address(_) => self.limits.per_address,
            Whose::Database(_) | Whose::Inside(_) => self.limits.per_database,
            Whose::Told => TOLD,
            Whose::Cancel => CANCELS,
            Whose::LedOn => LED_ON,
            Whose::LedOnOf(_) => LED_ON_OF_ONE,
            Whose::Download => DOWNLOADS,
            Whose::DownloadOf(_) => DOWNLOADS_OF_ONE,
        };
        self.take_of(whose, most)
    }

    /// The same, where there are so many.
    pub(super) fn take_of(self: &Arc<Self>, whose: Whose, most: usize) -> Option<Seat> {
        let mut now = self.now();
        let taken = now.get(&whose).copied().unwrap_or_default();
        if taken >= most {
            return None;
        }
        now.insert(whose.clone(), taken + 1);
        drop(now);
        Some(Seat { counts: Arc::clone(self), whose })
    }

    fn now(&self) -> MutexGuard<'_, HashMap<Whose, usize>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut now = self.counts.now();
        match now.get_mut(&self.whose) {
            Some(taken) if *taken > 1 => *taken -= 1,
            // who is not there takes no memory
            _ => drop(now.remove(&self.whose)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_holder_has_gone() {
        let counts = Arc::new(Counts::new(Limits { in_all: 9, per_address: 2, per_database: 1 }));
        let whose = || Whose::address("2001:db8::1".parse().unwrap());
        let (one, two) = (counts.take(whose()), counts.take(Whose::address("2001:db8::2".parse().unwrap())));
        assert!(one.is_some() && two.is_some() && counts.take(whose()).is_none());
        assert!(counts.take(Whose::address("2001:db8:0:1::1".parse().unwrap())).is_some());
        drop(one);
        let again = counts.take(whose());
        assert!(again.is_some());
        drop((two, again));
        assert!(counts.now().is_empty());
    }

    #[test]
    fn there_are_no_more_clients_than_the_system_has_descriptors_for() {
        let limits = |descriptors| (Limits::default().within(descriptors).in_all, Limits::default().within(descriptors).per_address);
        assert_eq!((limits(1 << 20), limits(1024), limits(20)), ((10_000, 1000), (256, 128), (1, 1)));
    }

    #[test]
    fn one_database_is_downloaded_twice_at_a_time_and_all_together_eight_times() {
        let counts = Arc::new(Counts::new(Limits::default()));
        let of = |database: u128| Whose::DownloadOf(Uuid::from_u128(database));
        let (one, two) = (counts.take(of(1)), counts.take(of(1)));
        assert!(one.is_some() && two.is_some() && counts.take(of(1)).is_none() && counts.take(of(2)).is_some());
        let all: Vec<_> = (0..9).filter_map(|_| counts.take(Whose::Download)).collect();
        assert_eq!(all.len(), 8);
    }
}
