//! Who may come in, and how often: a bearer token, and a pace.

use std::{sync::Arc, time::Instant};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{pace::Pace, refusal::Refusal};
use crate::resource::Secret;

/// Who may come in, and how often.
pub(super) struct Guard {
    pub(super) token: Secret,
    /// None where everybody may ask as often as they like.
    pub(super) pace: Option<Pace>,
}

/// Stands before every route.
pub(super) async fn stand(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    if !guard.knows(&request) {
        return Refusal::Unauthorized.into_response();
    }
    if !guard.allows(&request) {
        return Refusal::TooMany.into_response();
    }
    next.run(request).await
}

impl Guard {
    fn knows(&self, request: &Request<Body>) -> bool {
        self.token.is_borne_by(request.headers().get(header::AUTHORIZATION).and_then(|said| said.to_str().ok()))
    }

    fn allows(&self, request: &Request<Body>) -> bool {
        let Some(pace) = &self.pace else { return true };
        let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
        // to the app, and to the machine or volume where one is named
        let whose = request.uri().path().split('/').skip(3).take(3).collect::<Vec<_>>().join("/");
        let looks = request.method() == Method::GET && route.ends_with("/machines/{id}");
        pace.allows(&format!("{} {route}", request.method()), &whose, looks, Instant::now())
    }
}
