//! `iasql schema`, as somebody types it: from nothing to a database and back.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use sqlx::{Connection, PgConnection};

use super::empty;
use crate::support;

/// A folder that is gone when the test is.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("iasql-schema-{}-{name}", std::process::id())))
    }

    fn text(&self) -> &str {
        self.0.to_str().expect("a name")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).expect("its folder");
    }
}

/// What `iasql schema` ends with, says and complains of.
fn schema(words: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = Command::new(support::binary()).arg("schema").args(words).output().expect("the binary runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (status.code().expect("an end"), text(stdout), text(stderr))
}

fn edit(file: impl AsRef<Path>, from: &str, to: &str) {
    let text = std::fs::read_to_string(&file).expect("a file");
    assert!(text.contains(from), "{text}");
    std::fs::write(file, text.replace(from, to)).expect("it can be written");
}

#[tokio::test]
async fn a_new_directory_passes_its_check_and_goes_into_a_database_and_out_again() {
    let (folder, url) = (Folder::new("whole"), empty().await);
    let dir = folder.text();
    assert_eq!(schema(&["new", dir, "--name", "diary"]).0, 0);
    assert_eq!(
        schema(&["check", dir]),
        (0, "diary: version 1, of which 0 released; procedures: 2; nothing is wrong\n".into(), String::new())
    );
    let laid = schema(&["upgrade", dir, "--database", &url]);
    assert_eq!((laid.0, &*laid.1, &*laid.2), (0, "diary: from version 0 to 1\n", "diary: at version 1\n"));
    assert_eq!(schema(&["upgrade", dir, "--database", &url]).1, "diary: nothing to do at version 1\n");
    assert!(schema(&["check", dir, "--database", &url]).1.ends_with("diary: the database is at version 1, and as that should be\n"));

    let mut inside = PgConnection::connect(&url).await.expect("a way in");
    sqlx::query("select diary.add_note('milk')").execute(&mut inside).await.expect("a procedure");
    sqlx::query("create index planted on diary.note (body)").execute(&mut inside).await.expect("a drift");
    let (code, said, _) = schema(&["check", dir, "--database", &url]);
    assert!(code == 1 && said.contains("planted"), "{said}");
    sqlx::query("drop index diary.planted").execute(&mut inside).await.expect("no drift");

    let (code, _, complaint) = schema(&["downgrade", dir, "--database", &url, "--to", "0"]);
    assert!(code == 1 && complaint.contains("from version 1 back to 0") && complaint.contains("--yes"), "{complaint}");
    assert_eq!(schema(&["downgrade", dir, "--database", &url, "--to", "0", "--yes"]).1, "diary: from version 1 to 0\n");
    assert!(schema(&["check", dir, "--database", &url]).1.contains("diary: it is not in the database"));
}

#[test]
fn what_was_released_is_kept_and_whoever_breaks_it_is_told_the_file_and_line() {
    let folder = Folder::new("released");
    let dir = folder.text();
    schema(&["new", dir, "--name", "diary"]);
    let (code, said, _) = schema(&["release", dir]);
    assert!(code == 0 && said.contains("promised for ever: add_note(body text) returns bigint"), "{said}");
    assert_eq!(schema(&["release", dir]).1, "diary: nothing new since version 1 was released\n");
    edit(folder.0.join("procedures/add_note.sql"), "body text", "words text");
    let (code, said, _) = schema(&["check", dir]);
    let wrong = format!("{dir}/procedures/add_note.sql:1: a released procedure never changes: it was add_note(body text) returns bigint");
    assert!(code == 1 && said.contains(&wrong), "{said}");
    let (code, _, complaint) = schema(&["release", dir]);
    assert!(code == 1 && complaint.contains("a released procedure never changes"), "{complaint}");
    let (_, said, _) = schema(&["check", dir, "--json"]);
    let document: Value = serde_json::from_str(&said).expect("a document");
    assert_eq!(document["faults"][1]["line"], 1, "{said}");
}

#[test]
fn the_procedures_are_printed_as_rust() {
    let (code, said, _) = schema(&["procs", "tests/schema_procs/wide"]);
    assert_eq!((code, &*said), (0, include_str!("wide.rs")));
    assert!(schema(&["procs", "tests/schema_procs/wide", "--crate", "crate"]).1.contains("\nuse crate::schema::"));
}

#[tokio::test]
async fn the_reference_is_written_on_a_server_that_is_named_or_started_for_it() {
    let (folder, pages) = (Folder::new("described"), Folder::new("pages"));
    schema(&["new", folder.text(), "--name", "diary"]);
    let server = support::postgres().await;
    assert_eq!(schema(&["docs", folder.text(), "--out", pages.text(), "--server", server]).0, 0);
    let page = |name: &str| std::fs::read_to_string(pages.0.join(name)).expect("a page");
    let (diary, index) = (page("diary.md"), page("README.md"));
    assert!(diary.contains("| `body` | text, required | What it says. |\n"), "{diary}");
    assert!(diary.contains("- check: a note is not blank\n") && index.contains("(diary.md)"), "{diary}");
    let (code, _, complaint) = schema(&["docs", folder.text(), "--out", pages.text()]);
    assert_eq!((code, page("diary.md")), (0, diary), "{complaint}");
}

#[test]
fn a_folder_with_something_in_it_and_a_name_that_is_none_are_refused() {
    let (_, _, complaint) = schema(&["new", "docs"]);
    assert!(complaint.starts_with("error: docs is not empty"), "{complaint}");
    let (code, _, complaint) = schema(&["new", "/nowhere/My-Schema"]);
    assert!(code == 1 && complaint.contains("is no name for a schema") && complaint.contains("--name"), "{complaint}");
    let (code, said, _) = schema(&["check", "/nowhere/at/all"]);
    assert!(code == 1 && said.starts_with("/nowhere/at/all: it can't be read"), "{said}");
}

#[test]
fn every_command_has_help_and_an_example() {
    for command in ["check", "upgrade", "downgrade", "new", "procs", "release", "docs"] {
        let (code, help, _) = schema(&[command, "--help"]);
        assert!(code == 0 && help.contains("Examples:") && help.contains(&format!("Usage: iasql schema {command}")), "{help}");
    }
    assert!(schema(&["check"]).1.starts_with("iasql: version "), "what is carried, where no directory is named");
}
