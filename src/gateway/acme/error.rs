//! What can go wrong with an order, and what its user sees of it.

use instant_acme::Problem;

use crate::{causes::in_one_line, control, served};

/// The longest text that is kept of what went wrong, in characters: it is an authority's.
const LONGEST: usize = 600;

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The authority said no.
    #[error("the authority refused {what}: {}", told(.problem))]
    Refused {
        /// What was asked of it.
        what: &'static str,
        /// What it said.
        problem: Box<Problem>,
    },
    /// The authority did not answer, or not as RFC 8555 has it.
    #[error("could not {doing}")]
    Silent {
        /// What was tried.
        doing: &'static str,
        /// Why not.
        source: Box<instant_acme::Error>,
    },
    /// It does not check by DNS.
    #[error("the authority offers no challenge by DNS (dns-01) for *.{0}: without that there are no wildcard certificates")]
    NoChallenge(String),
    /// It gave up without a word.
    #[error("the authority holds the order for invalid, and does not say why")]
    Invalid,
    /// It took too long.
    #[error("the order was not through after ten minutes")]
    Late,
    /// Another gateway has taken it over, or its row is another one by now.
    #[error("the order is this gateway's no longer")]
    Lost,
    /// What came is not what was ordered.
    #[error("what the authority issued can't be shown")]
    Unfit {
        /// Why not.
        source: served::Unfit,
    },
    /// The account could not be read or written down.
    #[error("could not read or write the account at the authority")]
    Account {
        /// Why not.
        source: serde_json::Error,
    },
    /// The registry does not answer.
    #[error("the registry of what is served does not answer")]
    Registry {
        /// What it said: for the log, and not for a user.
        #[from]
        source: control::Error,
    },
}

impl Error {
    /// What the client said when this was tried.
    pub(super) fn of(what: &'static str, doing: &'static str) -> impl Fn(instant_acme::Error) -> Self {
        move |error| match error {
            instant_acme::Error::Api(problem) => Self::Refused { what, problem: Box::new(problem) },
            source => Self::Silent { doing, source: Box::new(source) },
        }
    }

    /// Whether the authority says that it knows no such account.
    pub(super) fn is_of_no_account(&self) -> bool {
        self.kind() == Some("accountDoesNotExist")
    }

    /// Whether it would have none of the contacts.
    pub(super) fn is_about_contacts(&self) -> bool {
        matches!(self.kind(), Some("invalidContact" | "unsupportedContact"))
    }

    /// What kind of no it was (RFC 8555, 6.7).
    fn kind(&self) -> Option<&str> {
        let Self::Refused { problem, .. } = self else { return None };
        problem.r#type.as_deref()?.strip_prefix("urn:ietf:params:acme:error:")
    }
}

/// As a user sees it: what an authority wrote is cut, and put into one line.
pub(super) fn said(error: &Error) -> String {
    let whole = match error {
        Error::Registry { source } => {
            tracing::warn!(error = in_one_line(source), "an order could not be noted");
            error.to_string()
        }
        error => in_one_line(error),
    };
    whole.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).take(LONGEST).collect()
}

/// What an authority said: the detail, those of its parts, and the kind.
fn told(problem: &Problem) -> String {
    let kind = |kind: &Option<String>| kind.as_deref().map(|kind| format!(" ({})", kind.trim_start_matches("urn:ietf:params:acme:error:")));
    let detail = |detail: &Option<String>| detail.clone().unwrap_or_else(|| "no reason given".to_owned());
    let parts = problem.subproblems.iter().map(|part| format!("; {}{}", detail(&part.detail), kind(&part.r#type).unwrap_or_default()));
    format!("{}{}{}", detail(&problem.detail), kind(&problem.r#type).unwrap_or_default(), parts.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_authority_says_is_told_in_one_short_line_with_its_kind() {
        let text = r#"{"type": "urn:ietf:params:acme:error:rejectedIdentifier", "detail": "not\nthis\u0007one", "subproblems": [
            {"type": "urn:ietf:params:acme:error:dns", "detail": "nobody there"}]}"#;
        let problem = Box::new(serde_json::from_str(text).unwrap());
        let error = Error::Refused { what: "the order", problem };
        assert_eq!(said(&error), "the authority refused the order: not this one (rejectedIdentifier); nobody there (dns)");
        let long = Box::new(serde_json::from_str(&format!(r#"{{"detail": "{}"}}"#, "ä".repeat(9000))).unwrap());
        assert_eq!(said(&Error::Refused { what: "the order", problem: long }).chars().count(), LONGEST);
    }
}
