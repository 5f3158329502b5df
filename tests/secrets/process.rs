//! An engine as it is deployed: `iasql serve` in a process of its own.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::Stdio,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::support::{self, Account, database_name, key_file};

const TOKEN: &str = "a-token-for-secrets-0123456789";

/// An engine in a process of its own that says all it can, and what it has said so far.
pub(super) struct Engine {
    child: Child,
    http: String,
    log: PathBuf,
    /// What a command needs to work as it does.
    pub(super) environment: Vec<(String, String)>,
}

impl Engine {
    /// One with the key of the tests and the account's credentials, and what else is said of its environment.
    pub(super) async fn start(metadata: &str, account: &Account, environment: &[(&str, &str)]) -> Self {
        let log = std::env::temp_dir().join(database_name()).with_extension("log");
        let mut command = Command::new(support::binary());
        command.args(["serve", "--json", "--listen", "127.0.0.1:0"]);
        command.env("IASQL_DATABASE_URL", metadata).env("IASQL_TOKEN", TOKEN).env("IASQL_LOG", "debug").envs(account.environment().await);
        if !environment.iter().any(|(name, _)| *name == "IASQL_KEY_SECRET") {
            command.env("IASQL_KEY_FILE", key_file());
        }
        let mut known: Vec<(String, String)> =
            account.environment().await.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        known.extend(environment.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
        known.push(("IASQL_KEY_FILE".to_owned(), key_file().display().to_string()));
        command.envs(environment.iter().copied()).kill_on_drop(true).stdout(Stdio::piped()).stderr(File::create(&log).expect("a file"));
        let mut child = command.spawn().expect("the binary runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).await.expect("a line");
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{}", fs::read_to_string(&log).unwrap_or_default()));
        Self { child, http: ready["http"].as_str().unwrap_or_else(|| panic!("{line}")).to_owned(), log, environment: known }
    }

    pub(super) async fn asked(&self, method: reqwest::Method, path: &str) -> String {
        self.asked_for("*/*", method, path).await
    }

    /// The same for a client that takes answers of this type.
    pub(super) async fn asked_for(&self, accepted: &str, method: reqwest::Method, path: &str) -> String {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let request = client.request(method, format!("{}{path}", self.http)).header("accept", accepted);
        request.bearer_auth(TOKEN).send().await.expect("an answer").text().await.expect("a text")
    }

    /// Ends it; answers with its log.
    pub(super) async fn end(mut self) -> String {
        self.child.kill().await.expect("it runs");
        fs::read_to_string(&self.log).expect("its log")
    }
}
