//! Through what a gateway reaches databases: who may come in, and where to.

use std::{error::Error, path::PathBuf, time::Duration};

use futures::future::BoxFuture;

/// Who may come in, and where to.
pub trait Backends: Send + Sync + 'static {
    /// The verifier of a user in a database, as Postgres keeps it; `None` where either is not there, or may not log in (any more: `VALID UNTIL`).
    /// Wakes nothing.
    fn verifier(&self, database: &str, user: &str) -> BoxFuture<'_, Result<Option<String>, Unavailable>>;

    /// Has the database run; the guard tells that a session is over when it is dropped. It may be given up in between: by a deadline, or
    /// because the password was wrong.
    fn wake(&self, database: &str) -> BoxFuture<'_, Result<Awake, Unavailable>>;
}

/// A database that runs.
pub struct Awake {
    /// Its socket: `<dir>/.s.PGSQL.<port>`.
    pub socket: PathBuf,
    /// Keeps it awake for as long as it is there.
    pub session: Box<dyn Send + Sync>,
    /// Whether it is above its size limit: then the session begins read-only, and its client is told so.
    pub read_only: bool,
    /// After how long without a word it may sleep, whether its clients stay or not. `None`: not while one is there.
    pub hold: Option<Duration>,
}

/// Why there is no answer, or no database. The client hears the kind and nothing more; the rest is for the log.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// It may be there in a moment.
    #[error("{doing} failed for now")]
    ForNow {
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        source: Box<dyn Error + Send + Sync>,
    },
    /// There is no room for it, or for another session in it.
    #[error("there is no room for another session")]
    Full,
    /// It grew on above its size limit, and is closed for so long.
    #[error("it is above its size limit and grew on, so it is closed for {} more seconds", .0.as_secs())]
    Closed(Duration),
}
