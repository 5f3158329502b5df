//! How often one may ask: for each action and machine or app once a second and three times at once, as Fly allows it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};

/// Requests a second and at once: of looking at a machine, and of everything else (fly.io/docs/machines/api/working-with-machines-api).
const LOOKING: (f64, f64) = (5.0, 10.0);
const ACTING: (f64, f64) = (1.0, 3.0);
/// Beyond so many, those that are full again are forgotten.
const MANY: usize = 10_000;

/// What is left of each.
#[derive(Default)]
pub(super) struct Pace(Mutex<HashMap<(String, String), Left>>);

struct Left {
    requests: f64,
    at: Instant,
}

impl Pace {
    /// Whether one more is allowed now: `action` names the route, `whose` the machine or app.
    pub(super) fn allows(&self, action: &str, whose: &str, looks: bool, now: Instant) -> bool {
        let (rate, burst) = if looks { LOOKING } else { ACTING };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() > MANY {
            all.retain(|_, left| now.duration_since(left.at).as_secs() < 10);
        }
        let left = all.entry((action.to_owned(), whose.to_owned())).or_insert(Left { requests: burst, at: now });
        left.requests = (left.requests + now.duration_since(left.at).as_secs_f64() * rate).min(burst);
        left.at = now;
        if left.requests < 1.0 {
            return false;
        }
        left.requests -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn three_at_once_and_then_one_a_second() {
        let (pace, begin) = (Pace::default(), Instant::now());
        let at = |millis, whose| pace.allows("stop", whose, false, begin + Duration::from_millis(millis));
        assert!(at(0, "a") && at(0, "a") && at(0, "a"));
        assert!(!at(0, "a") && !at(900, "a") && at(0, "b"));
        assert!(at(2_000, "a"));
    }
}
