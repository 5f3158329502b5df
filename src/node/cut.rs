//! The quick way down: a node that may not run a database any longer kills its server at once, whatever goes on with it.

use std::{convert::Infallible, path::Path, time::Duration};

use super::{Error, database::Database, keeper::Keeper, rest, tree};

/// How often those are killed that are there by now, while somebody starts or stops the server.
const AGAIN: Duration = Duration::from_millis(2);
/// How long the kernel may take to end what was killed.
const KILLED: Duration = Duration::from_secs(5);

impl Keeper {
    /// Kills the server of a database. Nothing of it runs any more when this returns.
    ///
    /// # Errors
    /// [`Error::Leftover`] when some of it can't be killed.
    pub(super) async fn cut(&self, id: &str) -> Result<(), Error> {
        // one that is forgotten meanwhile ran nothing, and the next one in the list may
        while let Some(database) = self.known().into_iter().find(|database| database.id() == id) {
            if cut(&database).await? {
                break;
            }
        }
        Ok(())
    }
}

async fn cut(database: &Database) -> Result<bool, Error> {
    let data = database.place.data();
    // a start or a stop may take long: it is not waited for but ended
    let mut state = tokio::select! {
        state = database.state.lock() => state,
        never = kill_whoever_comes(&data) => match never {},
    };
    if !tree::kill_all(&data, KILLED).await {
        return Err(Error::Leftover(database.id().to_owned()));
    }
    // that it did not stop cleanly is known
    drop(rest::lay_down(database, &mut state).await);
    Ok(!state.forgotten)
}

async fn kill_whoever_comes(data: &Path) -> Infallible {
    loop {
        tree::kill_now(data);
        tokio::time::sleep(AGAIN).await;
    }
}
