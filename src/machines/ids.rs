//! Names that nobody has chosen, in the forms that Fly gives them.

use chrono::{DateTime, Utc};

use super::Error;

/// Crockford's base 32, of which a ULID is made (github.com/ulid/spec).
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SMALL: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const WORDS: [&str; 16] = [
    "autumn", "bold", "cold", "dark", "damp", "dry", "empty", "falling", "frosty", "green", "late", "lively", "misty", "old", "quiet",
    "silent",
];
const THINGS: [&str; 16] =
    ["bird", "brook", "cloud", "dawn", "dew", "dust", "feather", "field", "fire", "fog", "leaf", "moon", "pond", "river", "snow", "wave"];

fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Error::Random)?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 14 hexadecimal digits.
pub(super) fn machine() -> Result<String, Error> {
    Ok(hex(&random::<7>()?))
}

/// `vol_` and 16 letters or digits.
pub(super) fn volume() -> Result<String, Error> {
    let letters = random::<16>()?.map(|byte| char::from(SMALL[usize::from(byte) % SMALL.len()]));
    Ok(format!("vol_{}", letters.iter().collect::<String>()))
}

/// What proves that a lease is one's own.
pub(super) fn nonce() -> Result<String, Error> {
    Ok(hex(&random::<6>()?))
}

/// 32 bytes that nobody knows, in hexadecimal digits.
pub(super) fn key() -> Result<String, Error> {
    Ok(hex(&random::<32>()?))
}

/// `misty-pond-12`, for a machine without a name.
pub(super) fn name() -> Result<String, Error> {
    let [word, thing, high, low] = random::<4>()?;
    let pick = |words: [&'static str; 16], byte: u8| words[usize::from(byte % 16)];
    Ok(format!("{}-{}-{}", pick(WORDS, word), pick(THINGS, thing), u16::from_be_bytes([high, low])))
}

/// A ULID: the time in milliseconds, then chance; a later one sorts behind an earlier one.
pub(super) fn ulid(now: DateTime<Utc>) -> Result<String, Error> {
    let millis = u128::try_from(now.timestamp_millis()).unwrap_or_default() & ((1 << 48) - 1);
    let chance = random::<10>()?.iter().fold(0_u128, |sum, byte| sum << 8 | u128::from(*byte));
    let number = millis << 80 | chance;
    let letter = |at: u32| char::from(CROCKFORD[usize::try_from(number >> (5 * at) & 31).unwrap_or_default()]);
    Ok((0..26).rev().map(letter).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_forms_that_fly_gives_them() {
        let machine = machine().unwrap();
        assert!(machine.len() == 14 && machine.chars().all(|sign| sign.is_ascii_hexdigit()));
        assert_eq!(volume().unwrap().len(), 20);
        let at = |millis| ulid(DateTime::from_timestamp_millis(millis).unwrap()).unwrap();
        assert!(at(1_000).len() == 26 && at(1_000) < at(1_001) && at(1_000) != at(1_000));
        // the specification's own example
        assert!(at(1_469_918_176_385).starts_with("01ARYZ6S41"));
    }
}
