//! `iasql serve` as a process that can be killed and frozen.

use std::process::Stdio;

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::support;

/// A running engine; it dies with this value.
pub(crate) struct Engine {
    child: Child,
    /// Where it answers.
    pub(crate) http: String,
}

impl Engine {
    /// Starts one, and waits until it answers.
    pub(crate) async fn start(metadata: &str, environment: &[(&'static str, String)]) -> Self {
        let mut command = Command::new(support::binary());
        command.args(["serve", "--json", "--no-auth", "--listen", "127.0.0.1:0"]).env_clear().env("PATH", "/usr/bin:/bin");
        command
            .env("IASQL_DATABASE_URL", metadata)
            .env("IASQL_KEY_FILE", support::key_file())
            .envs(environment.iter().cloned())
            .kill_on_drop(true);
        if let Some(level) = std::env::var_os("IASQL_LOG") {
            command.env("IASQL_LOG", level);
        } else {
            command.stderr(Stdio::null());
        }
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the binary runs");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let line = lines.next_line().await.expect("a line").expect("a server that is ready");
        let ready: Value = serde_json::from_str(&line).expect("what is ready");
        assert_eq!(ready["event"], "ready");
        let http = ready["http"].as_str().expect("an address").to_owned();
        Self { child, http }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// SIGKILL: it gets to do nothing more.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("it runs");
    }

    /// SIGSTOP: it stands still where it is.
    pub(crate) fn freeze(&self) {
        self.signal(Signal::SIGSTOP);
    }

    /// SIGCONT: it goes on as if no time had passed.
    pub(crate) fn thaw(&self) {
        self.signal(Signal::SIGCONT);
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.pid()).expect("a pid")), signal).expect("it runs");
    }
}
