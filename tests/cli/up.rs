//! `iasql up`, and the other commands beside it.

use std::{
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use sqlx::{Connection, PgConnection};

use super::{code, err, out};
use crate::support;

/// A running `up` in a folder of its own.
struct Up {
    child: Child,
    dir: PathBuf,
    ready: Value,
    /// Whether it has ended by itself.
    fell: bool,
}

impl Up {
    fn start(name: &str) -> Self {
        let (mut child, dir) = begun(name, &["--json"]);
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        Self { child, dir, ready: serde_json::from_str(&line).expect("what is ready"), fell: false }
    }

    /// With a gateway: it, and the line for psql that it prints.
    fn with_a_gateway(name: &str) -> (Self, String) {
        let (mut child, dir) = begun(name, &["--gateway"]);
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map(|line| line.expect("a line"));
        let psql = lines.find(|line| line.starts_with("psql \"host=NAME.")).expect("a line for psql");
        lines.find(|line| line.starts_with("ready")).expect("a gateway that is ready");
        // nobody reads it to the end, and nothing more is said
        std::thread::spawn(move || lines.for_each(drop));
        (Self { child, dir, ready: Value::Null, fell: false }, psql)
    }

    fn iasql(&self, words: &[&str]) -> std::process::Output {
        let dir = self.dir.to_str().expect("a name");
        super::iasql(&[words, &["--dir", dir]].concat())
    }
}

/// A server in a folder of its own, and that.
fn begun(name: &str, words: &[&str]) -> (Child, PathBuf) {
    let dir = std::env::temp_dir().join(format!("iasql-cli-{}-{name}", std::process::id()));
    let mut command = Command::new(support::binary());
    command.args(["up", "--no-auth", "--listen", "127.0.0.1:0", "--dir"]).arg(&dir).args(words);
    command.env("IASQL_GATEWAY_LISTEN", "127.0.0.1:0").env("IASQL_GATEWAY_HOME", dir.join("g"));
    command.arg("--venv").arg(support::venv()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    (command.spawn().expect("the binary runs"), dir)
}

impl Drop for Up {
    fn drop(&mut self) {
        if self.fell {
            return std::fs::remove_dir_all(&self.dir).expect("its folder");
        }
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a pid"));
        kill(pid, Signal::SIGTERM).expect("it runs");
        assert!(self.child.wait().expect("an end").success(), "it stops cleanly");
        assert!(!self.dir.join("running.json").exists(), "and is not found any more");
        std::fs::remove_dir_all(&self.dir).expect("its folder");
    }
}

#[tokio::test]
async fn a_row_becomes_a_thing_by_the_command_line_alone() {
    let up = Up::start("loop");
    assert_eq!(up.ready["event"], "ready");
    assert!(err(&up.iasql(&["up"])).contains(&format!("already runs in {} (process {})", up.dir.display(), up.child.id())));

    let key = std::fs::metadata(up.dir.join("key.asc")).expect("a key of its own");
    assert_eq!(key.permissions().mode() & 0o777, 0o600);

    let setup = up.iasql(&["setup", "shop", "--modules", "ec2,secretsmanager", "--json"]);
    let made: Value = serde_json::from_str(&out(&setup)).expect("one document");
    let mut inside = PgConnection::connect(made["url"].as_str().expect("a url")).await.expect("a login");
    assert_eq!(code(&up.iasql(&["plan", "shop"])), Some(0), "nothing to do");

    sqlx::query("insert into ec2.vpc (name, cidr_block) values ('main', '10.0.0.0/16')").execute(&mut inside).await.expect("a row");
    sqlx::query("insert into secretsmanager.secret (name, value) values ('word', 'hunter2')").execute(&mut inside).await.expect("a row");
    let plan = up.iasql(&["plan", "shop"]);
    assert_eq!(code(&plan), Some(2), "{}", err(&plan));
    assert!(out(&plan).contains("ec2.vpc") && out(&plan).contains("main"), "{}", out(&plan));

    let check = up.iasql(&["check", "shop", "--json"]);
    assert_eq!(code(&check), Some(0), "{}", out(&check));
    let lines: Vec<Value> = out(&check).lines().map(|line| serde_json::from_str(line).expect("a document a line")).collect();
    assert!(
        lines.iter().any(|line| line["event"] == "finished" && line["name"].as_str().is_some_and(|name| name.contains("main"))),
        "{}",
        out(&check)
    );
    assert_eq!(lines.last().expect("an outcome")["event"], "outcome");
    assert_eq!(code(&up.iasql(&["plan", "shop"])), Some(0), "nothing is left");

    let unknown = up.iasql(&["check", "shopp"]);
    assert_eq!(code(&unknown), Some(1));
    assert!(err(&unknown).contains("there is no database shopp; did you mean shop?"), "{}", err(&unknown));
    let listed: Value = serde_json::from_str(&out(&up.iasql(&["databases", "--json"]))).expect("one document");
    assert_eq!(listed[0]["name"], "shop");
}

#[test]
fn one_command_serves_a_database_per_host_name_and_the_line_that_it_prints_leads_there() {
    let (up, psql) = Up::with_a_gateway("gate");
    assert_eq!(code(&up.iasql(&["setup", "shop", "--modules", "gateway"])), Some(0));
    let row = "insert into gateway.database (name, role, password) values ('12345', 'app', 'correct horse')";
    let pass = up.dir.join("pgpass");
    let running: Value = serde_json::from_slice(&std::fs::read(up.dir.join("running.json")).expect("what runs")).expect("JSON");
    let url: reqwest::Url = running["metadata_url"].as_str().expect("a url").parse().expect("a url");
    let port = url.port().expect("a port");
    let shop = format!("psql -qAtX 'host=127.0.0.1 port={port} user=shop dbname=shop passfile={}' -c \"{row}\"", pass.display());
    sh(&shop);
    assert_eq!(code(&up.iasql(&["check", "shop"])), Some(0));
    let psql = psql.replace("NAME.", "12345.");
    assert!(psql.contains("sslmode=verify-full"), "{psql}");
    assert_eq!(sh(&format!("PGPASSWORD='correct horse' {psql} -qAtXc 'select current_user'")), "app\n");
}

/// What a shell's command prints.
fn sh(line: &str) -> String {
    let done = Command::new("sh").args(["-c", line]).output().expect("a shell");
    assert!(done.status.success(), "{line}: {}", err(&done));
    out(&done)
}

#[test]
fn it_ends_with_an_error_when_its_postgres_has_ended() {
    let mut up = Up::start("fallen");
    let pid = find(&up.dir.join("postgres"), "postmaster.pid").expect("a server");
    let pid = std::fs::read_to_string(pid).expect("its pid").lines().next().and_then(|line| line.parse().ok()).expect("a number");
    kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it runs");
    assert_eq!(up.child.wait().expect("an end").code(), Some(1));
    assert!(!up.dir.join("running.json").exists(), "and is not found any more");
    up.fell = true;
}

/// A file somewhere below a folder.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?.filter_map(Result::ok).map(|entry| entry.path());
    entries.into_iter().find_map(|path| if path.ends_with(name) { Some(path) } else { find(&path, name) })
}
