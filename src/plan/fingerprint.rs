//! What a plan is known by when somebody approves it.

use std::{fmt, str::FromStr};

use serde::Serialize;

/// The fingerprint of a plan, as `iasql.plan_fingerprint()` makes it: another one wherever something else would be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct Fingerprint(u64);

/// Something else than 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a plan's fingerprint has 16 hexadecimal digits, as `iasql plan` prints them")]
pub struct NoFingerprint;

impl FromStr for Fingerprint {
    type Err = NoFingerprint;

    fn from_str(text: &str) -> Result<Self, NoFingerprint> {
        let is_one = text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_one { u64::from_str_radix(text, 16).map(Self).map_err(|_| NoFingerprint) } else { Err(NoFingerprint) }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl From<Fingerprint> for String {
    fn from(print: Fingerprint) -> Self {
        print.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_it_is_printed_and_nothing_else_is_one() {
        let print: Fingerprint = "00c0ffee00000001".parse().unwrap();
        assert_eq!(print.to_string(), "00c0ffee00000001");
        for other in ["", "c0ffee", "00C0FFEE00000001", "+0c0ffee00000001", "00c0ffee000000011", "00c0ffee0000000é"] {
            assert_eq!(other.parse::<Fingerprint>(), Err(NoFingerprint), "{other}");
        }
    }
}
