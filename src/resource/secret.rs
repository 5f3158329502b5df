//! A value that goes to the cloud and nowhere else.

use std::fmt;

use aws_smithy_types::base64;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// A value that goes to the cloud and nowhere else: printing it shows three stars.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value so that no log can show it.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether a header `Authorization` presents it as a bearer token (RFC 6750). It takes as long wherever the two differ.
    pub fn is_borne_by(&self, authorization: Option<&str>) -> bool {
        let bearer = authorization.and_then(|said| said.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        bearer.is_some_and(|(_, token)| self.0.as_bytes().ct_eq(token.trim().as_bytes()).into())
    }

    /// A sentence of somebody's who was told it, with three stars wherever it stands there: as it is, in JSON or in base64, with
    /// and without the space around it. One of less than four characters would leave nothing of any sentence, and stays.
    pub fn masked_in(&self, said: &str) -> String {
        let values = [self.expose(), self.expose().trim_end(), self.expose().trim()];
        values.into_iter().filter(|value| value.chars().count() >= SHORT).fold(said.to_owned(), |said, value| masked(value, &said))
    }
}

fn masked(value: &str, said: &str) -> String {
    let in_json = serde_json::Value::from(value).to_string();
    let in_base64 = base64::encode(value);
    let spellings = [value, in_json.trim_matches('"'), in_base64.trim_end_matches('=')];
    spellings.iter().fold(said.to_owned(), |said, spelling| said.replace(spelling, "***"))
}

/// How short a text is that may stand in a sentence by chance.
const SHORT: usize = 4;

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_does_not_show_when_printed() {
        assert_eq!(format!("{:?}", Some(Secret::new("hunter2"))), "Some(***)");
    }

    #[test]
    fn whoever_bears_it_says_so_in_one_form() {
        let secret = Secret::new("hunter2");
        for said in ["Bearer hunter2", "bearer hunter2", "Bearer  hunter2 "] {
            assert!(secret.is_borne_by(Some(said)), "{said}");
        }
        for said in
            [None, Some("hunter2"), Some("Bearer"), Some("Bearer "), Some("Bearer hunter"), Some("Bearer hunter22"), Some("Basic hunter2")]
        {
            assert!(!secret.is_borne_by(said), "{said:?}");
        }
    }

    #[test]
    fn a_secret_that_somebody_repeats_is_masked_however_it_is_spelt() {
        let secret = Secret::new("hunter\n\"2\"");
        for spelling in ["hunter\n\"2\"", r#"hunter\n\"2\""#, "aHVudGVyCiIyIg=="] {
            let said = secret.masked_in(&format!("Value '{spelling}' is bad"));
            assert!(said.starts_with("Value '***") && !said.contains("unter") && !said.contains("aHVu"), "{said}");
        }
        assert_eq!(Secret::new("a").masked_in("a bad value"), "a bad value");
        // a key in a file ends with a line's end, which is not always sent
        for spelling in ["hunter2", "aHVudGVyMg==", "aHVudGVyMgo="] {
            assert!(Secret::new("hunter2\n").masked_in(spelling).starts_with("***"), "{spelling}");
        }
    }
}
