//! Requests of every kind on a raw line: each is answered as HTTP has it, none with a fault of ours, and the server lives on.

use proptest::{prelude::*, test_runner::TestCaseError};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Handle,
    task::spawn_blocking,
};

use super::runner;
use crate::http::{Server, open};

const PATHS: [&str; 12] = [
    "/",
    "/check/",
    "/runs/",
    "/databases",
    "/metrics",
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/genBuildAndPush",
    "/nothing/at/all",
    "//",
    "/check",
];
const QUERIES: [&str; 10] = [
    "dry_run=true",
    "wait=false",
    "dry_run=%ff",
    "wait",
    "&&&",
    "db=shop",
    "blueprint=%00",
    "modules=ec2",
    "=",
    "dry_run=true&dry_run=false",
];
const HEADERS: [&str; 12] = [
    "host: here",
    "host: evil.example",
    "host: localhost",
    "content-length: 5",
    "content-length: -1",
    "transfer-encoding: chunked",
    "accept: text/event-stream",
    "last-event-id: 99999999999999999999",
    "origin: null",
    "sec-fetch-site: cross-site",
    "authorization: Bearer",
    "expect: 100-continue",
];

/// A request that is nearly one.
fn request() -> impl Strategy<Value = Vec<u8>> {
    let method = prop_oneof![4 => prop::sample::select(&["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"][..]).prop_map(str::to_owned), 1 => "[A-Z]{0,9}"];
    let name = prop_oneof![2 => Just(String::new()), 2 => "[a-z][a-z0-9_]{0,50}", 1 => "(%[0-9a-fA-F]{2}|[!-~]){0,30}", 1 => "[ -~]{0,10}"];
    let query =
        prop_oneof![Just(String::new()), prop::sample::select(&QUERIES[..]).prop_map(|query| format!("?{query}")), "\\?[!-~]{0,40}"];
    let headers =
        prop::collection::vec(prop_oneof![5 => prop::sample::select(&HEADERS[..]).prop_map(str::to_owned), 1 => "[ -~]{0,60}"], 0..6);
    let version = prop_oneof![9 => Just("HTTP/1.1".to_owned()), 1 => "[A-Z]{1,5}/[0-9]\\.[0-9]"];
    let body = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(any::<u8>(), 0..80)];
    (method, prop::sample::select(&PATHS[..]), name, query, version, headers, body).prop_map(
        |(method, path, name, query, version, headers, body)| {
            let headers = headers.join("\r\n");
            [format!("{method} {path}{name}{query} {version}\r\n{headers}\r\nconnection: close\r\n\r\n").into_bytes(), body].concat()
        },
    )
}

/// What comes back, until the server hangs up; the client has nothing more to say.
async fn answer(address: &str, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let mut answer = Vec::new();
    // the server may hang up before all was said, or in the middle of it
    if stream.write_all(bytes).await.is_ok() && stream.shutdown().await.is_ok() {
        while stream.read_buf(&mut answer).await.is_ok_and(|read| read > 0) {}
    }
    answer
}

fn as_http(answer: &[u8]) -> Result<(), TestCaseError> {
    let text = String::from_utf8_lossy(answer);
    let Some(line) = text.lines().next() else { return Ok(()) };
    let status = line.split(' ').nth(1).and_then(|status| status.parse::<u16>().ok());
    prop_assert!(line.starts_with("HTTP/1.") && status.is_some_and(|status| (100..500).contains(&status)), "{}", text);
    // what our routes refuse is a problem document; what is no HTTP at all is refused below them, without a word
    let refused = status.is_some_and(|status| status >= 400);
    prop_assert!(!refused || text.contains("application/problem+json") || text.contains("content-length: 0"), "{}", text);
    Ok(())
}

async fn tried(cases: u32, requests: impl Strategy<Value = Vec<u8>> + Send + 'static) {
    let server = Server::start(open()).await;
    let (address, runtime) = (server.url.trim_start_matches("http://").to_owned(), Handle::current());
    let all = spawn_blocking(move || runner(cases).run(&requests, |bytes| as_http(&runtime.block_on(answer(&address, &bytes)))));
    all.await.expect("no panic").unwrap_or_else(|failed| panic!("{failed}"));
    assert_eq!(server.get("/healthz").await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_nearly_a_request_is_answered_and_never_with_a_fault_of_ours() {
    tried(500, request()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_bytes_at_all_are_answered_or_hung_up_on() {
    tried(300, prop::collection::vec(any::<u8>(), 0..300)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setup_with_nonsense_behind_the_question_mark_is_refused_and_makes_nothing() {
    let query = prop_oneof![
        "modules=[!-%'-~]{1,20}x",
        "region=[!-%'-~]{0,20}!",
        "schedule=[!-%'-~]{1,20}",
        "parameters=[!-%'-~]{0,20}",
        "[a-q]{1,9}=[!-~]{0,9}"
    ];
    let requests = ("[a-z]{1,8}", query).prop_map(|(name, query)| {
        let query = query.replace(['#', '+'], "");
        format!("GET /setup/fuzzed_{name}?{query}&nonsense=1 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").into_bytes()
    });
    let server = Server::start(open()).await;
    let before = server.control.databases().await.expect("the databases").len();
    tried(200, requests).await;
    assert_eq!(
        server.control.databases().await.expect("the databases").iter().filter(|it| it.name.starts_with("fuzzed_")).count(),
        0,
        "{before}"
    );
}
