//! Through what a gateway reaches databases: who may come in, and where to.

use std::{error::Error, path::PathBuf, time::Duration};

use futures::future::BoxFuture;

use super::{Lasting, Led, Unbranched, Unread};

/// Who may come in, and where to.
pub trait Backends: Send + Sync + 'static {
    /// The verifier of a user in a database, as Postgres keeps it; `None` where either is not there, or may not log in (any more: `VALID UNTIL`).
    /// Wakes nothing.
    fn verifier(&self, database: &str, user: &str) -> BoxFuture<'_, Result<Option<String>, Unavailable>>;

    /// Has the database run; the guard tells that a session is over when it is dropped. It may be given up in between: by a deadline, or
    /// because the password was wrong.
    fn wake(&self, database: &str) -> BoxFuture<'_, Result<Awake, Unavailable>>;

    /// Another gateway says what database its client comes to; answers under what name that is known from now on. `None`: that is for the registry to
    /// say.
    fn told(&self, _text: &[u8]) -> Option<String> {
        None
    }

    /// Nobody gets in at this address for now, where a database was said to be [`Unavailable::Elsewhere`], for this reason.
    /// Answers whether another one is named the next time, where there is any.
    fn leave_out(&self, _address: &str, _database: &str, _why: Shut) -> bool {
        false
    }
}

/// Why nobody gets in somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shut {
    /// It can't be reached, or stops: nobody gets in there.
    Away,
    /// It can't have this database now; others it can.
    NotThis,
    /// It has no room for one that does not run there.
    Full,
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
    /// Whether it has one session at a time: then it is for one client, and the next one is refused.
    pub alone: bool,
    /// How many sessions it has at a time; `None`: whoever leads there says so.
    pub most: Option<usize>,
    /// The lease by which it runs here, where there is one: no answer leaves when that is over.
    pub lasting: Option<Lasting>,
}

impl Awake {
    /// One that another gateway has, to which the client was led: it is kept awake there.
    pub(super) fn led(hold: Option<Duration>) -> Self {
        Self { socket: PathBuf::new(), session: Box::new(()), read_only: false, hold, alone: false, most: None, lasting: None }
    }
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
    /// Another gateway has it.
    #[error("{by} has it")]
    Elsewhere {
        /// Which one, by its name in leases.
        by: String,
        /// Where that one is reached (`host:port`); none where it has not said so.
        address: Option<String>,
        /// After how long without a word it may sleep, whether its clients stay or not; as [`Awake::hold`].
        hold: Option<Duration>,
    },
    /// A machine of its own has it.
    #[error("{0} has it")]
    OnMachine(Box<Led>),
    /// What runs it is about to end, and lets nobody in any more.
    #[error("it is about to end")]
    Ending,
    /// It is for nodes to run, and none is there; in which location, where it has to be in one.
    #[error("no node is running{}", .0.as_ref().map(|location| format!(" in {location}")).unwrap_or_default())]
    NoNode(Option<String>),
    /// Its machine ends as soon as it is started, with this exit code, again and again.
    #[error("its machine ends as soon as it is started, with exit code {0}: its log says why")]
    Ends(i64),
    /// There is no room for it, or for another session in it.
    #[error("there is no room for another session")]
    Full,
    /// What runs it is not on this machine.
    #[error("what runs the database is not installed: {0} is missing")]
    Missing(String),
    /// It is to begin as a branch, and does not.
    #[error("it does not begin: {0}")]
    Branch(Unbranched),
    /// It is a replica, and can't be read.
    #[error("it is not read: {0}")]
    Replica(Unread),
    /// It grew on above its size limit, and is closed for so long.
    #[error("it is above its size limit and grew on, so it is closed for {} more seconds", .0.as_secs())]
    Closed(Duration),
}
