//! The engines that work on one metadata database, and the databases that they share among them.

use std::time::Duration;

use super::{Control, Error};

/// A database that somebody has to watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Its name.
    pub database: String,
    /// The server it is on.
    pub shard: String,
}

impl Control {
    /// Says that an engine is there, and answers for all that are; one that was silent for too long is not.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn beat(&self, engine: &str, silence: Duration) -> Result<Vec<String>, Error> {
        Ok(self.services.scheduler.procs.engine_beat(engine, silence.as_secs_f64()).await?)
    }

    /// Says that an engine ends.
    ///
    /// # Errors
    /// When the metadata database fails: then it is found out a few seconds later.
    pub async fn leave(&self, engine: &str) -> Result<(), Error> {
        Ok(self.services.scheduler.procs.engine_gone(engine).await?)
    }

    /// All databases that are to be watched: those that wait for commits first, then the lately active ones.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn to_watch(&self) -> Result<Vec<Watched>, Error> {
        let rows = self.services.scheduler.procs.databases_to_watch().await?;
        Ok(rows.into_iter().map(|row| Watched { database: row.database, shard: row.shard }).collect())
    }

    /// How often rows were written in each database of a server, since whenever that counts from: where it is the same as before,
    /// nothing was asked for meanwhile. One question for the whole server.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn writes(&self, shard: &str) -> Result<std::collections::HashMap<String, i64>, Error> {
        let Some(url) = self.shard_url(shard).await? else { return Ok(std::collections::HashMap::new()) };
        let failed = |crate::database::server::Failed { step, source }| Error::Metadata { doing: step, source };
        crate::database::server::writes(&url).await.map_err(failed)
    }
}
