//! `docker-compose.yml` and the Dockerfile, as far as they can be looked at without a Docker.

use std::process::{Command, Output};

use serde_json::Value;

use crate::support;

/// Compose, whichever there is: the plugin of Docker, or the program of old.
fn compose(words: &[&str]) -> Output {
    let plugin = Command::new("docker").args(["compose", "version"]).output().is_ok_and(|said| said.status.success());
    let mut command = Command::new(if plugin { "docker" } else { "docker-compose" });
    command.args(plugin.then_some("compose")).args(words).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
        .env("IASQL_TOKEN", "a-token-for-compose")
        .env("POSTGRES_PASSWORD", "a-password")
        .output()
        .expect("compose: scripts/install.sh tests")
}

/// What compose makes of the file, as JSON.
fn services() -> Value {
    let told = compose(&["config"]);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let json = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)";
    let mut python = Command::new(support::venv().join("bin/python"));
    let mut python =
        python.args(["-c", json]).stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().expect("python");
    std::io::Write::write_all(&mut python.stdin.take().expect("a pipe"), &told.stdout).expect("it listens");
    let document: Value = serde_json::from_slice(&python.wait_with_output().expect("an end").stdout).expect("a document");
    document["services"].clone()
}

#[test]
fn compose_takes_the_file_and_every_service_says_when_it_is_well() {
    let services = services();
    let services = services.as_object().expect("services");
    assert_eq!(services.keys().collect::<Vec<_>>(), ["cloud", "iasql", "postgres"]);
    for (name, service) in services {
        assert!(service["healthcheck"]["test"].is_array(), "{name}");
    }
    let waits = services["iasql"]["depends_on"].as_object().expect("what it waits for");
    assert!(waits.values().all(|wait| wait["condition"] == "service_healthy"), "{waits:?}");
}

#[test]
fn what_the_image_is_made_of_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let dockerfile = std::fs::read_to_string(root.join("Dockerfile")).expect("Dockerfile");
    let copied = dockerfile.lines().filter(|line| line.starts_with("COPY ") && !line.contains("--from"));
    for file in copied.filter_map(|line| line.split_whitespace().nth(1)) {
        assert!(root.join(file).exists(), "{file}");
    }
    let wanted = |line: &str| line.starts_with("FROM rust:").then(|| line.contains(env!("CARGO_PKG_RUST_VERSION")));
    assert_eq!(dockerfile.lines().find_map(wanted), Some(true), "the image is built with the Rust that Cargo.toml asks for");
}
