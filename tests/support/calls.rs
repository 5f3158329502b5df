//! Notes every call that passes to the local cloud, by AWS's name for it, and changes nothing on the way.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use tokio::net::TcpListener;

use super::{
    faults::{Fault, Faults, Line, Lines, pages},
    gates::{Gate, Gates, Moment, Which},
    refusals::{refusal, throttled},
    rest,
};

/// One call.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// As in the credentials' scope: `ec2`.
    pub(crate) service: String,
    /// In the API's word: `CreateVpc`.
    pub(crate) action: String,
    /// As in the credentials' scope: `us-east-1`.
    pub(crate) region: String,
    /// What it asked, as it went over the wire.
    pub(crate) body: String,
    /// The path with its query.
    pub(crate) address: String,
    /// The access key that it was signed with.
    pub(crate) key: String,
}

impl Call {
    /// Whether it asked for more than to be told something.
    pub(crate) fn is_change(&self) -> bool {
        !["Describe", "List", "Get", "Head", "BatchGet"].iter().any(|verb| self.action.starts_with(verb))
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}@{}", self.service, self.action, self.region)
    }
}

/// A way to the local cloud, and what went over it so far, in the order in which it came.
#[derive(Clone)]
pub(crate) struct Calls {
    endpoint: String,
    made: Arc<Mutex<Vec<Call>>>,
    refused: Arc<Mutex<Vec<String>>>,
    /// The changes that the cloud did not make, with what it said; not those at which it broke down itself, which are asked for again.
    failed: Arc<Mutex<Vec<String>>>,
    throttle: Arc<Throttle>,
    faults: Faults,
    gates: Gates,
}

/// Refuses every so-manieth change as too many; none while `every` is 0.
#[derive(Default)]
struct Throttle {
    every: AtomicUsize,
    asked: AtomicUsize,
}

impl Throttle {
    fn is_now(&self) -> bool {
        let every = self.every.load(Ordering::Relaxed);
        every > 0 && (self.asked.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(every)
    }
}

impl Calls {
    /// Opens a new way to the cloud at `target`; it closes with the test's runtime.
    pub(crate) async fn start(target: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
        let calls = Self {
            endpoint,
            made: Arc::default(),
            refused: Arc::default(),
            failed: Arc::default(),
            throttle: Arc::default(),
            faults: Faults::default(),
            gates: Gates::default(),
        };
        // a kept connection may be closed by the cloud just as a call goes out on it, which would look like a fault of the cloud
        let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("a client");
        let state = Arc::new(Way { target: target.to_owned(), client, calls: calls.clone() });
        let router = Router::new().fallback(pass).with_state(state);
        let router = router.into_make_service_with_connect_info::<Line>();
        tokio::spawn(async move { axum::serve(Lines(listener), router).await });
        calls
    }

    /// Where this way begins: an `AWS_ENDPOINT_URL`.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What goes wrong on this way.
    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// From now on these calls, and no others, are answered with "access denied": `GetBucketPolicy`.
    pub(crate) fn refuse(&self, actions: &[&str]) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = actions.iter().map(ToString::to_string).collect();
    }

    /// From now on every so-manieth call that asks for a change is answered with "too many calls", and does nothing.
    pub(crate) fn throttle(&self, every: usize) {
        self.throttle.every.store(every, Ordering::Relaxed);
    }

    /// The next call of this name stops at this moment, until the gate is dropped.
    pub(crate) fn gate(&self, action: &'static str, moment: Moment) -> Gate {
        self.gates.set(Which::Named(action), moment, 0)
    }

    /// After so many more of these calls the next one stops at this moment, until the gate is dropped.
    pub(crate) fn gate_after(&self, passed: usize, which: Which, moment: Moment) -> Gate {
        self.gates.set(which, moment, passed)
    }

