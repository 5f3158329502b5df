//! Help helps.

use super::{code, iasql, out};

const COMMANDS: [&str; 13] =
    ["up", "serve", "machines", "setup", "check", "plan", "apply", "webhook", "databases", "key", "shard", "move", "schema"];

#[test]
fn help_names_every_command_and_shows_examples() {
    let help = iasql(&["--help"]);
    assert_eq!(code(&help), Some(0));
    for command in COMMANDS {
        assert!(out(&help).lines().any(|line| line.trim_start().starts_with(&format!("{command} "))), "{command}");
    }
    assert!(out(&help).contains("Examples:") && out(&help).contains("Exit codes:"));
    assert!(!out(&help).contains("postgres-helper"), "that one is nobody's");
}

#[test]
fn every_command_has_help_and_an_example() {
    for command in COMMANDS {
        let help = iasql(&[command, "--help"]);
        assert_eq!(code(&help), Some(0), "{command}");
        assert!(out(&help).contains("Usage: iasql "), "{command}");
        assert!(out(&help).contains("Examples:"), "{command}");
        assert!(out(&help).contains("--json"), "{command}");
    }
}

#[test]
fn help_never_shows_a_secret_of_the_environment() {
    let mut command = std::process::Command::new(crate::support::binary());
    command
        .args(["serve", "--help"])
        .env("IASQL_TOKEN", "hunter2-hunter2-hunter2")
        .env("IASQL_DATABASE_URL", "postgres://me:hunter2@localhost/iasql");
    assert!(!out(&command.output().expect("the binary runs")).contains("hunter2"));
}
