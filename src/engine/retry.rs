//! What is tried again, and when. All that is decided about errors is decided here.

use std::time::Duration;

use crate::resource::Kind;

/// What to make of a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It did not happen, and will not happen by itself.
    Final,
    /// It did not happen, and may later.
    Later,
    /// It did not happen: the cloud is not as it was seen.
    Outdated,
    /// Nobody knows whether it happened.
    Unanswered,
}

/// What to make of a failed call, after the client's own retries.
pub(super) fn verdict(kind: Kind) -> Verdict {
    match kind {
        Kind::Throttled | Kind::Held | Kind::Renewed => Verdict::Later,
        Kind::Unreachable | Kind::Broken => Verdict::Unanswered,
        Kind::Taken | Kind::Absent => Verdict::Outdated,
        Kind::Denied | Kind::Invalid | Kind::Expired | Kind::Anonymous | Kind::Unsupported | Kind::Row => Verdict::Final,
    }
}

/// For how long a run is gone on with while something may still succeed: the slowest things take about so long.
pub(super) const PATIENCE: Duration = Duration::from_secs(45 * 60);

/// For how long failures that may pass are tried again.
pub(super) const STUBBORNNESS: Duration = Duration::from_secs(60);

/// The first pause where the cloud is merely busy, and where something failed.
const SOON: Duration = Duration::from_millis(250);
const SOME: Duration = Duration::from_secs(1);
/// The longest.
const LONGEST: Duration = Duration::from_secs(15);
/// A run that began so long ago was begun before.
pub(super) const BEFORE: Duration = Duration::from_millis(200);

/// When to look again: soon at first, later every quarter of a minute.
pub(super) fn pause(going_for: Duration, has_failed: bool) -> Duration {
    (going_for / 4).clamp(if has_failed { SOME } else { SOON }, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_thing_is_looked_at_soon_at_first_and_every_quarter_minute_later() {
        assert_eq!(pause(Duration::ZERO, false), Duration::from_millis(250));
        assert_eq!(pause(Duration::ZERO, true), Duration::from_secs(1));
        assert_eq!(pause(Duration::from_secs(20), false), Duration::from_secs(5));
        assert_eq!(pause(Duration::from_secs(600), true), Duration::from_secs(15));
        assert!(BEFORE < SOON, "the first look after a pause is one of those that go on");
    }
}