    /// The changes that the cloud itself refused since the last time, with what it said: `DeleteVpc: 400 …`.
    pub(crate) fn refused(&self) -> Vec<String> {
        std::mem::take(&mut *self.failed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everything noted since the last time, which is forgotten then.
    pub(crate) fn take(&self) -> Vec<Call> {
        std::mem::take(&mut *self.made.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The names of all calls since the last time: `DescribeVpcs`.
    pub(crate) fn take_actions(&self) -> Vec<String> {
        self.take().into_iter().map(|call| call.action).collect()
    }

    /// The names of those since the last time that asked for a change.
    pub(crate) fn take_changes(&self) -> Vec<String> {
        self.take().into_iter().filter(Call::is_change).map(|call| call.action).collect()
    }
}

struct Way {
    target: String,
    client: reqwest::Client,
    calls: Calls,
}

async fn pass(State(way): State<Arc<Way>>, ConnectInfo(line): ConnectInfo<Line>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let call = noted(&parts.method, &parts.uri, &parts.headers, &body);
    let is_refused = way.calls.refused.lock().unwrap_or_else(PoisonError::into_inner).contains(&call.action);
    way.calls.made.lock().unwrap_or_else(PoisonError::into_inner).push(call.clone());
    if is_refused {
        return refusal(&call.service);
    }
    if call.is_change() && way.calls.throttle.is_now() {
        return throttled(&call.service);
    }
    let fault = way.calls.faults.decide(&call);
    let body = if let Some(Fault::Pages(limit, size)) = fault { pages::of(limit, size, &body) } else { body };
    if let Some(fault) = &fault
        && let Some(answer) = way.calls.faults.before(fault, &call, &line).await
    {
        return answer;
    }
    way.calls.gates.stop(&call, Moment::Before).await;
    let Some(answer) = way.asked(parts, body, &call).await else { return StatusCode::BAD_GATEWAY.into_response() };
    way.calls.gates.stop(&call, Moment::After).await;
    way.calls.faults.after(fault.as_ref(), &call, answer, &line).await
}

impl Way {
    /// What the cloud answers, if it does.
    async fn asked(&self, parts: Parts, body: Bytes, call: &Call) -> Option<(StatusCode, HeaderMap, Bytes)> {
        let url = format!("{}{}", self.target, parts.uri);
        let asked = self.client.request(parts.method, url).headers(end_to_end(parts.headers)).body(body).send().await;
        let answer = asked.ok()?;
        let (status, headers) = (answer.status(), end_to_end(answer.headers().clone()));
        let body = answer.bytes().await.unwrap_or_default();
        if call.is_change() && status.is_client_error() {
            let said = String::from_utf8_lossy(&body);
            let mut failed = self.calls.failed.lock().unwrap_or_else(PoisonError::into_inner);
            failed.push(format!("{}: {} {}", call.action, status.as_u16(), said.chars().take(300).collect::<String>()));
        }
        Some((status, headers, body))
    }
}

/// Without the headers that are about one connection only.
fn end_to_end(mut headers: HeaderMap) -> HeaderMap {
    const ONE_HOP: [HeaderName; 3] = [header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH];
    ONE_HOP.iter().for_each(|name| drop(headers.remove(name)));
    headers
}

fn noted(method: &Method, address: &Uri, headers: &HeaderMap, body: &[u8]) -> Call {
    let (path, query) = (address.path(), address.query().unwrap_or_default());
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let body = String::from_utf8_lossy(body).into_owned();
    // AWS4-HMAC-SHA256 Credential=<key>/<day>/<region>/<service>/aws4_request, …
    let scope = text("authorization");
    let mut scope = scope.split(['=', '/', ',']).skip(1).map(str::to_owned);
    let (key, _) = (scope.next().unwrap_or_default(), scope.next());
    let (region, service) = (scope.next().unwrap_or_default(), scope.next().unwrap_or_default());
    let target = text("x-amz-target");
    let action = if let Some((_, action)) = target.rsplit_once('.') {
        action.to_owned()
    } else if let Some((_, action)) = path.split_once("/operation/") {
        action.to_owned()
    } else if let Some(action) = rest::name(&service, method.as_str(), path) {
        action.to_owned()
    } else if service == "s3" {
        of_s3(method, path, query)
    } else {
        url::form_urlencoded::parse(body.as_bytes())
            .find(|(key, _)| key == "Action")
            .map_or_else(|| path.to_owned(), |(_, value)| value.into_owned())
    };
    Call { service, action, region, body, address: address.to_string(), key }
}

/// S3's calls have no name on the wire; this gives those of buckets theirs.
fn of_s3(method: &Method, path: &str, query: &str) -> String {
    let facet = query.split('&').map(|part| part.split('=').next().unwrap_or_default()).find(|part| !["", "x-id"].contains(part));
    let (bucket, key) = path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
    let verb = match (method.as_str(), facet) {
        ("PUT", None) if key.is_empty() => "Create",
        ("PUT" | "POST", _) => "Put",
        ("DELETE", _) => "Delete",
        ("HEAD", _) => "Head",
        _ => "Get",
    };
    match (bucket, facet) {
        ("", _) => "ListBuckets".to_owned(),
        (_, Some("list-type")) => "ListObjectsV2".to_owned(),
        (_, Some("publicAccessBlock")) => format!("{verb}PublicAccessBlock"),
        (_, Some(facet)) => format!("{verb}Bucket{}{}", facet[..1].to_uppercase(), &facet[1..]),
        _ if key.is_empty() => format!("{verb}Bucket"),
        _ => format!("{verb}Object"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::account;

    #[tokio::test]
    async fn every_call_is_noted_by_its_name_and_each_account_sees_its_own_things() {
        let (one, other) = (account().await, account().await);
        one.aws.s3().create_bucket().bucket(format!("b-{}", one.id)).send().await.expect("a bucket");
        one.aws.ec2().create_vpc().cidr_block("10.9.0.0/16").send().await.expect("a network");
        assert_eq!(one.calls.take_changes(), ["CreateBucket", "CreateVpc"]);
        assert!(other.aws.s3().list_buckets().send().await.expect("a list").buckets().is_empty());
        assert_eq!(other.aws.ec2().describe_vpcs().send().await.expect("a list").vpcs().len(), 1);
        assert_eq!(other.calls.take_actions(), ["ListBuckets", "DescribeVpcs"]);
        assert_eq!(one.outside().await.ec2().describe_vpcs().send().await.expect("a list").vpcs().len(), 2);
        assert!(one.calls.take().is_empty());
    }
}
