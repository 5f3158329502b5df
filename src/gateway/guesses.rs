//! Wrong passwords: how many were tried from where at which database. No clock, and no look at whether there is such a database.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{allowance::Allowance, limits::Whose};

/// How many one address (a /64 of IPv6) may try at one database at once, and after what pause one more. Then nothing from there is looked at, right or
/// wrong: whoever hears only of right ones at once needs to wait for no answer.
const PER_ADDRESS: (u32, Duration) = (20, Duration::from_secs(3));
/// How many may be tried at one database from all addresses together before wrong ones are answered late. Right ones never are: others' guesses
/// keep nobody out.
const PER_DATABASE: (u32, Duration) = (100, Duration::from_secs(1));
/// How many one address may begin in all, whatever the names, without a right password: each asks the registry. Whoever has ended well is not counted.
const IN_VAIN: (u32, Duration) = (300, Duration::from_millis(100));
/// How late.
const LATE: Duration = Duration::from_secs(2);

/// What was tried at all doors of a gateway.
#[derive(Debug)]
pub struct Guesses(Mutex<Spent>);

#[derive(Debug)]
struct Spent {
    per_address: Allowance,
    per_database: Allowance,
    in_vain: Allowance,
}

/// Somebody who has not proved anything yet. Where it ends without that it was in vain.
#[derive(Debug)]
pub(super) struct Unproved {
    guesses: Arc<Guesses>,
    from: Option<IpAddr>,
}

impl Unproved {
    /// It has.
    pub(super) fn proved(mut self) {
        self.from = None;
    }
}

impl Drop for Unproved {
    fn drop(&mut self) {
        if let Some(from) = self.from {
            self.guesses.spent().in_vain.spend(&Whose::address(from), Instant::now());
        }
    }
}

impl Default for Guesses {
    fn default() -> Self {
        let allowance = |(at_once, pause)| Allowance::new(at_once, pause);
        let (per_address, per_database, in_vain) = (allowance(PER_ADDRESS), allowance(PER_DATABASE), allowance(IN_VAIN));
        Self(Mutex::new(Spent { per_address, per_database, in_vain }))
    }
}

impl Guesses {
    /// Whether a password from this address for this database is looked at now; else after how long one is.
    pub(super) fn may(&self, from: IpAddr, database: &str, now: Instant) -> Result<(), Duration> {
        let spent = self.spent();
        spent.per_address.left(&(Whose::address(from), database), now).and_then(|()| spent.in_vain.left(&Whose::address(from), now))
    }

    /// Somebody begins from there.
    pub(super) fn begun(self: &Arc<Self>, from: IpAddr) -> Unproved {
        Unproved { guesses: Arc::clone(self), from: Some(from) }
    }

    /// One was wrong. To be noted at once; answers how long the answer is to be kept back.
    pub(super) fn wrong(&self, from: IpAddr, database: &str, now: Instant) -> Duration {
        let mut spent = self.spent();
        spent.per_address.spend(&(Whose::address(from), database), now);
        if spent.per_database.take(&database, now) { Duration::ZERO } else { LATE }
    }

    fn spent(&self) -> MutexGuard<'_, Spent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many wrong ones are looked at that come from there as fast as can be; the last answer's delay.
    fn tried(guesses: &Guesses, from: &str, database: &str, now: Instant) -> (usize, Duration) {
        let from = from.parse().unwrap();
        let mut looked_at = (0, Duration::ZERO);
        while guesses.may(from, database, now).is_ok() {
            looked_at = (looked_at.0 + 1, guesses.wrong(from, database, now));
        }
        looked_at
    }

    #[test]
    fn who_guesses_at_a_database_is_soon_not_looked_at_any_more_and_others_are() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        assert_eq!(tried(&guesses, "192.0.2.1", "shop", now), (20, Duration::ZERO));
        assert_eq!(guesses.may("192.0.2.1".parse().unwrap(), "shop", now + Duration::from_secs(1)), Err(Duration::from_secs(2)));
        assert_eq!(tried(&guesses, "192.0.2.1", "shop", now + Duration::from_secs(3600)).0, 20);
        for (from, database) in [("192.0.2.2", "shop"), ("192.0.2.1", "till")] {
            assert_eq!(guesses.may(from.parse().unwrap(), database, now), Ok(()));
        }
        assert_eq!(tried(&guesses, "2001:db8::1", "shop", now).0, 20);
        assert!(guesses.may("2001:db8::ffff".parse().unwrap(), "shop", now).is_err(), "one customer has all of a /64");
    }

    #[test]
    fn who_begins_in_vain_under_many_names_is_soon_not_looked_at_and_who_ends_well_always_is() {
        let (guesses, from) = (Arc::new(Guesses::default()), "192.0.2.1".parse().unwrap());
        (0..1000).for_each(|_| guesses.begun(from).proved());
        assert_eq!(guesses.may(from, "shop", Instant::now()), Ok(()));
        // what a slow machine gives back meanwhile is spent, too
        (0..2000).for_each(|_| drop(guesses.begun(from)));
        let now = Instant::now();
        assert!(guesses.may(from, "shop", now).is_err() && guesses.may("192.0.2.2".parse().unwrap(), "shop", now).is_ok());
        assert_eq!(guesses.may(from, "shop", now + Duration::from_secs(1)), Ok(()));
    }

    #[test]
    fn a_day_of_guesses_from_one_address_is_some_thirty_thousand() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        let looked_at = (0..86_400).map(|second| tried(&guesses, "192.0.2.1", "shop", now + Duration::from_secs(second)).0).sum::<usize>();
        assert_eq!(looked_at, 28_819);
    }

    #[test]
    fn where_many_addresses_guess_at_a_database_wrong_ones_are_answered_late_and_right_ones_looked_at() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        let delays: Vec<_> = (1..10).map(|number| tried(&guesses, &format!("192.0.2.{number}"), "shop", now).1).collect();
        assert_eq!(delays, [&[Duration::ZERO; 5][..], &[LATE; 4]].concat());
        assert_eq!(guesses.may("192.0.2.77".parse().unwrap(), "shop", now), Ok(()));
        assert_eq!(guesses.wrong("192.0.2.1".parse().unwrap(), "till", now), Duration::ZERO);
        assert_eq!(guesses.wrong("192.0.2.77".parse().unwrap(), "shop", now + Duration::from_secs(1)), Duration::ZERO);
    }
}
