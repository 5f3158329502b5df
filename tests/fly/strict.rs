//! A way to the Machines API that refuses what Fly's own would refuse, notes what goes over it, and lets things go wrong.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Json, Router,
    body::{Bytes, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::json;
use tokio::net::TcpListener;

use super::shapes::{Asked, look};
use crate::support::{
    calls::Call,
    faults::{Fault, Faults, Line, Lines},
};

const NONCE: &str = "fly-machine-lease-nonce";

/// The way, and what went over it.
#[derive(Clone)]
pub(crate) struct Strict(Arc<Way>);

struct Way {
    http: String,
    target: String,
    client: reqwest::Client,
    faults: Faults,
    made: Mutex<Vec<String>>,
    refused: Mutex<Vec<String>>,
    /// What stands in an answer, and what is told instead.
    pretended: Mutex<Option<(&'static str, &'static str)>>,
}

impl Strict {
    /// A way to the API at this address; it closes with the test's runtime.
    pub(crate) async fn to(target: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let http = format!("http://{}", listener.local_addr().expect("its address"));
        let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("a client");
        let (faults, made, refused, pretended) = (Faults::default(), Mutex::default(), Mutex::default(), Mutex::default());
        let way = Arc::new(Way { http, target: target.to_owned(), client, faults, made, refused, pretended });
        let router = Router::new().fallback(pass).with_state(Arc::clone(&way)).into_make_service_with_connect_info::<Line>();
        tokio::spawn(async move { axum::serve(Lines(listener), router).await });
        Self(way)
    }

    /// Where it begins.
    pub(crate) fn http(&self) -> &str {
        &self.0.http
    }

    /// What goes wrong on it.
    pub(crate) fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// From now on one thing is told instead of another.
    pub(crate) fn pretend(&self, is: &'static str, told: &'static str) {
        *locked(&self.0.pretended) = Some((is, told));
    }

    /// How often an operation was asked for: `Machines_create`.
    pub(crate) fn came(&self, operation: &str) -> usize {
        locked(&self.0.made).iter().filter(|made| *made == operation).count()
    }

    /// What Fly would have refused.
    pub(crate) fn refused(&self) -> Vec<String> {
        locked(&self.0.refused).clone()
    }
}

fn locked<T>(what: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn pass(State(way): State<Arc<Way>>, ConnectInfo(line): ConnectInfo<Line>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let query = reqwest::Url::parse(&format!("http://x{}", parts.uri)).expect("an address");
    let asked = Asked {
        method: &parts.method,
        path: parts.uri.path().strip_prefix("/v1").unwrap_or_default(),
        query: query.query_pairs().into_owned().collect(),
        body: &body,
        holds: parts.headers.contains_key(NONCE),
    };
    let (operation, wrong) = look(&asked);
    locked(&way.made).push(operation.clone());
    if !wrong.is_empty() {
        locked(&way.refused).extend(wrong.clone());
        return said(400, &wrong.join("; "));
    }
    let call = Call {
        service: "fly".into(),
        action: operation,
        region: String::new(),
        body: String::from_utf8_lossy(&body).into_owned(),
        address: parts.uri.to_string(),
        key: String::new(),
    };
    let fault = way.faults.decide(&call);
    match &fault {
        Some(Fault::Throttled) => return said(429, "rate limit exceeded"),
        Some(Fault::Broken(status)) => return said(*status, "something went wrong"),
        // what the code says stands in a header, or that it happens first
        Some(Fault::Refused(429, seconds, words)) => return ([(header::RETRY_AFTER, *seconds)], said(429, words)).into_response(),
        Some(Fault::Refused(status, "", words)) => return said(*status, words),
        Some(Fault::Refused(..)) | None => {}
        Some(fault) => {
            if let Some(answer) = way.faults.before(fault, &call, &line).await {
                return answer;
            }
        }
    }
    let Some(answer) = way.asked(parts, body).await else { return StatusCode::BAD_GATEWAY.into_response() };
    match &fault {
        Some(Fault::Refused(status, _, words)) => said(*status, words),
        fault => way.faults.after(fault.as_ref(), &call, answer, &line).await,
    }
}

/// As Fly says it.
fn said(status: u16, words: &str) -> Response {
    (StatusCode::from_u16(status).expect("a status"), Json(json!({ "error": words, "status": "unknown" }))).into_response()
}

impl Way {
    async fn asked(&self, parts: Parts, body: Bytes) -> Option<(StatusCode, HeaderMap, Bytes)> {
        let mut request = self.client.request(parts.method, format!("{}{}", self.target, parts.uri)).body(body);
        for name in ["authorization", "content-type", NONCE] {
            if let Some(value) = parts.headers.get(name) {
                request = request.header(name, value);
            }
        }
        let answer = request.send().await.ok()?;
        let (status, kind) = (answer.status(), answer.headers().get(header::CONTENT_TYPE).cloned());
        let text = answer.text().await.ok()?;
        let text = locked(&self.pretended).map_or(text.clone(), |(is, told)| text.replace(is, told));
        Some((status, HeaderMap::from_iter(kind.map(|kind| (header::CONTENT_TYPE, kind))), text.into()))
    }
}
