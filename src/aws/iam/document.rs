//! Policies as IAM tells them: the JSON in a text in which signs are escaped as in a URL (RFC 3986).

use serde_json::Value;

use crate::{aws::canonical_policy::spelt, resource::Error};

/// The policy in its canonical spelling.
pub(crate) fn read(operation: &'static str, text: &str) -> Result<Value, Error> {
    spelt(operation, &unescaped(text))
}

fn unescaped(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, behind)) = rest.split_first() {
        let escaped = if *first == b'%' { behind.get(..2).and_then(hex) } else { None };
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digits: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    u8::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::unescaped;

    #[test]
    fn escaped_signs_are_read_and_plain_ones_stay() {
        assert_eq!(unescaped("%7B%22Version%22%3A%20%222012-10-17%22%7D"), r#"{"Version": "2012-10-17"}"#);
        assert_eq!(unescaped("{\"Sid\": \"a+b %ZZ 5%\"}"), "{\"Sid\": \"a+b %ZZ 5%\"}");
        assert_eq!(unescaped("%C3%A9"), "é");
    }
}
