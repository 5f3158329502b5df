//! A data folder of PGlite, opened by PGlite itself: a script for Node.js prints it as SQL, or it is only seen that it opens.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::timeout;

use super::{Error, restore, source::written};
use crate::node::{self, Engine, Side};

/// What Node.js may take, in bytes: the engine has 32-bit pointers, so its own memory ends at 4 GB.
const MEMORY: u64 = 3 << 30;
/// How long it may take; a database that a browser held is small.
const PATIENCE: Duration = Duration::from_secs(300);
/// How much of a complaint is told.
const SAID: usize = 500;

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

/// Has the engine open the folder, and close it: then it is one, with all that its log had.
pub(super) async fn opened(source: &mut Side) -> Result<(), Error> {
    source.settle().await.map_err(Error::here("giving the files away"))?;
    source.is_of(Engine::Pglite).map_err(Error::here("opening the files"))?;
    source.start().await.map_err(unopened)?;
    source.stop().await.map_err(unopened)
}

fn unopened(error: node::Error) -> Error {
    match error.own() {
        node::Error::NoEngine(_) => Error::NoPglite,
        node::Error::Start { said, .. } => Error::Pglite(said.chars().take(SAID).collect()),
        _ => Error::here("opening the files")(error),
    }
}
