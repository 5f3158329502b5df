//! The binary: everything is in the library and in the command line.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    // above a machine stands a process that outlives us, and it is this binary, too
    if let Some(code) = iasql::machines::help() {
        return code;
    }
    // Postgres refuses to run as root, so this binary may have started itself as somebody else to run it
    iasql::local::help().unwrap_or_else(cli::main)
}
