//! The Rust files that are written from schema directories are as they would be written now.

use std::process::Command;

use iasql::schema::{Schema, generate};

use super::{differs, path};

/// The directory, what the library is called in the file, the file.
const WRITTEN: [(&str, &str, &str); 4] = [
    ("migrations", "crate", "src/control/procs.rs"),
    ("sql-templates", "crate", "src/database/procs.rs"),
    ("tests/queue", "iasql", "tests/schema/queue.rs"),
    ("tests/schema_procs/wide", "iasql", "tests/schema_procs/wide.rs"),
];

#[test]
fn every_generated_file_is_as_it_would_be_written_now() {
    let written = WRITTEN.into_iter().filter_map(|(directory, krate, file)| {
        let schema = Schema::from_directory(path(directory)).unwrap_or_else(|faults| panic!("{faults}"));
        differs(file, &generate(&schema, krate))
    });
    assert_eq!(written.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn a_generated_file_is_as_rustfmt_would_leave_it() {
    for (.., file) in WRITTEN {
        let mut rustfmt = Command::new("rustfmt");
        rustfmt.args(["--check", "--edition", "2024", "--config-path"]).arg(path("rustfmt.toml")).arg(path(file));
        let output = rustfmt.output().expect("rustfmt");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}
