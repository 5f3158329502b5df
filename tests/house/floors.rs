//! Who may know whom: imports run down only.

use super::{Source, lines, none, sources};

/// From the ground. Those of one floor don't know each other, but where `BESIDE` says so.
const FLOORS: [&[&str]; 8] = [
    &["causes", "plan", "failover", "resource", "config", "shutdown", "durability", "postgres", "der", "seats", "public", "descriptors"],
    &["schema", "seal", "password", "authority"],
    &["aws", "fly", "tigris", "served", "database", "node", "local", "store", "telemetry"],
    &["engine", "control"],
    &["worker", "gateway", "machines", "cluster", "http"],
    &["keeper"],
    &["lib"],
    &["cli", "main"],
];

/// The control hands out the engine's runs; a setting may be a secret; a node runs the Postgres that this machine has; Tigris speaks S3, and its
/// keys go to apps of Fly.
const BESIDE: [(&str, &str); 5] = [("control", "engine"), ("config", "resource"), ("node", "local"), ("tigris", "aws"), ("tigris", "fly")];

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// `src/plan/graph.rs` is of `plan`, `src/config.rs` of `config`.
fn module(path: &str) -> &str {
    path.trim_start_matches("src/").split(['/', '.']).next().unwrap_or_default()
}

/// What a file takes from our own crate: `crate::plan`, and each in `crate::{plan, aws::Aws}`.
fn imports(text: &str) -> Vec<String> {
    let mut found = vec![];
    for way in text.split("crate::").skip(1) {
        let Some(inside) = way.strip_prefix('{') else {
            found.push(first_word(way));
            continue;
        };
        let mut depth = 0;
        let mut start = true;
        for (at, sign) in inside.char_indices() {
            match sign {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => start = true,
                sign if start && sign.is_alphabetic() => {
                    found.push(first_word(&inside[at..]));
                    start = false;
                }
                _ => {}
            }
        }
    }
    found
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect()
}

fn breaches(file: &Source) -> Vec<String> {
    let from = module(&file.path);
    let Some(own) = floor(from) else { return vec![format!("{}: stands on no floor (tests/house/floors.rs)", file.path)] };
    let wrong = |to: &String| {
        let known = floor(to).filter(|_| to != from);
        known.is_some_and(|floor| floor > own || floor == own && !BESIDE.contains(&(from, to.as_str())))
    };
    imports(&file.text).iter().filter(|to| wrong(to)).map(|to| format!("{}: {from} may not know {to}", file.path)).collect()
}

#[test]
fn imports_run_down_only() {
    none(sources("src", &[".rs"]).iter().flat_map(breaches));
}

#[test]
fn an_import_is_seen_however_it_is_written() {
    let text = "use crate::{aws::{Aws, error}, plan, resource::Error};\nfn f() { crate::http::serve() }";
    assert_eq!(imports(text), ["aws", "plan", "resource", "http"]);
}

#[test]
fn the_plan_and_the_failover_are_pure() {
    const IMPURE: [&str; 12] =
        ["async ", ".await", "sqlx", "aws_", "tokio", "chrono::", "std::time", "Instant", "SystemTime", "std::fs", "std::env", "rand"];
    let code = |line: &str| !line.trim_start().starts_with("//");
    let pure: Vec<_> = ["src/plan", "src/failover"].into_iter().flat_map(|folder| sources(folder, &[".rs"])).collect();
    none(lines(&pure, |line| code(line) && IMPURE.iter().any(|word| line.contains(word))));
}

#[test]
fn a_cloud_is_called_only_below_its_own_folder() {
    let elsewhere: Vec<_> = sources("src", &[".rs"]).into_iter().filter(|file| !file.path.starts_with("src/aws/")).collect();
    none(lines(&elsewhere, |line| line.contains("aws_sdk_ec2") || line.contains("aws_sdk_rds")));
    // S3's client is Tigris' as well
    none(lines(&elsewhere, |line| line.contains("aws_sdk_s3")).into_iter().filter(|line| !line.starts_with("src/tigris/")));
}
