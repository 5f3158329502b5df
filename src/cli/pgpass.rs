//! The passwords of the databases of a running `up`, in the form psql reads, so that its line needs none.

use std::{fs, path::Path};

use iasql::{control::DatabaseInfo, resource::Secret};

use super::{error::Error, running};

const FILE: &str = "pgpass";

/// Keeps a password in a file that only its owner may read, in place of the one before.
pub(crate) fn keep(dir: &Path, database: &DatabaseInfo, password: &Secret) -> Result<(), Error> {
    let file = dir.join(FILE);
    let ours = format!("*:*:{0}:{0}:", database.name);
    let known = fs::read_to_string(&file).unwrap_or_default();
    let others: String = known.lines().filter(|line| !line.starts_with(&ours)).map(|line| format!("{line}\n")).collect();
    running::private(&file, &format!("{others}{ours}{}\n", password.expose()))
}

/// The line that opens psql.
pub(crate) fn psql(dir: &Path, database: &DatabaseInfo) -> String {
    let DatabaseInfo { name, host, port, .. } = database;
    format!("PGPASSFILE={} psql -h {host} -p {port} -U {name} {name}", dir.join(FILE).display())
}
