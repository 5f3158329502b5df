//! When what a served database commits is safe in the bucket. No clock.

use std::time::Duration;

/// When what a database commits is safe in the bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// When it falls asleep: what came since is on the disk of the gateway that runs it, and nowhere else.
    #[default]
    Pause,
    /// Every so often while it is awake.
    Interval(Duration),
    /// Before the commit returns.
    Sync,
}

impl Durability {
    /// As rows say it. Any other word is the weakest; an interval without a time is the one that databases begin with.
    pub fn of(word: &str, seconds: Option<i32>) -> Self {
        let seconds = seconds.and_then(|seconds| u64::try_from(seconds).ok()).filter(|seconds| *seconds > 0);
        match word {
            "interval" => Self::Interval(seconds.map_or(Self::FIRST, Duration::from_secs)),
            "sync" => Self::Sync,
            _ => Self::Pause,
        }
    }

    /// The interval where nobody says another.
    pub const FIRST: Duration = Duration::from_secs(10);

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Interval(_) => "interval",
            Self::Sync => "sync",
        }
    }

    /// The interval's seconds, where it is one.
    pub fn seconds(self) -> Option<i32> {
        match self {
            Self::Interval(every) => Some(every.as_secs().try_into().unwrap_or(i32::MAX)),
            Self::Pause | Self::Sync => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for durability in [Durability::Pause, Durability::Interval(Duration::from_secs(7)), Durability::Sync] {
            assert_eq!(Durability::of(durability.word(), durability.seconds()), durability);
        }
        assert_eq!(Durability::of("interval", None), Durability::Interval(Durability::FIRST));
    }
}
