//! Tigris in front of the local S3: it knows what that one does not (regions, snapshots, forks), and refuses what Tigris refuses.
//!
//! A header of Tigris' at a call where it means nothing, or one that is not signed, is a fault of ours: noted, and asked for at the end of each test.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use iasql::{
    resource::Secret,
    tigris::{Account, Keys, Tigris},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The access key's name and secret that it knows.
pub(crate) const KEY: [&str; 2] = ["tid_for_tests_0123456789", "tsec_for_tests_0123456789"];
/// A snapshot that is taken for a fork that names none.
pub(crate) const TAKEN: &str = "1751631910169675092";
/// At which calls each header means something: method, and what stands behind the question mark.
const CREATION: (&str, &str) = ("PUT", "");
const HEADERS: [(&str, &[(&str, &str)]); 6] = [
    ("x-tigris-regions", &[CREATION]),
    ("x-tigris-enable-snapshot", &[CREATION]),
    ("x-tigris-fork-source-bucket", &[CREATION]),
    ("x-tigris-fork-source-bucket-snapshot", &[CREATION]),
    ("x-amz-storage-class", &[CREATION]),
    ("x-amz-acl", &[CREATION, ("PUT", "acl")]),
];
/// What it has of S3's calls about buckets.
const FACETS: [&str; 4] = ["acl", "cors", "lifecycle", "tagging"];
const PLACES: [&str; 13] = ["usa", "eur", "ams", "fra", "gru", "iad", "jnb", "lhr", "nrt", "ord", "sin", "sjc", "syd"];

/// A bucket, as far as the local S3 does not know it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Known {
    pub(crate) regions: String,
    pub(crate) class: String,
    pub(crate) snapshots: bool,
    /// The bucket and the snapshot that it began as.
    pub(crate) fork: Option<(String, String)>,
    /// What no column says.
    pub(crate) cache_control: String,
}

/// It, and what became of it so far.
#[derive(Clone)]
pub(crate) struct Strict(Arc<Site>);

struct Site {
    address: String,
    /// The local S3, and whose account it is there.
    target: String,
    account: String,
    client: reqwest::Client,
    buckets: Mutex<BTreeMap<String, Known>>,
    heard: Mutex<Vec<String>>,
    faults: Mutex<Vec<String>>,
    loses: AtomicBool,
}

fn locked<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Strict {
    /// In front of this S3, about this account.
    pub(crate) async fn before(target: &str, account: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let site = Site {
            address: format!("http://{}", listener.local_addr().expect("its address")),
            target: target.to_owned(),
            account: account.to_owned(),
            client: reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("a client"),
            buckets: Mutex::default(),
            heard: Mutex::default(),
            faults: Mutex::default(),
            loses: AtomicBool::new(false),
        };
        let strict = Self(Arc::new(site));
        let router = Router::new().fallback(answer).with_state(strict.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        strict
    }

    /// The way to it.
    pub(crate) fn way(&self) -> Tigris {
        self.way_of(KEY)
    }

    /// The same with another key.
    pub(crate) fn way_of(&self, [id, secret]: [&str; 2]) -> Tigris {
        self.way_by(&self.0.address, id, secret)
    }

    /// The same with its IAM elsewhere.
    pub(crate) fn way_with(&self, iam: &str) -> Tigris {
        self.way_by(iam, KEY[0], KEY[1])
    }

    fn way_by(&self, iam: &str, id: &str, secret: &str) -> Tigris {
        let keys = Some(Keys { id: id.to_owned(), secret: Secret::new(secret) });
        Tigris::new(Account { address: self.0.address.clone(), iam_address: iam.to_owned(), keys })
    }

    /// Where it answers.
    pub(crate) fn address(&self) -> &str {
        &self.0.address
    }

    /// How many buckets there are.
    pub(crate) fn count(&self) -> usize {
        locked(&self.0.buckets).len()
    }

    /// A bucket as it knows it.
    pub(crate) fn known(&self, bucket: &str) -> Option<Known> {
        locked(&self.0.buckets).get(bucket).cloned()
    }

    /// Somebody else changes one.
    pub(crate) fn change(&self, bucket: &str, change: impl FnOnce(&mut Known)) {
        change(locked(&self.0.buckets).get_mut(bucket).expect("a bucket"));
    }

    /// From now on the answer to the next creation gets lost.
    pub(crate) fn lose_an_answer(&self) {
        self.0.loses.store(true, Ordering::Relaxed);
    }

    /// The calls since the last time: `PUT shop regions=fra`, `PATCH shop {…}`, `GET shop?cors`.
    pub(crate) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *locked(&self.0.heard))
    }

    /// The same, without those that only asked.
    pub(crate) fn changes(&self) -> Vec<String> {
        self.heard().into_iter().filter(|call| !call.starts_with("GET ") && !call.starts_with("HEAD ")).collect()
    }

    /// Whether it was always spoken to as Tigris wants it.
    pub(crate) fn had_no_fault(&self) {
        assert_eq!(*locked(&self.0.faults), Vec::<String>::new());
    }

    fn fault(&self, said: String) {
        locked(&self.0.faults).push(said);
    }
}

