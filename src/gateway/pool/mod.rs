//! A pooler before a cluster: the gateway's front, with sessions that many clients share, and reads that standbys answer. A process of its own, which goes on
//! while the engine is away.
//!
//! In the order of a client: `door` lets it in, `session` takes what it says batch by batch (`intake`, and `sql` for what a statement may do), `acquire` finds
//! the session with a member that the batch belongs to (`shelf`, `server`), `exchange` passes it on and its answer back (`forward`, `answers`, `statements`).
//!
//! Beside them `watch` looks after the members, `cluster` has what is known of them, `position` says when somebody's own writes are at a standby, and by
//! `control` it is told who the primary is: in a [mod@file], with a term that only grows.

mod acquire;
mod answers;
mod cancel;
mod cluster;
pub mod control;
mod door;
mod error;
mod exchange;
pub mod file;
mod forward;
mod intake;
mod line;
mod login;
mod look;
mod member;
mod position;
pub(in crate::gateway) mod refusal;
mod server;
mod session;
mod shelf;
mod shown;
pub mod sql;
mod statements;
mod watch;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use rustls::ClientConfig;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use cluster::{Outdated, Refused, Ways};
pub use error::Error;

use self::{
    cluster::Cluster,
    file::{Book, Members},
    member::Member,
    statements::Registry,
};
use super::{Certificates, Deadlines, Domain, Guesses, Limits, limits};
use crate::{gateway::serve::let_in, resource::Secret};

/// How a pooler lets clients in.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What it is told with.
    pub told: Told,
    /// How many may come.
    pub limits: Limits,
    /// How long each step of their coming may take.
    pub deadlines: Deadlines,
    /// How it treats those who are in.
    pub ways: Ways,
    /// How long sessions in a transaction have when it stops.
    pub grace: Duration,
    /// What wrong passwords were tried.
    pub guesses: Arc<Guesses>,
}

/// By whom it is told what it is before, and what it shows.
#[derive(Clone, Debug)]
pub enum Told {
    /// By files.
    Files {
        /// Members and users.
        file: PathBuf,
        /// The key and the chain that clients are shown, in one PEM.
        certificate: PathBuf,
    },
    /// By whoever starts it, and by nobody else again.
    Given(Box<Given>),
}

/// What is given to it.
#[derive(Clone, Debug)]
pub struct Given {
    /// Members and users.
    pub book: Book,
    /// What clients are shown at first.
    pub shown: Domain,
    /// How members are reached and believed.
    pub reaches: Arc<ClientConfig>,
}

impl Told {
    /// What it is before, what it shows, and how it reaches members where the file does not say that.
    fn read(&self) -> Result<(Book, Domain, Option<Arc<ClientConfig>>), Error> {
        match self {
            Self::Files { file, certificate } => Ok((Book::read(file)?, shown(certificate)?, None)),
            Self::Given(given) => Ok((given.book.clone(), given.shown.clone(), Some(Arc::clone(&given.reaches)))),
        }
    }
}

/// A pooler.
pub struct Pooler {
    settings: Settings,
    cluster: Arc<Cluster>,
    certificates: Certificates,
    /// When the certificate ends that is shown, where somebody said so.
    ends: Mutex<Option<DateTime<Utc>>>,
    registry: Registry,
    cancels: Arc<cancel::Cancels>,
    counts: Arc<limits::Counts>,
}

impl Pooler {
    /// One that begins to look after the members. To be called in a runtime.
    ///
    /// # Errors
    /// Where the file or a certificate can't be read.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        let (book, shown, reaches) = settings.told.read()?;
        let certificates = Certificates::new(&[shown]).map_err(Error::Shown)?;
        let cluster = Cluster::of(&book, reaches, settings.ways)?;
        for (member, _) in &cluster.view().members {
            look_after(&cluster, member);
        }
        let counts = Arc::new(limits::Counts::new(settings.limits));
        Ok(Self { settings, cluster, certificates, ends: Mutex::default(), registry: Registry::default(), cancels: Arc::default(), counts })
    }

    /// Knows these members from now on, and has them in the file.
    ///
    /// # Errors
    /// Where they are of an older term, or can't be.
    pub fn take(&self, told: &Members) -> Result<(), Refused> {
        self.cluster.take(told)?.iter().for_each(|member| look_after(&self.cluster, member));
        let Told::Files { file, .. } = &self.settings.told else { return Ok(()) };
        if let Err(error) = Book::rewrite(file, told) {
            tracing::error!("the members are known, but not in the file: {}", crate::causes::in_one_line(&error));
        }
        Ok(())
    }

    /// Shows this certificate from now on, which ends then. Sessions go on.
    ///
    /// # Errors
    /// Where it is none; then the old one stays.
    pub fn shows(&self, domain: Domain, ends: DateTime<Utc>) -> Result<(), Error> {
        self.certificates.replace(&[domain]).map_err(Error::Shown)?;
        *self.ends.lock().unwrap_or_else(PoisonError::into_inner) = Some(ends);
        Ok(())
    }

    fn certificate_ends(&self) -> Option<DateTime<Utc>> {
        *self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the file and the certificate again, where it has some.
    ///
    /// # Errors
    /// Where one can't be read, or the file is of an older term; what could be read before counts then.
    pub fn reload(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let Told::Files { .. } = self.settings.told else { return Ok(()) };
        let (book, shown, _) = self.settings.told.read()?;
        self.certificates.replace(&[shown])?;
        let members = Members { term: book.term, members: book.members.clone() };
        self.cluster.take(&members)?.iter().for_each(|member| look_after(&self.cluster, member));
        self.cluster.admit(&book)?;
        Ok(())
    }

    /// Ends what looks after the members.
    fn leave(&self) {
        for (member, _) in &self.cluster.view().members {
            member.gone.cancel();
            member.cut_all();
        }
    }
}

/// Serves clients until `shutdown`. Then nobody is let in, idle sessions are told and end, and those in a transaction have the settings' grace.
pub async fn serve(listener: TcpListener, pooler: Arc<Pooler>, shutdown: CancellationToken) {
    let (counts, grace) = (Arc::clone(&pooler.counts), pooler.settings.grace);
    let attend = {
        let pooler = Arc::clone(&pooler);
        move |stream, peer, drain, crowded| door::attend(Arc::clone(&pooler), stream, peer, drain, crowded)
    };
    let_in(listener, counts, grace, shutdown, attend).await;
    pooler.leave();
}

fn look_after(cluster: &Arc<Cluster>, member: &Arc<Member>) {
    tokio::spawn(watch::watch(Arc::clone(cluster), Arc::clone(member)));
}

fn shown(path: &Path) -> Result<Domain, Error> {
    let pem = fs::read_to_string(path).map_err(|source| Error::File { doing: "read", path: path.to_owned(), source })?;
    Ok(Domain { name: "the pooler".to_owned(), pem: Secret::new(pem) })
}
