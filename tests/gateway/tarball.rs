//! What is uploaded in tests: a cluster made elsewhere, tarballs good and bad, and the way to the gateway's second door.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use nix::unistd::{User, chown, geteuid};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout},
    time::timeout,
};

use super::whole::Gateway;

/// The login of every database here.
pub(super) const LOGIN: (&str, &str) = ("shop", "correct horse");

/// A cluster that no gateway has made. It goes with the test.
pub(super) struct Cluster(pub(super) PathBuf);

impl Cluster {
    /// An empty one, of a superuser of this name.
    pub(super) fn new(superuser: &str) -> Self {
        let folder = PathBuf::from(format!("/tmp/iasql-elsewhere-{}", uuid::Uuid::new_v4().simple()));
        fs::create_dir(&folder).expect("a folder");
        let cluster = Self(folder);
        if let Some(user) = user() {
            chown(&cluster.0, Some(user.uid), Some(user.gid)).expect("a folder given away");
        }
        let data = cluster.data();
        let mut initdb = cluster.program("initdb");
        initdb.args(["-U", superuser, "-A", "trust", "--no-sync", "--wal-segsize=1", "--locale=C.UTF-8", "-E", "UTF8", "-D"]).arg(data);
        let made = initdb.output().expect("initdb");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        // what is made by a server without a socket would else have the numbers of what initdb makes
        cluster.running(|| {
            let mut psql = cluster.program("psql");
            psql.args(["-XqU", superuser, "-d", "template1", "-c", "create table first (); drop table first", "-h"]).arg(&cluster.0);
            assert!(psql.status().expect("psql").success());
        });
        cluster
    }

    pub(super) fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(iasql::local::tools().expect("Postgres").join(name));
        command.current_dir(&self.0).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
        if let Some(user) = user() {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }

    /// Statements, one a line, in a database, by a server without a socket.
    pub(super) fn said(&self, database: &str, sql: &str) {
        let script = self.0.join("script");
        fs::write(&script, format!("{sql}\n")).expect("a script");
        let mut postgres = self.program("postgres");
        postgres.arg("--single").arg("-D").arg(self.data()).args(["-c", "fsync=off", "-c", "exit_on_error=on", database]);
        let said = postgres.stdin(fs::File::open(&script).expect("a script")).output().expect("a server");
        let complaint = String::from_utf8_lossy(&said.stderr);
        assert!(said.status.success() && !complaint.contains("ERROR"), "{complaint}");
    }

    /// With a table of a thousand rows, in a database of this name.
    pub(super) fn with_table(superuser: &str, database: &str) -> Self {
        let cluster = Self::new(superuser);
        cluster.said("postgres", &format!("create database {database}"));
        cluster.said(database, "create table public.t as select n, md5(n::text) as word from generate_series(1, 1000) n");
        cluster
    }

    /// While its server runs.
    pub(super) fn running(&self, work: impl FnOnce()) {
        let control = |words: &[&str]| {
            let mut command = self.program("pg_ctl");
            command.arg("-D").arg(self.data()).args(["-w", "-l"]).arg(self.0.join("log")).args(words);
            command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("pg_ctl").success()
        };
        let settings = format!("-c listen_addresses='' -c unix_socket_directories='{}'", self.0.display());
        assert!(control(&["-o", &settings, "start"]));
        work();
        assert!(control(&["-m", "fast", "stop"]));
    }

