//! How large databases are, and what follows from that: one above its limit begins its sessions read-only, and one that grows on is ended.
//!
//! What a database's owner may write can't be taken from them with Postgres' own means, for it is theirs: `default_transaction_read_only` is a wish,
//! and rights on tables are the owner's to give. So the limit is kept from outside, by whoever can end the server.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use uuid::Uuid;

use super::{Failure, Kept};
use crate::{
    control::Found,
    node::{Status, Tier},
};

/// How far above its limit a database may be while it does not grow, as a part of the limit.
const ABOVE: u64 = 10;
/// By how much it must differ from what was noted to be noted again, in bytes.
const WORTH_NOTING: u64 = 1 << 20;
/// For how long a database is closed that grew on: twice as long each time, up to this.
const CLOSED: Duration = Duration::from_secs(10);
const CLOSED_AT_MOST: Duration = Duration::from_secs(1800);

/// What is known of the sizes of databases that were awake since this gateway began.
#[derive(Debug, Default)]
pub(crate) struct Sizes(Mutex<HashMap<String, Seen>>);

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    limit: u64,
    size: u64,
    noted: u64,
    /// It has been awake since it was measured.
    stale: bool,
    /// How often it was ended because it grew on.
    ended: u32,
    closed_until: Option<Instant>,
}

/// How a session may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// Without more.
    Free,
    /// Read-only, until it says otherwise itself.
    ReadOnly,
    /// Not before so long.
    Closed(Duration),
}

/// What is to be done about a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Fits,
    Over,
    GrowsOn,
}

fn judge(before: u64, size: u64, limit: u64) -> Verdict {
    if size <= limit {
        return Verdict::Fits;
    }
    // what was never measured before may have been as large for long
    let grew = before > 0 && size > before;
    if grew && size > limit.saturating_add(limit / ABOVE) { Verdict::GrowsOn } else { Verdict::Over }
}

impl Sizes {
    /// How a session may begin in a database that is about to wake.
    pub(crate) fn admit(&self, found: &Found, now: Instant) -> Admission {
        let mut all = self.all();
        let first = Seen { size: found.size, noted: found.size, ..Seen::default() };
        let seen = all.entry(found.id.to_string()).or_insert(first);
        (seen.limit, seen.stale) = (found.size_limit, true);
        match seen.closed_until.and_then(|until| until.checked_duration_since(now)).filter(|left| !left.is_zero()) {
            Some(left) => Admission::Closed(left),
            None if seen.size > seen.limit => Admission::ReadOnly,
            None => Admission::Free,
        }
    }

    /// Takes in how large a database is; says whether it grows on above its limit, and whether that is worth noting.
    fn measured(&self, id: &str, size: u64, is_awake: bool, now: Instant) -> (Verdict, bool) {
        let mut all = self.all();
        let Some(seen) = all.get_mut(id) else { return (Verdict::Fits, false) };
        let verdict = judge(seen.size, size, seen.limit);
        let crossed = (seen.noted > seen.limit) != (size > seen.limit);
        let worth_noting = seen.noted == 0 || crossed || size.abs_diff(seen.noted) >= WORTH_NOTING;
        (seen.size, seen.stale) = (size, is_awake);
        if worth_noting {
            seen.noted = size;
        }
        match verdict {
            Verdict::Fits => (seen.ended, seen.closed_until) = (0, None),
            Verdict::GrowsOn => {
                let closed = CLOSED.saturating_mul(1 << seen.ended.min(16)).min(CLOSED_AT_MOST);
                (seen.ended, seen.closed_until) = (seen.ended + 1, Some(now + closed));
            }
            Verdict::Over => {}
        }
        (verdict, worth_noting)
    }

    /// What was worth noting could not be noted.
    fn is_not_noted(&self, id: &str) {
        self.all().get_mut(id).into_iter().for_each(|seen| seen.noted = 0);
    }

    /// Whether it may have another size than when it was measured last.
    fn is_stale(&self, id: &str) -> bool {
        self.all().get(id).is_some_and(|seen| seen.stale)
    }

