//! What can go wrong with a database of this node, in sentences that say what was tried.

use std::{path::PathBuf, sync::Arc};

use super::{Engine, ShelfError};
use crate::local;

/// What can go wrong with a database of this node.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A folder or file could not be made, read, given away or removed.
    #[error("could not {doing} {}", .path.display())]
    Folder {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// No Postgres is installed, or none that fits.
    #[error(transparent)]
    Installed(#[from] local::Error),
    /// Somebody else works in this folder.
    #[error("another node works in {}: stop that one first (in another folder its databases would begin anew, unless both have one bucket)", .0.display())]
    Busy(PathBuf),
    /// The users who run the databases could not get there.
    #[error("{} lies below a folder that is closed to other users, and its databases do not run as root: choose another folder", .0.display())]
    Closed(PathBuf),
    /// A socket's path has 107 bytes at most (unix(7)).
    #[error("the path {} is too long to hold sockets: choose a folder of at most {longest} bytes", .path.display())]
    TooLong {
        /// The node's folder.
        path: PathBuf,
        /// How long it may be.
        longest: usize,
    },
    /// No name of a database.
    #[error("a database's id is 1 to 63 of a-z, 0-9, - and _, and begins with a letter or a digit")]
    Id,
    /// There is none, neither here nor on the shelf.
    #[error("there is no database {0} on this node")]
    Unknown(String),
    /// There is one already.
    #[error("the database {0} exists already")]
    Exists(String),
    /// The template that new databases are copied from could not be made.
    #[error("the template of new databases could not be made: {0}")]
    Template(String),
    /// Whether other nodes have shared one could not be found out.
    #[error("the template that other nodes have could not be had")]
    Shared(#[source] ShelfError),
    /// What runs a database of this kind is not on this machine.
    #[error("what runs such a database is not installed: {0} is missing")]
    NoEngine(String),
    /// Its files are not those of the engine by which it is to be run.
    #[error("the database {id} is to be run by {}, and its files are those of {}", .wanted.word(), .found.word())]
    OtherEngine {
        /// Which.
        id: String,
        /// By whom it is to be run.
        wanted: Engine,
        /// Who has made its files.
        found: Engine,
    },
    /// Postgres did not start.
    #[error("the database {id} did not start: {said}")]
    Start {
        /// Which.
        id: String,
        /// The last complaint in its log.
        said: String,
        /// Where the rest stands, unless the database was only being made.
        log: PathBuf,
    },
    /// A server of an earlier node is still there, and can't be ended.
    #[error("the database {0} could not be started: a server left over from before still runs and could not be ended")]
    Leftover(String),
    /// Somebody uses what only one at a time may have.
    #[error("somebody uses the database {0}")]
    Used(String),
    /// As many run as may.
    #[error("all {0} databases that this node may run at once are in use")]
    Full(usize),
    /// A statement of ours failed.
    #[error("could not {doing} of the database {id}")]
    Query {
        /// What was tried.
        doing: &'static str,
        /// Where.
        id: String,
        /// What the database said.
        source: sqlx::Error,
    },
    /// A process could not be stopped or woken by a signal.
    #[error("could not {doing} the database {id}")]
    Signal {
        /// What was tried.
        doing: &'static str,
        /// Which.
        id: String,
        /// What the system said.
        source: nix::Error,
    },
    /// What its server wrote into the bucket is not all there.
    #[error("the bucket lacks something of the last checkpoint of the database {0}, also after another one: its files stay on this disk")]
    NotWhole(String),
    /// It did not stop in time and was killed: what it committed is safe, but its files are not those of a stopped database.
    #[error("the database {0} did not stop in time and was killed")]
    Killed(String),
    /// The files could not be put away or brought back.
    #[error("could not move the files of the database {id}")]
    Shelf {
        /// Which.
        id: String,
        /// What the shelf said.
        source: ShelfError,
    },
    /// Its durability wants what this node has not.
    #[error("the log of the database {0} is to be kept in a bucket, and this node has none: give it one, or set the durability to pause")]
    NoLog(String),
    /// The server did not give its WAL.
    #[error("could not {doing} of the database {id}")]
    Stream {
        /// What was tried.
        doing: &'static str,
        /// Which.
        id: String,
        /// What the server or the system said.
        source: std::io::Error,
    },
    /// The node stops.
    #[error("this node is stopping")]
    Closing,
    /// What somebody else was told who knocked at the same time.
    #[error(transparent)]
    Same(Arc<Error>),
}

impl Error {
    /// The error itself, where it is what somebody else was told too.
    pub fn own(&self) -> &Self {
        match self {
            Self::Same(error) => error.own(),
            own => own,
        }
    }

    pub(super) fn folder(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Folder { doing, path, source }
    }

    pub(super) fn query(doing: &'static str, id: &str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Query { doing, id: id.to_owned(), source }
    }
}
