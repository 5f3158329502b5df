//! `iasql machines` as a process, and requests as a client of Fly's would send them.

mod checks;
mod docker;
mod door;
mod images;
mod leases;
mod lives;
mod metadata;
mod names;
mod refusals;
mod returns;
mod secrets;
mod services;
mod updates;
mod volumes;
mod waits;

use std::{
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support;

pub(crate) const TOKEN: &str = "a-token-for-machines-0123456789";
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(90);

/// A home, and an `iasql machines` that works in it. What it runs ends with it.
pub(crate) struct Site {
    child: Child,
    home: PathBuf,
    pub(crate) http: String,
    client: reqwest::Client,
    /// What it was started with.
    words: Vec<String>,
    /// What it says on its way.
    log: Option<std::thread::JoinHandle<String>>,
}

impl Site {
    /// One with the app `shop`.
    async fn new() -> Self {
        let site = Self::open(&[]);
        site.app("shop").await;
        site
    }

    pub(crate) fn open(words: &[&str]) -> Self {
        let home = PathBuf::from(format!("/tmp/iasql-m-{}", uuid::Uuid::new_v4().simple().to_string().split_at(12).0));
        let (child, http, log) = start(&home, words);
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { child, home, http, client, log, words: words.iter().map(|word| (*word).to_owned()).collect() }
    }

    /// The server dies at once, and another one takes its place; what it ran goes on.
    fn kill_and_start(&mut self) {
        self.kill();
        self.start_again();
    }

    fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("an end");
    }

    fn start_again(&mut self) {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        (self.child, self.http, self.log) = start(&self.home, &words);
    }

    /// Whatever lies on its volumes is gone.
    pub(crate) fn empty_volumes(&self) {
        for volume in std::fs::read_dir(self.home.join("volumes")).expect("volumes").flatten() {
            let data = volume.path().join("data");
            for entry in std::fs::read_dir(&data).expect("a volume").flatten() {
                std::fs::remove_dir_all(entry.path()).expect("a folder");
            }
        }
    }

    /// The file that clients of services are told to trust.
    pub(crate) fn authority(&self) -> PathBuf {
        self.home.join("authority/authority.crt")
    }

    /// All that it said, when it has ended.
    fn end(&mut self) -> String {
        signal(self.child.id(), Signal::SIGTERM);
        assert!(self.child.wait().expect("an end").success());
        self.log.take().expect("a log").join().expect("text")
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        self.held(None, method, path, body).await
    }

    /// The same by whoever holds a lease.
    pub(crate) async fn held(&self, nonce: Option<&str>, method: Method, path: &str, body: Value) -> (u16, Value) {
        let mut request = self.client.request(method, format!("{}/v1{path}", self.http)).bearer_auth(TOKEN).timeout(PATIENCE);
        if let Some(nonce) = nonce {
            request = request.header("fly-machine-lease-nonce", nonce);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("text");
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.good(Method::GET, path, Value::Null).await
    }

    /// What is no JSON.
    pub(crate) async fn text(&self, path: &str) -> String {
        let request = self.client.get(format!("{}/v1{path}", self.http)).bearer_auth(TOKEN).timeout(PATIENCE);
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.text().await.expect("text")
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.good(Method::POST, path, body).await
    }

    pub(crate) async fn good(&self, method: Method, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(method.clone(), path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    /// The status and the sentence.
    async fn refused(&self, method: Method, path: &str, body: Value) -> (u16, String) {
        let (status, answer) = self.call(method, path, body).await;
        assert!(status >= 400 && answer["status"].is_string(), "{path}: {status} {answer}");
        (status, answer["error"].as_str().expect("a sentence").to_owned())
    }

    pub(crate) async fn app(&self, name: &str) {
        self.post("/apps", json!({ "app_name": name, "org_slug": "personal" })).await;
    }

    /// A machine of the app `shop` that does this, and is killed soon where it does not stop.
    async fn machine(&self, words: &[&str], more: Value) -> Machine<'_> {
        let mut config =
            json!({ "image": "probe", "init": { "cmd": words }, "stop_config": { "timeout": "300ms" }, "restart": { "policy": "no" } });
        config.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        let made = self.post("/apps/shop/machines", json!({ "config": config })).await;
        self.found(made["id"].as_str().expect("an id"))
    }

    fn found(&self, id: &str) -> Machine<'_> {
        Machine { site: self, id: id.to_owned() }
    }

    async fn volume(&self, name: &str) -> String {
        let made = self.post("/apps/shop/volumes", json!({ "name": name, "size_gb": 1 })).await;
        made["id"].as_str().expect("an id").to_owned()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            signal(self.child.id(), Signal::SIGTERM);
            drop(self.child.wait());
        }
        drop(std::fs::remove_dir_all(&self.home));
    }
}

