//! The command line, as somebody types it.

mod apply;
mod help;
mod key;
mod serve;
mod up;
mod words;

use std::process::{Command, Output};

use crate::support;

/// Runs `iasql` with these words and nothing of this machine's settings.
fn iasql(words: &[&str]) -> Output {
    let mut command = Command::new(support::binary());
    command.args(words).env_clear().env("PATH", "/usr/bin:/bin");
    command.output().expect("the binary runs")
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
