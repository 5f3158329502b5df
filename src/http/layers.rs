//! What happens to every request on its way in and out.

use std::time::{Duration, Instant};

use axum::{
    body::{Body, HttpBody, to_bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{metrics::Metrics, problem::Problem};

/// No route wants more than a few words.
const BODY: usize = 64 * 1024;

/// Refuses HEAD where GET changes things: whoever sends HEAD wants nothing changed.
pub(super) async fn no_head(request: Request, next: Next) -> Response {
    if request.method() != Method::HEAD {
        return next.run(request).await;
    }
    let mut response = Problem::method(&Method::HEAD).into_response();
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET,POST"));
    response
}

/// Reads the body, as far as it is small and comes in time.
pub(super) async fn small(State(slowest): State<Duration>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    // what says of itself that it is too large is not waited for
    if body.size_hint().lower() > BODY as u64 {
        return Problem::too_large(BODY).into_response();
    }
    match tokio::time::timeout(slowest, to_bytes(body, BODY)).await {
        Ok(Ok(bytes)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Ok(Err(_)) => Problem::too_large(BODY).into_response(),
        Err(_) => Problem::slow_client(slowest).into_response(),
    }
}

/// Answers in time, whatever happens; what was begun goes on.
pub(super) async fn patient(State(patience): State<Duration>, request: Request, next: Next) -> Response {
    // a check answers with its run's id when patience ends, so it gets a moment more
    let limit = patience + Duration::from_secs(5);
    tokio::time::timeout(limit, next.run(request)).await.unwrap_or_else(|_| Problem::too_slow().into_response())
}

/// Counts and logs each answer, and keeps all of them out of caches.
pub(super) async fn counted(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let (begun, method) = (Instant::now(), request.method().clone());
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let open = metrics.begin();
    let mut response = next.run(request).await;
    drop(open);
    let (status, took) = (response.status(), begun.elapsed());
    metrics.answered(&route, &method, status, took);
    tracing::info!(%method, route, status = status.as_u16(), millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX), "answered");
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
