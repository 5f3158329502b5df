//! What to make of Fly's refusals, by their status alone: the words are for people.

use reqwest::StatusCode;
use serde::Deserialize;

use crate::{
    causes::innermost,
    resource::{Error, Kind},
};

/// The most that is shown of what was said, in characters.
const LONGEST: usize = 500;

/// An error's body (docs.machines.dev).
#[derive(Deserialize)]
struct Body {
    error: Option<String>,
    message: Option<String>,
}

/// A refusal, in its own words where it has some.
pub(super) fn refused(operation: &'static str, status: StatusCode, body: &[u8]) -> Error {
    let said = serde_json::from_slice::<Body>(body).ok().and_then(|body| body.error.or(body.message));
    let said = said.unwrap_or_else(|| status.canonical_reason().unwrap_or("no reason").to_owned());
    Error { operation, kind: kind(status), code: Some(status.as_u16().to_string()), said: said.chars().take(LONGEST).collect() }
}

fn kind(status: StatusCode) -> Kind {
    match status {
        StatusCode::UNAUTHORIZED => Kind::Expired,
        StatusCode::FORBIDDEN => Kind::Denied,
        StatusCode::NOT_FOUND => Kind::Absent,
        // it is not so far yet; somebody else holds it; it was changed meanwhile, or something is still there
        StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED => Kind::Held,
        StatusCode::TOO_MANY_REQUESTS => Kind::Throttled,
        status if status.is_client_error() => Kind::Invalid,
        _ => Kind::Broken,
    }
}

/// Nobody answered, or nothing that makes sense.
pub(super) fn unanswered(operation: &'static str, error: &reqwest::Error) -> Error {
    let kind = if error.is_decode() { Kind::Broken } else { Kind::Unreachable };
    Error::new(operation, kind, innermost(error))
}

/// An answer that lacks what it always has.
pub(super) fn strange(operation: &'static str, what: &str) -> Error {
    Error::new(operation, Kind::Broken, format!("Fly's answer has no {what}"))
}
