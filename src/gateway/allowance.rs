//! How often somebody may do something: so often at once, and one more time after each pause. Bounded memory, however many come. No clock.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::{BuildHasher, Hash},
    time::{Duration, Instant},
};

/// How many are counted at a time: some 2 MB. Of more than these, those are forgotten who spent nothing for the longest time.
const COUNTED: usize = 32_768;

/// What each of many has to spend, and what is spent of it.
#[derive(Debug)]
pub(super) struct Allowance {
    at_once: u32,
    pause: Duration,
    counted: usize,
    hasher: RandomState,
    /// By the hash of whose it is: when all of it is there again. Those who spent something lately, and those from before them.
    young: HashMap<u64, Instant>,
    old: HashMap<u64, Instant>,
}

impl Allowance {
    /// So many at once, and one more after each pause.
    pub(super) fn new(at_once: u32, pause: Duration) -> Self {
        let (hasher, young, old) = (RandomState::new(), HashMap::new(), HashMap::new());
        Self { at_once, pause, counted: COUNTED, hasher, young, old }
    }

    /// Whether somebody has one left; else how long it takes until then.
    pub(super) fn left(&self, whose: &impl Hash, now: Instant) -> Result<(), Duration> {
        let key = self.hasher.hash_one(whose);
        let Some(whole) = self.young.get(&key).or_else(|| self.old.get(&key)) else { return Ok(()) };
        let spent = whole.saturating_duration_since(now);
        let wait = spent.saturating_sub(self.pause * self.at_once.saturating_sub(1));
        if wait.is_zero() { Ok(()) } else { Err(wait) }
    }

    /// Spends one of somebody's. Nobody ever owes any: whoever has none left has one after a pause, whatever happens meanwhile.
    pub(super) fn spend(&mut self, whose: &impl Hash, now: Instant) {
        let key = self.hasher.hash_one(whose);
        let before = self.young.get(&key).copied().or_else(|| self.old.remove(&key));
        let whole = before.unwrap_or(now).max(now) + self.pause;
        if self.young.len() >= self.counted / 2 && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, whole.min(now + self.pause * self.at_once));
    }

    /// Spends one, where one is left.
    pub(super) fn take(&mut self, whose: &impl Hash, now: Instant) -> bool {
        let left = self.left(whose, now).is_ok();
        if left {
            self.spend(whose, now);
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn who_has_spent_all_has_one_more_after_each_pause_and_all_of_it_in_the_end() {
        let (mut allowance, now) = (Allowance::new(3, 2 * SECOND), Instant::now());
        let takes = |allowance: &mut Allowance, after: Duration| (0..9).filter(|_| allowance.take(&"a", now + after)).count();
        assert_eq!(takes(&mut allowance, Duration::ZERO), 3);
        assert_eq!(allowance.left(&"a", now + SECOND), Err(SECOND));
        assert_eq!(takes(&mut allowance, SECOND), 0);
        assert_eq!(takes(&mut allowance, 2 * SECOND), 1);
        assert_eq!(takes(&mut allowance, 60 * SECOND), 3);
        assert!(allowance.take(&"b", now), "that is somebody else");
    }

    #[test]
    fn who_spends_what_is_not_there_waits_no_longer_than_a_pause() {
        let (mut allowance, now) = (Allowance::new(3, 2 * SECOND), Instant::now());
        (0..1000).for_each(|_| allowance.spend(&"a", now));
        assert_eq!(allowance.left(&"a", now), Err(2 * SECOND));
        assert_eq!(allowance.left(&"a", now + 2 * SECOND), Ok(()));
    }

    #[test]
    fn however_many_come_no_more_are_counted_than_there_is_room_for_and_those_of_lately_are() {
        let (mut allowance, now) = (Allowance { counted: 100, ..Allowance::new(1, SECOND) }, Instant::now());
        for number in 0..10_000 {
            allowance.spend(&"the one who goes on", now);
            allowance.spend(&number, now);
            assert!(allowance.young.len() + allowance.old.len() <= 100);
        }
        assert!(allowance.left(&"the one who goes on", now).is_err() && allowance.left(&9_999, now).is_err());
        assert!(allowance.left(&1, now).is_ok());
    }
}
