//! A data folder of PGlite, opened by PGlite itself: a script for Node.js prints it as SQL.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::timeout;

use super::{Error, restore, source::written};
use crate::node::Side;

/// What Node.js may take, in bytes: the engine has 32-bit pointers, so its own memory ends at 4 GB.
const MEMORY: u64 = 3 << 30;
/// How long it may take; a database that a browser held is small.
const PATIENCE: Duration = Duration::from_secs(300);

/// The database as a script for psql, of at most so many bytes. `installed` is the folder of our script and of what it stands on.
pub(super) async fn dump(source: &Side, installed: &Path, most: u64) -> Result<PathBuf, Error> {
    source.settle().await.map_err(Error::here("giving the files away"))?;
    let script = source.file("script");
    restore::begun(&script).await?;
    let mut command = source.program(Path::new("/usr/bin/env"), MEMORY).await;
    command.args(["node", "--max-old-space-size=1024"]).arg(installed.join("dump.mjs")).arg(source.data());
    let dumped = timeout(PATIENCE, written(command, &script, most)).await;
    let dumped = dumped.map_err(|_| Error::Pglite(format!("it took longer than {} seconds", PATIENCE.as_secs())))?;
    dumped.map_err(|said| said.unwrap_or_else(Error::Pglite)).map(|()| script)
}