    /// Forgets those that are not here any more, but for what they are closed for.
    fn keep(&self, here: &[Status], now: Instant) {
        let is_here = |id: &str| here.iter().any(|status| status.id == id);
        self.all().retain(|id, seen| is_here(id) || seen.closed_until.is_some_and(|until| until > now));
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Measures every database that may have another size than before, and ends those that grow on above their limit.
    ///
    /// What goes wrong with one keeps no other from being measured; the first of it is told in the end.
    pub(super) async fn measure(&self) -> Result<(), Failure> {
        let (here, mut done) = (self.node.status(), Ok(()));
        self.sizes.keep(&here, Instant::now());
        for status in here.iter().filter(|status| self.sizes.is_stale(&status.id)) {
            done = done.and(self.measure_one(status).await);
        }
        done
    }

    async fn measure_one(&self, status: &Status) -> Result<(), Failure> {
        let Some(size) = self.node.size(&status.id).await? else { return Ok(()) };
        let (verdict, worth_noting) = self.sizes.measured(&status.id, size, status.tier == Tier::Awake, Instant::now());
        let ended = if verdict == Verdict::GrowsOn {
            tracing::warn!(database = status.id, size, "it grows on above its limit: its sessions end");
            self.node.end(&status.id).await
        } else {
            Ok(())
        };
        if worth_noting && let (Some(control), Ok(id)) = (&self.control, status.id.parse::<Uuid>()) {
            control.note_size_of_served(id, size).await.inspect_err(|_| self.sizes.is_not_noted(&status.id))?;
        }
        Ok(ended?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::served::Durability;

    const MB: u64 = 1 << 20;

    fn found(size: u64) -> Found {
        Found {
            id: Uuid::nil(),
            role: "app".to_owned(),
            engine: crate::served::Engine::Postgres,
            machine: None,
            branch: None,
            replica: None,
            verifier: String::new(),
            idle: Duration::ZERO,
            size_limit: 100 * MB,
            size,
            durability: Durability::Pause,
            location: None,
            hold: false,
        }
    }

    #[test]
    fn above_its_limit_a_session_begins_read_only_and_what_grows_on_is_closed_for_longer_each_time() {
        let (sizes, id, now) = (Sizes::default(), Uuid::nil().to_string(), Instant::now());
        assert_eq!(sizes.admit(&found(0), now), Admission::Free);
        assert_eq!(sizes.measured(&id, 90 * MB, true, now), (Verdict::Fits, true));
        assert_eq!(sizes.measured(&id, 105 * MB, true, now), (Verdict::Over, true));
        assert_eq!(sizes.admit(&found(0), now), Admission::ReadOnly);
        assert_eq!(sizes.measured(&id, 120 * MB, true, now), (Verdict::GrowsOn, true));
        assert_eq!(sizes.admit(&found(0), now), Admission::Closed(CLOSED));
        let later = now + CLOSED;
        assert_eq!(sizes.admit(&found(0), later), Admission::ReadOnly);
        // who deletes may go on doing so, however far above it still is
        assert_eq!(sizes.measured(&id, 119 * MB, true, later), (Verdict::Over, true));
        assert_eq!(sizes.measured(&id, 130 * MB, true, later).0, Verdict::GrowsOn);
        assert_eq!(sizes.admit(&found(0), later), Admission::Closed(2 * CLOSED));
        assert_eq!(sizes.measured(&id, 50 * MB, false, later), (Verdict::Fits, true));
        assert_eq!(
            (sizes.admit(&found(0), later), sizes.measured(&id, 50 * MB + 1, false, later)),
            (Admission::Free, (Verdict::Fits, false))
        );
    }

    #[test]
    fn a_gateway_that_begins_knows_from_the_registry_how_large_a_database_was() {
        let now = Instant::now();
        assert_eq!(Sizes::default().admit(&found(101 * MB), now), Admission::ReadOnly);
        let sizes = Sizes::default();
        sizes.admit(&found(7 * MB), now);
        assert_eq!(sizes.measured(&Uuid::nil().to_string(), 7 * MB + 1, true, now), (Verdict::Fits, false), "nothing new to note");
        sizes.keep(&[], now);
        assert!(!sizes.is_stale(&Uuid::nil().to_string()));
    }
}
