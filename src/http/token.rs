//! Who may come in: bearer tokens, each with or without an end.

use std::{path::Path, time::SystemTime};

use chrono::{DateTime, Utc};
use subtle::{Choice, ConstantTimeEq};

use crate::resource::Secret;

/// The tokens that a server takes.
#[derive(Clone, Debug, Default)]
pub(super) struct Tokens(Vec<Token>);

#[derive(Clone, Debug)]
struct Token {
    value: Secret,
    until: Option<DateTime<Utc>>,
}

/// What a presented token is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worth {
    Good,
    Expired(DateTime<Utc>),
    Unknown,
}

/// A file of tokens that makes no sense; never says what is in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file can't be read.
    #[error("reading the token file {path}")]
    Read {
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A line is not `token [expiry]`.
    #[error("line {line} of the token file: {said}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        said: &'static str,
    },
    /// No line holds a token.
    #[error("the token file holds no token")]
    Empty,
}

impl Tokens {
    /// One token without an end.
    pub(super) fn one(value: Secret) -> Self {
        Self(vec![Token { value, until: None }])
    }

    /// Reads lines of `token [expiry]`; blank lines and those that begin with `#` say nothing.
    ///
    /// # Errors
    /// Where the file can't be read or a line makes no sense.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.display().to_string(), source })?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, Error> {
        let lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let tokens =
            lines.map(|(at, line)| Token::parse(line).map_err(|said| Error::Line { line: at + 1, said })).collect::<Result<Vec<_>, _>>()?;
        if tokens.is_empty() { Err(Error::Empty) } else { Ok(Self(tokens)) }
    }

    /// Looks at every token, whichever fits, so that the time it takes tells nothing.
    pub(super) fn worth(&self, presented: &str, now: SystemTime) -> Worth {
        let now = DateTime::<Utc>::from(now);
        let mut worth = Worth::Unknown;
        for token in &self.0 {
            let fits: Choice = token.value.expose().as_bytes().ct_eq(presented.as_bytes());
            if bool::from(fits) {
                worth = token.until.filter(|until| *until <= now).map_or(Worth::Good, Worth::Expired);
            }
        }
        worth
    }
}

impl Token {
    fn parse(line: &str) -> Result<Self, &'static str> {
        let mut words = line.split_whitespace();
        let value = words.next().filter(|value| value.len() >= 16).ok_or("a token has 16 characters or more")?;
        let until =
            words.next().map(DateTime::parse_from_rfc3339).transpose().map_err(|_| "the expiry is not of the form 2030-01-31T00:00:00Z")?;
        if words.next().is_some() {
            return Err("there is something after the expiry");
        }
        Ok(Self { value: Secret::new(value), until: until.map(Into::into) })
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{Error, Tokens, Worth};

    const FILE: &str = "# of the deployment\nfirst-token-0123456789\n\nsecond-token-012345678 2001-09-09T01:46:40Z\n";

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_token_is_good_until_its_expiry_and_not_a_moment_longer() {
        let tokens = Tokens::parse(FILE).unwrap();
        assert_eq!(tokens.worth("second-token-012345678", at(999_999_999)), Worth::Good);
        assert!(matches!(tokens.worth("second-token-012345678", at(1_000_000_000)), Worth::Expired(_)));
        assert_eq!(tokens.worth("first-token-0123456789", at(4_000_000_000)), Worth::Good);
    }

    #[test]
    fn what_is_not_in_the_file_is_unknown() {
        let tokens = Tokens::parse(FILE).unwrap();
        for presented in ["", "first-token-012345678", "first-token-01234567890", "#"] {
            assert_eq!(tokens.worth(presented, at(0)), Worth::Unknown, "{presented}");
        }
    }

    #[test]
    fn a_line_that_makes_no_sense_is_named_and_not_shown() {
        for (file, line) in [("first-token-0123456789 tomorrow", 1), ("\n#\nhunter2", 3)] {
            let error = Tokens::parse(file).unwrap_err();
            assert!(matches!(error, Error::Line { line: at, .. } if at == line), "{error}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn a_file_without_a_token_is_refused() {
        assert!(matches!(Tokens::parse("# nothing\n"), Err(Error::Empty)));
    }
}
