//! `docker-compose.yml` and the Dockerfile, as far as they can be looked at without a Docker.

mod ha;

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
    let told = compose(&["--profile", "gateway", "--profile", "ha", "--profile", "psql", "config"]);
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
fn compose_takes_the_file_and_every_service_says_when_it_is_well_or_ends_well() {
    let services = services();
    let services = services.as_object().expect("services");
    let of = |profile: Option<&str>| -> Vec<&str> {
        let is_of = |service: &Value| service["profiles"][0].as_str() == profile;
        services.iter().filter(|(_, service)| is_of(service)).map(|(name, _)| &**name).collect()
    };
    assert_eq!(of(None), ["cloud", "iasql", "postgres"]);
    assert_eq!(of(Some("gateway")), ["bucket", "certificates", "dns", "gateway"]);
    assert_eq!(of(Some("ha")), ["controller", "ha-bucket", "pooler", "primary", "standby-1", "standby-2"]);
    assert_eq!(of(Some("psql")), ["psql"]);
    let waits = services.values().filter_map(|service| service["depends_on"].as_object()).flatten();
    let mut once = Vec::new();
    for (name, wait) in waits {
        match wait["condition"].as_str() {
            Some("service_completed_successfully") => once.push(&**name),
            condition => {
                assert_eq!((condition, services[name]["healthcheck"]["test"].is_array()), (Some("service_healthy"), true), "{name}")
            }
        }
    }
    once.sort_unstable();
    once.dedup();
    assert_eq!(once, ["bucket", "certificates", "ha-bucket"]);
    for name in ["cloud", "iasql", "postgres", "dns", "gateway", "primary", "standby-1", "standby-2", "pooler"] {
        assert!(services[name]["healthcheck"]["test"].is_array(), "{name}");
    }
}

#[test]
fn what_the_image_is_made_of_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let dockerfile = std::fs::read_to_string(root.join("Dockerfile")).expect("Dockerfile");
    let copied = dockerfile.lines().filter(|line| line.starts_with("COPY ") && !line.contains("--from"));
    for line in copied {
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        let (_, files) = words.split_last().expect("where to");
        files.iter().for_each(|file| assert!(root.join(file).exists(), "{file}"));
    }
    let wanted = |line: &str| line.starts_with("FROM rust:").then(|| line.contains(env!("CARGO_PKG_RUST_VERSION")));
    assert_eq!(dockerfile.lines().find_map(wanted), Some(true), "the image is built with the Rust that Cargo.toml asks for");
}
