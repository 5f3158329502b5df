//! How an authority is spoken to: HTTPS and nothing else, no redirects, and answers of a bearable length.

use std::{
    path::Path,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{self, HeaderMap, Request, header},
};
use chrono::{DateTime, Utc};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use reqwest::{Certificate, Client, redirect::Policy};
use url::Url;

use crate::{
    gateway::Error as Unusable,
    public::{Public, may_lead_outside},
};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most that an answer may be, in bytes: a chain is some 6 kB.
const LONGEST: usize = 256 * 1024;

/// The way to all authorities.
#[derive(Clone, Debug)]
pub(super) struct Line {
    client: Client,
    /// Whether it may lead to addresses that only some can reach: where an operator has named an authority of their own.
    may_be_private: bool,
}

impl Line {
    pub(super) fn new(roots: Option<&Path>) -> Result<Self, Unusable> {
        let own = roots.map(certificates).transpose()?;
        let mut client = Client::builder().https_only(true).redirect(Policy::none()).no_proxy().timeout(PATIENCE);
        let may_be_private = own.is_some();
        match own {
            Some(roots) => client = client.tls_certs_merge(roots),
            None => client = client.dns_resolver(Arc::new(Public)),
        }
        Ok(Self { client: client.build().map_err(|source| Unusable::Client { source })?, may_be_private })
    }
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, Unusable> {
    let text = std::fs::read(path).map_err(|source| Unusable::File { doing: "read", path: path.to_owned(), source })?;
    let found = Certificate::from_pem_bundle(&text).map_err(|source| Unusable::Client { source })?;
    if found.is_empty() { Err(Unusable::NoRoot(path.to_owned())) } else { Ok(found) }
}

/// One order's way to its authority.
pub(super) struct Http {
    line: Line,
    asked: Asked,
}

/// What an authority has asked for in the way of pauses. A clone is the same.
#[derive(Clone, Default)]
pub(super) struct Asked(Arc<Mutex<Option<String>>>);

impl Http {
    pub(super) fn new(line: &Line) -> (Asked, Self) {
        let asked = Asked::default();
        (asked.clone(), Self { line: line.clone(), asked })
    }

    /// Once more the same.
    pub(super) fn again(&self) -> Self {
        Self { line: self.line.clone(), asked: self.asked.clone() }
    }
}

impl Asked {
    /// The pause, in seconds or until a date (RFC 9110, 10.2.3), where the last refusal asked for one.
    pub(super) fn pause(&self, now: DateTime<Utc>) -> Option<Duration> {
        let text = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let until = || (DateTime::parse_from_rfc2822(&text).ok()?.to_utc() - now).to_std().ok();
        text.parse().map(Duration::from_secs).ok().or_else(until)
    }

    fn note(&self, headers: &HeaderMap) {
        let asked = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = asked;
    }
}

impl HttpClient for Http {
    fn request(&self, request: Request<BodyWrapper<Bytes>>) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let (line, asked) = (self.line.clone(), self.asked.clone());
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let url = Url::parse(&parts.uri.to_string()).map_err(other)?;
            if !line.may_be_private && !may_lead_outside(&url) {
                return Err(Error::Other("the address is not public: a private authority's root is named with --acme-roots".into()));
            }
            let body = to_bytes(Body::new(body), LONGEST).await.map_err(other)?;
            let asking = line.client.request(parts.method, url).headers(parts.headers).body(body);
            let mut answer = asking.send().await.map_err(other)?;
            let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
            let is_problem = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"));
            if status.is_client_error() || status.is_server_error() {
                asked.note(&headers);
                if !is_problem {
                    return Err(Error::Other(format!("the authority answered {status}").into()));
                }
            }
            let mut whole = vec![];
            while let Some(piece) = answer.chunk().await.map_err(other)? {
                whole.extend_from_slice(&piece);
                if whole.len() > LONGEST {
                    return Err(Error::Other("the authority's answer is longer than 256 kB".into()));
                }
            }
            let (mut parts, ()) = http::Response::new(()).into_parts();
            (parts.status, parts.headers) = (status, headers);
            Ok(BytesResponse { parts, body: Box::new(Bytes::from(whole)) })
        })
    }
}

fn other(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Other(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_asked_for_in_seconds_or_until_a_date() {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let pause = |text: &str| {
            let asked = Asked::default();
            asked.note(&HeaderMap::from_iter([(header::RETRY_AFTER, text.parse().unwrap())]));
            asked.pause(now).map(|pause| pause.as_secs())
        };
        assert_eq!(pause("120"), Some(120));
        assert_eq!(pause("Thu, 01 Jan 2026 01:00:00 GMT"), Some(3600));
        assert_eq!(
            [pause("Wed, 31 Dec 2025 23:59:59 GMT"), pause("soon"), Asked::default().pause(now).map(|pause| pause.as_secs())],
            [None; 3]
        );
    }
}
