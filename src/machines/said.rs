//! Spans of time and signals, as clients say them.

use std::{str::FromStr, time::Duration};

use nix::sys::signal::Signal;
use serde_json::Value;

/// The units of a Go duration (pkg.go.dev/time#ParseDuration), in seconds; the longer name first, where one begins with another.
const UNITS: [(&str, f64); 6] = [("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
/// What may be sent to a machine (fly.io/docs/machines/api/machines-resource).
const SIGNALS: [Signal; 13] = [
    Signal::SIGABRT,
    Signal::SIGALRM,
    Signal::SIGFPE,
    Signal::SIGHUP,
    Signal::SIGILL,
    Signal::SIGINT,
    Signal::SIGKILL,
    Signal::SIGPIPE,
    Signal::SIGQUIT,
    Signal::SIGSEGV,
    Signal::SIGTERM,
    Signal::SIGTRAP,
    Signal::SIGUSR1,
];

/// A span as `1m30s`; a bare number is nanoseconds in JSON, as in Go.
pub(super) fn span(value: &Value) -> Option<Duration> {
    match value {
        Value::Number(nanos) => nanos.as_u64().map(Duration::from_nanos),
        Value::String(text) => span_in(text),
        _ => None,
    }
}

/// A span as `1m30s`, or a number of seconds.
pub(super) fn span_in(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let mut seconds = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|sign: char| sign.is_ascii_alphabetic())?;
        let number: f64 = rest[..end].parse().ok().filter(|number| *number >= 0.0)?;
        let (name, unit) = UNITS.iter().find(|(name, _)| rest[end..].starts_with(name))?;
        seconds += number * unit;
        rest = &rest[end + name.len()..];
    }
    (!text.is_empty()).then(|| Duration::try_from_secs_f64(seconds).ok()).flatten()
}

/// A signal by its name or its number.
pub(super) fn signal(value: &Value) -> Option<Signal> {
    let signal = match value {
        Value::Number(number) => Signal::try_from(i32::try_from(number.as_i64()?).ok()?).ok()?,
        Value::String(name) => Signal::from_str(&name.to_uppercase()).ok()?,
        _ => return None,
    };
    SIGNALS.contains(&signal).then_some(signal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_go_reads_them() {
        let read = [("90s", 90_000), ("1m30s", 90_000), ("1.5h", 5_400_000), ("250ms", 250), ("7", 7_000)];
        for (text, millis) in read {
            assert_eq!(span_in(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "s", "5x", "-1s", "5 s", "1s5"] {
            assert_eq!(span_in(text), None, "{text:?}");
        }
        assert_eq!(span(&Value::from(1_000_000_000_u64)), Some(Duration::from_secs(1)));
    }

    #[test]
    fn only_signals_that_fly_sends_are_known() {
        assert_eq!(signal(&Value::from("SIGTERM")), Some(Signal::SIGTERM));
        assert_eq!(signal(&Value::from(9)), Some(Signal::SIGKILL));
        assert_eq!(signal(&Value::from("SIGSTOP")), None);
        assert_eq!(signal(&Value::from("hunter2")), None);
    }
}