/// What is asked.
struct Asked<'a> {
    method: &'a str,
    bucket: &'a str,
    /// What stands behind the question mark, without the client's own.
    facet: &'a str,
    headers: &'a HeaderMap,
}

impl Asked<'_> {
    fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    }

    /// As [`Strict::heard`] tells it.
    fn told(&self, body: &[u8]) -> String {
        let mark = if self.facet.is_empty() { "" } else { "?" };
        let mut told = format!("{} {}{mark}{}", self.method, self.bucket, self.facet);
        for (name, _) in HEADERS {
            let short = name.trim_start_matches("x-tigris-").trim_start_matches("x-amz-");
            told.extend(self.header(name).map(|value| format!(" {short}={value}")));
        }
        if self.method == "PATCH" {
            told.push(' ');
            told.push_str(&String::from_utf8_lossy(body));
        }
        told
    }

    /// What is wrong with its headers.
    fn fault(&self) -> Option<String> {
        let signed = self.header("authorization").unwrap_or_default();
        let special = self.headers.keys().map(HeaderName::as_str);
        let special = special.filter(|name| name.starts_with("x-tigris-") || HEADERS.iter().any(|(known, _)| known == name));
        for name in special {
            let places = HEADERS.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, places)| places);
            if !places.contains(&(self.method, self.facet)) {
                return Some(format!("{name} means nothing at {} {}?{}", self.method, self.bucket, self.facet));
            }
            if !signed.split(['=', ';', ',']).any(|it| it == name) {
                return Some(format!("{name} is not signed"));
            }
        }
        (self.method == "PUT" && self.facet == "acl" && !matches!(self.header("x-amz-acl").as_deref(), Some("private" | "public-read")))
            .then(|| "a list of its own where only ready-made ones are taken".to_owned())
    }
}

