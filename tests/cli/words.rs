//! What the exit codes and the sentences are where something is wrong.

use serde_json::Value;

use super::{code, err, iasql, out};

#[test]
fn nonsense_is_exit_code_1_and_never_2_which_plan_means_something_by() {
    for words in [&["plan"][..], &["plna", "shop"], &["plan", "shop", "--nothing"], &[]] {
        assert_eq!(code(&iasql(words)), Some(1), "{words:?}");
    }
    assert!(err(&iasql(&["plna", "shop"])).contains("plan"), "the nearest word is named");
}

#[test]
fn where_nothing_runs_that_is_said_with_what_to_do() {
    for words in [&["plan", "shop"][..], &["check", "shop"], &["apply", "shop"], &["setup", "shop"], &["databases"]] {
        let output = iasql(&[words, &["--dir", "/nowhere/at/all"]].concat());
        assert_eq!(code(&output), Some(1), "{words:?}");
        assert!(err(&output).contains("no iasql runs in /nowhere/at/all: start one with `iasql up`"), "{}", err(&output));
        assert_eq!(out(&output), "");
    }
}

#[test]
fn an_error_for_programs_is_a_document() {
    let output = iasql(&["plan", "shop", "--json", "--dir", "/nowhere/at/all"]);
    let document: Value = serde_json::from_str(&out(&output)).expect("one document");
    assert!(document["error"].as_str().is_some_and(|error| error.starts_with("no iasql runs in")));
}

#[test]
fn a_database_that_does_not_answer_is_said_without_its_password() {
    let output = iasql(&["databases", "--database-url", "postgres://me:hunter2@127.0.0.1:1/iasql"]);
    assert_eq!(code(&output), Some(1));
    assert!(err(&output).contains("connecting to the metadata database") && !err(&output).contains("hunter2"), "{}", err(&output));
}

#[test]
fn what_is_refused_is_not_repeated_where_it_may_be_a_secret() {
    for words in [["--token", "hunter2"], ["--database-url", "mysql://me:hunter2@127.0.0.1/iasql"]] {
        let output = iasql(&[&["serve"], &words[..]].concat());
        assert_eq!(code(&output), Some(1));
        assert!(err(&output).contains(words[0]) && err(&output).contains("***") && !err(&output).contains("hunter2"), "{}", err(&output));
    }
}

#[test]
fn a_server_that_would_stand_open_does_not_start() {
    let there = "postgres://me@127.0.0.1:1/iasql";
    let without = iasql(&["serve", "--database-url", there, "--listen", "127.0.0.1:0"]);
    assert!(code(&without) == Some(1) && err(&without).contains("--token-file"), "{}", err(&without));
    let open = iasql(&["serve", "--database-url", there, "--listen", "0.0.0.0:0", "--no-auth"]);
    assert!(code(&open) == Some(1) && err(&open).contains("loopback only"), "{}", err(&open));
}
