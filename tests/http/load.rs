//! A crowd of bad clients: strangers, huge bodies, heads and bodies that come drop by drop. A server of its own, so that its memory can be weighed.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use futures::future::join_all;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::fresh_metadata;
use crate::support;

const TOKEN: &str = "a-token-for-crowds-0123456789";
/// The seats of the server under test.
const SEATS: usize = 100;
/// By how much the most that it ever has may grow while all of this goes on, in bytes.
const GROWTH: u64 = 32 * 1024 * 1024;

/// A server in a process of its own, which ends with the test.
struct Crowded {
    child: Child,
    address: String,
}

impl Crowded {
    /// One that waits for a client no longer than `seconds`.
    async fn start(seconds: &str) -> Self {
        let mut command = Command::new(support::binary());
        command.args(["serve", "--json", "--listen", "127.0.0.1:0", "--client-timeout", seconds, "--max-connections", &SEATS.to_string()]);
        command.env("IASQL_DATABASE_URL", fresh_metadata().await).env("IASQL_TOKEN", TOKEN).env("IASQL_LOG", "error");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the binary runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let ready: Value = serde_json::from_str(&line).expect("what is ready");
        let address = ready["http"].as_str().expect("an address").trim_start_matches("http://").to_owned();
        Self { child, address }
    }

    /// The most memory that it has had resident so far, in bytes.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("its status");
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("its memory");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("a number") * 1024
    }

    /// Fails where it has taken much more than it had before.
    fn has_stayed_small(&self, before: u64) {
        let grown = self.memory().saturating_sub(before);
        println!("{} kB at most before, {} kB more at most since", before / 1024, grown / 1024);
        assert!(grown < GROWTH, "{grown} bytes");
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).await.expect("a connection")
    }

    /// What comes back for these bytes, until the server hangs up. The rest of a request that it does not want to hear may fail to go out.
    async fn say(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes).await.unwrap_or_default();
        rest(&mut stream).await
    }

    /// The status of an answer to a well-behaved client.
    async fn status(&self, path: &str, token: &str) -> u16 {
        let request = format!("GET {path} HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n");
        status(&self.say(request.as_bytes()).await)
    }
}

impl Drop for Crowded {
    fn drop(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("an end");
    }
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // a line that is cut ends the answer too
    while stream.read_buf(&mut answer).await.is_ok_and(|read| read > 0) {}
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}

#[tokio::test]
async fn a_crowd_of_strangers_is_refused_and_leaves_no_memory_behind() {
    let server = Crowded::start("10").await;
    assert_eq!(server.status("/databases", TOKEN).await, 200);
    let before = server.memory();
    for _ in 0..20 {
        let asked = (0..50).map(|_| server.status("/databases", "a-wrong-token-0123456789"));
        assert!(join_all(asked).await.into_iter().all(|status| status == 401));
    }
    assert_eq!(server.status("/databases", TOKEN).await, 200);
    server.has_stayed_small(before);
}

#[tokio::test]
async fn a_huge_body_is_refused_before_it_is_read_and_a_strangers_is_not_even_begun() {
    let server = Crowded::start("10").await;
    assert_eq!(server.status("/databases", TOKEN).await, 200);
    let before = server.memory();
    let head =
        |token: &str, rest: &str| format!("POST /check/shop HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {token}\r\n{rest}\r\n\r\n");
    let said = head(TOKEN, "content-length: 1000000000000");
    let chunk = format!("{:x}\r\n{}\r\n", 64 * 1024, "x".repeat(64 * 1024)).repeat(40);
    let endless = head(TOKEN, "transfer-encoding: chunked") + &chunk;
    let strange = head("a-wrong-token-0123456789", "transfer-encoding: chunked") + &chunk;
    let long_head = head(TOKEN, &format!("x-long: {}", "x".repeat(1024 * 1024)));
    for (request, expected) in [(&*said, 413), (&*endless, 413), (&*strange, 401), (&*long_head, 431)] {
        for answer in join_all((0..40).map(|_| server.say(request.as_bytes()))).await {
            // whoever goes on sending may find the line cut before the answer was read
            assert!([expected, 0].contains(&status(&answer)), "{answer}");
        }
    }
    let declared = server.say(said.as_bytes()).await;
    assert!(declared.contains("urn:iasql:problem:too-large") && declared.contains("No more than 65536 bytes are taken."), "{declared}");
    server.has_stayed_small(before);
}

#[tokio::test]
async fn clients_who_speak_drop_by_drop_lose_their_seats_and_others_hear_that_all_are_taken() {
    let server = Crowded::start("1").await;
    let before = server.memory();
    let mut slow = Vec::new();
    for _ in 0..SEATS {
        let mut stream = server.connect().await;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: he").await.expect("a drop");
        slow.push(stream);
    }
    let refused = server.say(b"GET /healthz HTTP/1.1\r\nhost: here\r\n\r\n").await;
    assert!(status(&refused) == 503 && refused.contains("urn:iasql:problem:crowded"), "{refused}");
    // each is told, or cut, when its time is over, and its seat is free again
    let answers = join_all(slow.iter_mut().map(rest)).await;
    assert!(answers.iter().all(|answer| [408, 0].contains(&status(answer))), "{answers:?}");
    assert_eq!(server.status("/healthz", TOKEN).await, 200);
    let body = format!("POST /check/shop HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: 10\r\n\r\nx");
    let late = server.say(body.as_bytes()).await;
    assert!(status(&late) == 408 && late.contains("The body did not come within 1 seconds."), "{late}");
    server.has_stayed_small(before);
}

/// Both ends of a line that nobody reads: the server keeps what fits into the line, and the client its seat.
#[tokio::test]
async fn a_client_who_never_reads_holds_no_more_than_his_seat() {
    let server = Crowded::start("10").await;
    let before = server.memory();
    let request = format!("GET /metrics HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {TOKEN}\r\n\r\n").repeat(2000);
    let mut deaf = Vec::new();
    for _ in 0..SEATS / 2 {
        let mut stream = server.connect().await;
        // as much as the line takes: then the server has stopped to read
        let sent = tokio::time::timeout(Duration::from_millis(20), stream.write_all(request.as_bytes())).await;
        deaf.push((stream, sent.is_ok()));
    }
    assert_eq!(server.status("/databases", TOKEN).await, 200);
    server.has_stayed_small(before);
}