/// An address of loopback at which no port is anybody's: homes have those from 127.16 on.
pub(crate) fn own_address() -> String {
    let [one, other, third, ..] = *uuid::Uuid::new_v4().as_bytes();
    format!("127.{}.{other}.{third}", 1 + one % 15)
}

fn signal(pid: u32, what: Signal) {
    kill(Pid::from_raw(i32::try_from(pid).expect("a pid")), what).expect("it runs");
}

fn start(home: &std::path::Path, words: &[&str]) -> (Child, String, Option<std::thread::JoinHandle<String>>) {
    let images = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/machines/images");
    let mut command = Command::new(support::binary());
    command.args(["machines", "--json", "--listen", "127.0.0.1:0", "--stop-machines"]).args(words);
    if !words.contains(&"--images") {
        command.arg("--images").arg(images);
    }
    command.arg("--home").arg(home).env("FLY_API_TOKEN", TOKEN).env("IASQL_LOG", "debug");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    let ready: Value = serde_json::from_str(&line).expect("what is ready");
    let mut stderr = child.stderr.take().expect("a pipe");
    let log = std::thread::spawn(move || {
        let mut log = String::new();
        stderr.read_to_string(&mut log).expect("text");
        log
    });
    (child, ready["http"].as_str().expect("an address").to_owned(), Some(log))
}

/// One machine of the app `shop`.
struct Machine<'a> {
    site: &'a Site,
    id: String,
}

impl Machine<'_> {
    fn path(&self, more: &str) -> String {
        format!("/apps/shop/machines/{}{more}", self.id)
    }

    async fn shown(&self) -> Value {
        self.site.get(&self.path("")).await
    }

    async fn state(&self) -> String {
        self.shown().await["state"].as_str().expect("a word").to_owned()
    }

    pub(crate) async fn post(&self, what: &str) -> Value {
        self.site.post(&self.path(what), Value::Null).await
    }

    /// Waits as clients do.
    async fn is(&self, state: &str) {
        let version = self.shown().await["instance_id"].as_str().expect("a version").to_owned();
        let path = self.path(&format!("/wait?state={state}&timeout=60&instance_id={version}"));
        let (status, answer) = self.site.call(Method::GET, &path, Value::Null).await;
        assert_eq!((status, &answer), (200, &json!({ "ok": true })), "waiting for {state}: {}", self.shown().await);
    }

    async fn log(&self) -> String {
        self.site.text(&self.path("/logs")).await
    }

    /// Until it has said so.
    async fn says(&self, what: &str) -> String {
        let mut log = String::new();
        asked(async || {
            log = self.log().await;
            log.contains(what)
        })
        .await;
        log
    }

    /// Its processes, the first one first.
    async fn processes(&self) -> Vec<i32> {
        let found = self.site.get(&self.path("/ps")).await;
        found.as_array().expect("a list").iter().filter_map(|one| i32::try_from(one["pid"].as_i64()?).ok()).collect()
    }

    /// The newest event of this kind, without what differs each time.
    async fn event(&self, kind: &str) -> Value {
        let events = self.site.get(&self.path("/events")).await;
        events.as_array().expect("a list").iter().find(|event| event["type"] == kind).cloned().unwrap_or_default()
    }

    async fn exit_code(&self) -> i64 {
        self.event("exit").await["request"]["exit_event"]["exit_code"].as_i64().expect("a code")
    }

    async fn destroy(&self) {
        self.site.good(Method::DELETE, &self.path("?force=true"), Value::Null).await;
    }
}

/// The letter that `proc_pid_stat(5)` has for what it does; none where there is no such process, or one that has ended.
fn doing(pid: i32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next().filter(|state| *state != 'Z')
}

/// Whether it goes on: at work or waiting, as the processor has time for it, and not stopped.
fn goes(pid: i32) -> bool {
    doing(pid).is_some_and(|now| now != 'T')
}

/// Until somebody who is asked says so.
async fn asked(mut so: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !so().await {
        assert!(begin.elapsed() < PATIENCE, "it never came to be");
    }
}

/// Until it is so.
async fn until(mut so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !so() {
        assert!(begin.elapsed() < PATIENCE, "it never came to be");
        tokio::task::yield_now().await;
    }
}
