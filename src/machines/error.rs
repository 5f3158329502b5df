//! What can go wrong below the API: folders, processes, Docker's engine, and a home that somebody else has.

use std::path::PathBuf;

/// What can go wrong below the API.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A folder or file could not be made, read, written or given away.
    #[error("could not {doing} {}", .path.display())]
    Folder {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of ours is not what we write.
    #[error("{} is not what iasql machines has written there", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// Two never keep one home.
    #[error("another iasql machines works in {}: stop that one first, or choose another folder with --home", .0.display())]
    Busy(PathBuf),
    /// The machines' users could not get there.
    #[error("{} lies below a folder that is closed to other users, and machines do not run as root: choose another folder with --home", .0.display())]
    Closed(PathBuf),
    /// No chance could be had from the system.
    #[error("no name could be made: {0}")]
    Random(getrandom::Error),
    /// A process of this machine still holds its place.
    #[error("a process of machine {0} still runs")]
    Runs(String),
    /// What was to be started is started by somebody else, or by nobody any more.
    #[error("nobody waits for this process any more")]
    Unwanted,
    /// The process above a machine's could not be started, or said why it can't.
    #[error("machine {id} could not be started: {said}")]
    Launch {
        /// Which.
        id: String,
        /// What is in the way.
        said: String,
    },
    /// There is no Docker engine to run machines.
    #[error(
        "no Docker engine answers at {address}: start it, say in DOCKER_HOST where it is, or leave --backend docker away, and machines are processes"
    )]
    Engine {
        /// Where it was looked for.
        address: String,
        /// What was met there.
        source: bollard::errors::Error,
    },
    /// Docker's engine did not do what it was asked, or is gone.
    #[error("Docker could not {doing}")]
    Docker {
        /// What was asked.
        doing: &'static str,
        /// What it said, or what is in the way to it.
        source: bollard::errors::Error,
    },
    /// A home's machines stay what they are.
    #[error("the machines in {} run with --backend {kept}: say so, destroy them first, or choose another folder with --home", .home.display())]
    Otherwise {
        /// Where.
        home: PathBuf,
        /// How they run.
        kept: String,
    },
    /// A process could not be signalled or watched.
    #[error("could not {doing}")]
    Process {
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        source: nix::Error,
    },
    /// There is no authority for what services show.
    #[error(transparent)]
    Authority(#[from] crate::authority::Error),
    /// TLS does not take what the authority has made.
    #[error("could not serve the certificate of services")]
    Certificate(#[source] rustls::Error),
    /// There is no unprivileged user.
    #[error(transparent)]
    User(#[from] crate::local::Error),
}

impl Error {
    pub(super) fn folder(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Folder { doing, path, source }
    }

    pub(super) fn launch(id: &str, said: impl ToString) -> Self {
        Self::Launch { id: id.to_owned(), said: said.to_string() }
    }

    pub(super) fn docker(doing: &'static str) -> impl FnOnce(bollard::errors::Error) -> Self {
        move |source| Self::Docker { doing, source }
    }

    pub(super) fn process(doing: &'static str) -> impl FnOnce(nix::Error) -> Self {
        move |source| Self::Process { doing, source }
    }
}
