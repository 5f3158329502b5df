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
    /// Nobody knows whether it happened.
    Unanswered,
}

/// What to make of a failed call, after the client's own retries.
pub(super) fn verdict(kind: Kind) -> Verdict {
    match kind {
        Kind::Throttled | Kind::Held | Kind::Renewed => Verdict::Later,
        Kind::Unreachable | Kind::Broken => Verdict::Unanswered,
        Kind::Denied | Kind::Absent | Kind::Taken | Kind::Invalid | Kind::Expired | Kind::Anonymous | Kind::Unsupported | Kind::Row => {
            Verdict::Final
        }
    }
}

/// For how long a run is gone on with while something may still succeed: the slowest things take about so long.
pub(super) const PATIENCE: Duration = Duration::from_secs(45 * 60);

/// For how long failures that may pass are tried again.
pub(super) const STUBBORNNESS: Duration = Duration::from_secs(60);

/// When to look again: a second at first, later every quarter of a minute.
pub(super) fn pause(going_for: Duration) -> Duration {
    (going_for / 4).clamp(Duration::from_secs(1), Duration::from_secs(15))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_thing_is_looked_at_every_second_first_and_every_quarter_minute_later() {
        assert_eq!(pause(Duration::ZERO), Duration::from_secs(1));
        assert_eq!(pause(Duration::from_secs(20)), Duration::from_secs(5));
        assert_eq!(pause(Duration::from_secs(600)), Duration::from_secs(15));
    }
}
