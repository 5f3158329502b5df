//! A request's body as JSON, and its query, with refusals that say what is wrong and repeat no value.

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use crate::machines::{config::unquoted, refusal::Refusal};

/// The most that a body may take, in bytes.
const LARGEST: usize = 1 << 20;

/// A body; one that is empty is an empty object.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let bytes = axum::body::to_bytes(request.into_body(), LARGEST).await;
        let bytes = bytes.map_err(|_| Refusal::invalid(format!("the body did not come, or has more than {LARGEST} bytes")))?;
        let text = if bytes.iter().all(u8::is_ascii_whitespace) { b"{}" } else { &bytes[..] };
        let read = serde_json::from_slice(text);
        read.map(Self).map_err(|error| Refusal::invalid(format!("the body: {}", unquoted(&error.to_string()))))
    }
}

/// What stands behind the question mark.
pub(super) struct Query<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let read = axum::extract::Query::try_from_uri(&parts.uri);
        read.map(|query| Self(query.0)).map_err(|error| Refusal::invalid(format!("the query: {}", error.body_text())))
    }
}
