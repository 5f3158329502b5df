//! The guard at the door: a bearer token, or a browser-proof proof that the caller sits on this machine.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    problem::Problem,
    token::{self, Tokens, Worth},
};
use crate::config::Door;

/// How a server tells friend from stranger.
#[derive(Clone)]
pub struct Guard(Arc<Mode>);

enum Mode {
    /// No token is asked for; only what comes from this machine and from no web page passes.
    Loopback,
    Tokens(Tokens),
    /// As above, from a file that may change while the server runs.
    File {
        path: PathBuf,
        read: Mutex<(Option<SystemTime>, Tokens)>,
    },
}

/// A door that would stand open.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither a token nor leave to go without.
    #[error("no token: give --token-file (or IASQL_TOKEN), or --no-auth where only this machine can reach the server")]
    Open,
    /// Without a token, and reachable from elsewhere.
    #[error("--no-auth is for loopback only, and {0} can be reached from elsewhere: give a token instead")]
    Reachable(SocketAddr),
    /// The token file can't be used.
    #[error(transparent)]
    File(#[from] token::Error),
}

impl Guard {
    /// The guard that the settings ask for.
    ///
    /// # Errors
    /// Where they would leave the door open.
    pub fn new(door: &Door) -> Result<Self, Error> {
        let mode = match (&door.token, &door.token_file, door.no_auth) {
            (_, Some(path), _) => Mode::File { path: path.clone(), read: Mutex::new((changed(path), Tokens::read(path)?)) },
            (Some(token), None, _) => Mode::Tokens(Tokens::one(token.clone())),
            (None, None, true) if door.listen.ip().is_loopback() => Mode::Loopback,
            (None, None, true) => return Err(Error::Reachable(door.listen)),
            (None, None, false) => return Err(Error::Open),
        };
        Ok(Self(Arc::new(mode)))
    }

    fn check(&self, headers: &HeaderMap) -> Result<(), Problem> {
        match &*self.0 {
            Mode::Loopback => from_here(headers),
            Mode::Tokens(tokens) => bearer(tokens, headers),
            Mode::File { path, read } => {
                let mut read = read.lock().unwrap_or_else(PoisonError::into_inner);
                refresh(path, &mut read);
                bearer(&read.1, headers)
            }
        }
    }
}

/// Lets in whom the guard knows.
pub(super) async fn stand(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    match guard.check(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => refuse(problem),
    }
}

fn refuse(problem: Problem) -> Response {
    let mut response = problem.into_response();
    if response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"iasql\""));
    }
    response
}

fn bearer(tokens: &Tokens, headers: &HeaderMap) -> Result<(), Problem> {
    let unauthorized = |name, detail: String| Err(Problem::new(StatusCode::UNAUTHORIZED, name, "Not let in", detail));
    let Some(token) = headers.get(header::AUTHORIZATION).and_then(presented) else {
        return unauthorized("no-token", "Send the header Authorization: Bearer <token>.".into());
    };
    match tokens.worth(token, SystemTime::now()) {
        Worth::Good => Ok(()),
        Worth::Expired(at) => unauthorized("expired-token", format!("This token expired at {}; ask for a new one.", at.to_rfc3339())),
        Worth::Unknown => unauthorized("unknown-token", "This token is not known here.".into()),
    }
}

/// The token of `Bearer <token>`; the scheme's letters may be large or small.
fn presented(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A web page can make a browser on this machine send a GET here, and a GET changes things. A browser says so in
/// `Sec-Fetch-Site` and `Origin`, and in `Host` where a name was made to point here (DNS rebinding).
fn from_here(headers: &HeaderMap) -> Result<(), Problem> {
    let foreign = |said: &str| Err(Problem::new(StatusCode::FORBIDDEN, "foreign", "Not from this machine", said));
    let Some(host) = text(headers, header::HOST.as_str()).filter(|host| is_loopback(host)) else {
        return foreign("Without a token the header Host must name this machine: localhost, 127.0.0.1 or [::1].");
    };
    if let Some(origin) = headers.get(header::ORIGIN)
        && origin.to_str().ok() != Some(&format!("http://{host}"))
    {
        return foreign("Without a token no other web page may ask (header Origin).");
    }
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => foreign("Without a token no other web page may ask (header Sec-Fetch-Site)."),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    let first = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(first)
}

fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<axum::http::uri::Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn changed(path: &std::path::Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

/// Reads a changed file again; one that makes no sense leaves the tokens as they were.
fn refresh(path: &std::path::Path, read: &mut (Option<SystemTime>, Tokens)) {
    let now = changed(path);
    if now == read.0 {
        return;
    }
    read.0 = now;
    match Tokens::read(path) {
        Ok(tokens) => read.1 = tokens,
        Err(error) => tracing::error!(%error, "the token file changed and can't be used; the old tokens stay"),
    }
}