async fn answer(State(strict): State<Strict>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let method = parts.method.to_string();
    let path = parts.uri.path().trim_start_matches('/').to_owned();
    let query = parts.uri.query().unwrap_or_default().split('&').find(|part| !part.starts_with("x-id=")).unwrap_or_default();
    let facet = if path.is_empty() { "" } else { query.trim_end_matches('=') }.to_owned();
    let headers = parts.headers.clone();
    let asked = Asked { method: &method, bucket: path.trim_end_matches('/'), facet: &facet, headers: &headers };
    locked(&strict.0.heard).push(asked.told(&body));
    if !asked.header("authorization").unwrap_or_default().contains(KEY[0]) {
        return refusal(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
    }
    if let Some(fault) = asked.fault() {
        strict.fault(fault.clone());
        return refusal(400, "InvalidArgument", &fault);
    }
    match (asked.method, asked.facet) {
        ("GET", "") if asked.bucket.is_empty() => strict.pass(parts, body).await,
        ("PUT", "") => strict.create(&asked, parts, body).await,
        ("DELETE", "") => strict.delete(asked.bucket, parts, body).await,
        ("HEAD", "") => strict.head(asked.bucket, parts, body).await,
        ("GET", "metadata") => strict.metadata(&asked),
        ("PATCH", "") => strict.patch(&asked, &body),
        ("GET" | "PUT" | "DELETE", facet) if FACETS.contains(&facet) => strict.pass(parts, body).await,
        _ => {
            strict.fault(format!("there is no {}", asked.told(&body)));
            refusal(501, "NotImplemented", "A header you provided implies functionality that is not implemented.")
        }
    }
}

impl Strict {
    /// On to the local S3, which knows nothing of this.
    async fn pass(&self, parts: Parts, body: Bytes) -> Response {
        let mut headers = parts.headers;
        for name in [header::HOST, header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH] {
            headers.remove(name);
        }
        HEADERS.iter().filter(|(name, _)| *name != "x-amz-acl").for_each(|(name, _)| drop(headers.remove(*name)));
        // the local S3 wants to be told of an empty body, too
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        headers.insert("x-moto-account-id", HeaderValue::from_str(&self.0.account).expect("digits"));
        let url = format!("{}{}", self.0.target, parts.uri);
        let Ok(answer) = self.0.client.request(parts.method, url).headers(headers).body(body).send().await else {
            return StatusCode::BAD_GATEWAY.into_response();
        };
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        for name in [header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH] {
            headers.remove(name);
        }
        (status, headers, answer.bytes().await.unwrap_or_default()).into_response()
    }

    async fn create(&self, asked: &Asked<'_>, parts: Parts, body: Bytes) -> Response {
        if self.known(asked.bucket).is_some() {
            return refusal(
                409,
                "BucketAlreadyOwnedByYou",
                "Your previous request to create the named bucket succeeded and you already own it.",
            );
        }
        let text = |name: &str| asked.header(name).unwrap_or_default();
        let mut known = Known {
            regions: text("x-tigris-regions"),
            class: asked.header("x-amz-storage-class").unwrap_or_else(|| "STANDARD".to_owned()),
            snapshots: text("x-tigris-enable-snapshot") == "true",
            ..Known::default()
        };
        if !are_places(&known.regions) {
            return refusal(400, "InvalidArgument", "there is no such region");
        }
        if let Some(source) = asked.header("x-tigris-fork-source-bucket") {
            if !self.known(&source).is_some_and(|source| source.snapshots) {
                return refusal(400, "InvalidRequest", "Source bucket must be of snapshot type");
            }
            known.snapshots = true;
            known.fork = Some((source, asked.header("x-tigris-fork-source-bucket-snapshot").unwrap_or_else(|| TAKEN.to_owned())));
        }
        let answer = self.pass(parts, body).await;
        if answer.status().is_success() {
            locked(&self.0.buckets).insert(asked.bucket.to_owned(), known);
            if self.0.loses.swap(false, Ordering::Relaxed) {
                return StatusCode::BAD_GATEWAY.into_response();
            }
        }
        answer
    }

    async fn delete(&self, bucket: &str, parts: Parts, body: Bytes) -> Response {
        if self.is_parent(bucket) {
            return refusal(409, "InvalidBucketState", "the source bucket cannot be deleted while forked buckets depend on it");
        }
        let answer = self.pass(parts, body).await;
        if answer.status().is_success() {
            locked(&self.0.buckets).remove(bucket);
        }
        answer
    }

    async fn head(&self, bucket: &str, parts: Parts, body: Bytes) -> Response {
        let mut answer = self.pass(parts, body).await;
        let known = self.known(bucket).unwrap_or_default();
        let mut say = |name: &'static str, value: &str| answer.headers_mut().insert(name, HeaderValue::from_str(value).expect("a header"));
        say("x-tigris-enable-snapshot", &known.snapshots.to_string());
        if let Some((source, snapshot)) = &known.fork {
            say("x-tigris-fork-source-bucket", source);
            say("x-tigris-fork-source-bucket-snapshot", snapshot);
        }
        answer
    }

    fn metadata(&self, asked: &Asked<'_>) -> Response {
        if asked.header("accept").as_deref() != Some("application/json") {
            self.fault("what is to be told as JSON was not asked for as such".to_owned());
        }
        let Some(known) = self.known(asked.bucket) else { return refused_own(404, "NoSuchBucket", "The specified bucket does not exist.") };
        let mut told = json!({
            "name": asked.bucket, "object_regions": known.regions, "storage_class": known.class, "type": u8::from(known.snapshots),
            "cache_control": known.cache_control, "tier_sizes": {},
        });
        if known.fork.is_some() || self.is_parent(asked.bucket) {
            let parents: Vec<_> =
                known.fork.iter().map(|(bucket, snapshot)| json!({ "BucketName": bucket, "Snapshot": snapshot })).collect();
            told["ForkInfo"] = json!({ "HasChildren": self.is_parent(asked.bucket), "Parents": parents });
        }
        axum::Json(told).into_response()
    }

    fn patch(&self, asked: &Asked<'_>, body: &[u8]) -> Response {
        let Some(mut known) = self.known(asked.bucket) else {
            return refused_own(404, "NoSuchBucket", "The specified bucket does not exist.");
        };
        let Ok(Value::Object(change)) = serde_json::from_slice::<Value>(body) else {
            self.fault("a change that is no JSON".to_owned());
            return refused_own(400, "MalformedJSON", "no JSON");
        };
        for (name, value) in change {
            match (&*name, value) {
                ("object_regions", Value::String(regions)) if are_places(&regions) => known.regions = regions,
                ("type", Value::Number(number)) if number.as_u64() == Some(1) => known.snapshots = true,
                ("type", _) if known.fork.is_some() || self.is_parent(asked.bucket) => {
                    return axum::Json(json!({ "status": "error", "message": "a bucket with forks stays of snapshot type" }))
                        .into_response();
                }
                ("type", Value::Number(number)) if number.as_u64() == Some(0) => known.snapshots = false,
                (name, value) => {
                    self.fault(format!("{name}: {value} can't be set"));
                    return refused_own(400, "InvalidArgument", "there is no such setting");
                }
            }
        }
        locked(&self.0.buckets).insert(asked.bucket.to_owned(), known);
        axum::Json(json!({ "status": "success" })).into_response()
    }

    fn is_parent(&self, bucket: &str) -> bool {
        locked(&self.0.buckets).values().any(|known| known.fork.as_ref().is_some_and(|(source, _)| source == bucket))
    }
}

/// Everywhere, one, or two that are regions.
fn are_places(regions: &str) -> bool {
    let all: Vec<_> = regions.split(',').collect();
    let are_known = all.iter().all(|region| PLACES.contains(region));
    regions.is_empty() || are_known && (all.len() == 1 || all.len() == 2 && !all.contains(&"usa") && !all.contains(&"eur"))
}

fn refusal(status: u16, code: &str, said: &str) -> Response {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{said}</Message></Error>");
    (StatusCode::from_u16(status).expect("a status"), [(header::CONTENT_TYPE, "application/xml")], body).into_response()
}

fn refused_own(status: u16, code: &str, said: &str) -> Response {
    (StatusCode::from_u16(status).expect("a status"), axum::Json(json!({ "Code": code, "Message": said }))).into_response()
}
