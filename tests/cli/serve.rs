//! `iasql serve` against a Postgres of somebody's own.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use sqlx::{Postgres, migrate::MigrateDatabase};

use crate::support;

const TOKEN: &str = "a-token-for-serve-0123456789";

async fn metadata() -> String {
    let mut url = url::Url::parse(support::postgres().await).expect("a url");
    url.set_path(&support::database_name());
    Postgres::create_database(url.as_str()).await.expect("a metadata database");
    url.into()
}

/// A server that says everything it can, and where it answers.
fn serve(metadata: &str) -> (Child, String) {
    let mut command = Command::new(support::binary());
    command
        .args(["serve", "--json", "--listen", "127.0.0.1:0"])
        .env("IASQL_DATABASE_URL", metadata)
        .env("IASQL_TOKEN", TOKEN)
        .env("IASQL_LOG", "trace");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    let ready: Value = serde_json::from_str(&line).expect("what is ready");
    (child, ready["http"].as_str().expect("an address").to_owned())
}

#[tokio::test]
async fn a_server_stops_cleanly_and_its_log_is_json_that_holds_no_secret() {
    let metadata = metadata().await;
    let (mut child, http) = serve(&metadata);
    let mut stderr = child.stderr.take().expect("a pipe");
    let log = std::thread::spawn(move || {
        let mut log = String::new();
        stderr.read_to_string(&mut log).expect("text");
        log
    });
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let setup = client.post(format!("{http}/setup/{}?modules=ec2", support::database_name())).bearer_auth(TOKEN);
    let made: Value = setup.send().await.expect("an answer").json().await.expect("a document");
    kill(Pid::from_raw(i32::try_from(child.id()).expect("a pid")), Signal::SIGTERM).expect("it runs");
    assert!(child.wait().expect("an end").success());

    let log = log.join().expect("the log");
    assert!(log.contains("\"route\":\"/setup/{db}\""), "the request is in the log");
    assert!(log.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "each line is a document");
    let password = |url: &str| url::Url::parse(url).expect("a url").password().map(str::to_owned).expect("a password");
    for secret in [TOKEN, &password(&metadata), &password(made["url"].as_str().expect("a url"))] {
        assert!(!log.contains(secret), "a secret is in the log");
    }
}