    pub(super) fn tar(&self) -> Vec<u8> {
        let mut builder = tar::Builder::new(vec![]);
        builder.append_dir_all(".", self.data()).expect("a tarball");
        builder.into_inner().expect("a tarball")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn user() -> Option<User> {
    let known = || ["postgres", "nobody"].into_iter().find_map(|name| User::from_name(name).ok().flatten());
    geteuid().is_root().then(|| known().expect("a user without rights"))
}

/// An entry as no good program writes it.
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    pub(super) kind: tar::EntryType,
    pub(super) to: &'a str,
    pub(super) bytes: &'a [u8],
}

/// The files of a folder with entries in front and others behind them.
pub(super) fn tampered(folder: Option<&Path>, entries: &[Entry<'_>]) -> Vec<u8> {
    let mut builder = tar::Builder::new(vec![]);
    if let Some(folder) = folder {
        builder.append_dir_all(".", folder).expect("a tarball");
    }
    for entry in entries {
        let mut header = tar::Header::new_ustar();
        header.as_old_mut().name[..entry.name.len()].copy_from_slice(entry.name.as_bytes());
        header.as_old_mut().linkname[..entry.to.len()].copy_from_slice(entry.to.as_bytes());
        header.set_entry_type(entry.kind);
        header.set_size(entry.bytes.len() as u64);
        header.set_mode(0o600);
        header.set_cksum();
        builder.append(&header, entry.bytes).expect("an entry");
    }
    builder.into_inner().expect("a tarball")
}

/// A plain file.
pub(super) fn file<'a>(name: &'a str, bytes: &'a [u8]) -> Entry<'a> {
    Entry { name, kind: tar::EntryType::Regular, to: "", bytes }
}

impl Gateway {
    fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/databases/{path}", self.http.expect("a second door"))
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        reqwest::Client::new().get(self.address(path)).basic_auth(LOGIN.0, Some(LOGIN.1)).timeout(Duration::from_secs(120))
    }

    pub(super) fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> RequestBuilder {
        let request = reqwest::Client::new().post(self.address(path)).basic_auth(LOGIN.0, Some(LOGIN.1));
        request.body(body).timeout(Duration::from_secs(120))
    }

    /// What is answered to an upload.
    pub(super) async fn upload(&self, name: &str, body: impl Into<reqwest::Body>) -> (StatusCode, Value) {
        answered(self.post(&format!("{name}/upload"), body)).await
    }

    pub(super) async fn status(&self, name: &str) -> Value {
        let (status, answer) = answered(self.get(name)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    pub(super) async fn bytes(&self, path: &str) -> Vec<u8> {
        let answer = self.get(path).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.bytes().await.expect("all of it").to_vec()
    }

    /// As the login.
    pub(super) async fn say(&self, name: &str, sql: &str) -> Result<String, String> {
        self.psql(name, LOGIN.0, LOGIN.1, sql).await
    }

    /// What is left of uploads beside the databases.
    pub(super) fn beside(&self) -> usize {
        fs::read_dir(self.home().join("node/u")).expect("the node's folder").count()
    }
}

/// What a browser saves that has had PGlite of this version: a tarball with the table t, of 1001 rows, and `engine`, which says the version.
pub(super) fn saved(version: &str) -> Vec<u8> {
    let mut node = Command::new("node");
    node.args(["--input-type=module", "-e", include_str!("pglite.mjs"), version]).current_dir(super::uploads::pglite());
    let made = node.output().expect("node");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    made.stdout
}

/// A psql that stays.
pub(super) struct Session {
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Session {
    /// The first line of what is answered.
    pub(super) async fn say(&mut self, sql: &str) -> String {
        self.input.write_all(format!("{sql};\n").as_bytes()).await.expect("it listens");
        timeout(Duration::from_secs(60), self.lines.next_line()).await.expect("in time").expect("a line").expect("a line")
    }

    pub(super) async fn end(mut self) {
        drop(self.input);
        timeout(Duration::from_secs(60), self.child.wait()).await.expect("in time").expect("an end");
    }
}

impl Gateway {
    pub(super) async fn session(&self, name: &str) -> Session {
        let mut psql = tokio::process::Command::new("psql");
        psql.args(["-XAtq", "-d", &self.place(name, LOGIN.0)]).env("PGPASSWORD", LOGIN.1).kill_on_drop(true);
        let mut child = psql.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("psql runs");
        let (input, output) = (child.stdin.take().expect("its input"), child.stdout.take().expect("its output"));
        Session { child, input, lines: BufReader::new(output).lines() }
    }
}

pub(super) async fn answered(request: RequestBuilder) -> (StatusCode, Value) {
    let answer = timeout(Duration::from_secs(180), request.send()).await.expect("in time").expect("an answer");
    let status = answer.status();
    (status, answer.json().await.expect("JSON"))
}
