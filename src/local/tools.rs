//! Postgres' own programs for taking a database along.

use std::path::PathBuf;

use super::{Error, installed};

/// The folder of the newest installation, which has `pg_dump` and `pg_restore`: an older server is dumped by a newer program.
///
/// # Errors
/// Where none is installed.
pub fn tools() -> Result<PathBuf, Error> {
    installed::programs(&["pg_dump", "pg_restore"])
}
