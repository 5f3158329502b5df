//! When a certificate is ordered again: after a failure, and before it is over. No clock.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::error::Error;

/// The pause after the first failure, and the longest: where an authority said no (Let's Encrypt takes five failed validations an hour), and where
/// nobody said anything.
const REFUSED: (Duration, Duration) = (Duration::from_secs(300), Duration::from_secs(24 * 3600));
const SILENT: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(3600));
/// The longest pause that an authority is believed to ask for.
const BELIEVED: Duration = Duration::from_secs(7 * 24 * 3600);

/// How long nothing is tried after a failure, of which there were so many in a row before: each time twice as long, and not less than the authority asked for.
pub(super) fn pause(error: &Error, failures: u32, asked: Option<Duration>) -> Duration {
    let (first, most) = match error {
        Error::Refused { .. } | Error::NoChallenge(_) | Error::Invalid | Error::Unfit { .. } | Error::Late => REFUSED,
        Error::Silent { .. } | Error::Lost | Error::Account { .. } | Error::Registry { .. } => SILENT,
    };
    let doubled = first.saturating_mul(2_u32.saturating_pow(failures)).min(most);
    doubled.max(asked.unwrap_or_default().min(BELIEVED))
}

/// When a third of its life is left.
pub(super) fn again_at(not_before: DateTime<Utc>, not_after: DateTime<Utc>) -> DateTime<Utc> {
    not_after - (not_after - not_before) / 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_day_and_are_never_shorter_than_the_authority_asks() {
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        let minutes = |error: &Error, failures| pause(error, failures, None).as_secs() / 60;
        assert_eq!([0, 1, 2, 3].map(|failures| minutes(&Error::Invalid, failures)), [5, 10, 20, 40]);
        assert_eq!([pause(&Error::Invalid, 99, None), pause(&Error::Lost, 99, None)], [hours(24), hours(1)]);
        assert_eq!(pause(&Error::Invalid, 0, Some(hours(30))), hours(30));
        assert_eq!(pause(&Error::Invalid, 0, Some(hours(9999))), hours(7 * 24));
        // of the first hour's attempts no more fail than Let's Encrypt takes
        let begins = (0..9).scan(0, |at, failures| Some(std::mem::replace(at, *at + minutes(&Error::Invalid, failures))));
        assert!(begins.filter(|at| *at < 60).count() <= 5);
    }

    #[test]
    fn it_is_ordered_again_when_a_third_of_its_life_is_left() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(again_at(at("2026-01-01T00:00:00Z"), at("2026-04-01T00:00:00Z")), at("2026-03-02T00:00:00Z"));
    }
}
