//! A running server of one database: frozen, woken, stopped. Nothing here asks why.

use std::{fs, io::ErrorKind, path::PathBuf, time::Duration};

use nix::{sys::signal::Signal, unistd::Pid};
use tokio::{process::Child, sync::OwnedSemaphorePermit, time::timeout};

use super::{
    Error, copy, engine,
    home::Place,
    replica::Follower,
    start::{self, Manner},
    tree,
    wal::{Begin, Receiver},
};

/// How long the kernel may take to end what was killed.
const KILLED: Duration = Duration::from_secs(5);

/// A running server.
pub(super) struct Instance {
    id: String,
    data: PathBuf,
    sockets: PathBuf,
    child: Child,
    pid: Pid,
    /// How long it may take to write down what it has and to stop.
    patience: Duration,
    /// Its processes, while they are stopped where they were.
    frozen: Vec<Pid>,
    /// Where its commits are to outlive this node: whoever carries its log.
    pub(super) receiver: Option<Receiver>,
    /// Where it only reads what another one has: whoever lays that before it.
    pub(super) follower: Option<Follower>,
    /// It is one of those that may run at once.
    _room: OwnedSemaphorePermit,
}

impl Instance {
    /// Starts the server on a database's files. It takes connections when this returns.
    pub(super) async fn start(place: &Place, manner: &Manner, log: Option<&Begin>, room: OwnedSemaphorePermit) -> Result<Self, Error> {
        let child = start::start(place, manner, log).await?;
        let pid = start::pid(&child).ok_or_else(|| Error::Start {
            id: place.id.clone(),
            said: "it ended as soon as it was ready".to_owned(),
            log: place.log(),
        })?;
        let (id, data, sockets, patience) = (place.id.clone(), place.data(), place.sockets.clone(), engine::patience(place.engine()).stop);
        Ok(Self { id, data, sockets, child, pid, patience, frozen: vec![], receiver: None, follower: None, _room: room })
    }

    /// Its first process.
    pub(super) fn pid(&self) -> Pid {
        self.pid
    }

    /// Whether its first process is there.
    pub(super) fn is_alive(&mut self) -> bool {
        // one that is ending has left its folder a moment before it can be waited for
        let has_left = || fs::read_link(format!("/proc/{}/cwd", self.pid)).is_err_and(|error| error.kind() == ErrorKind::NotFound);
        matches!(self.child.try_wait(), Ok(None)) && !has_left()
    }

    /// Whether its processes are stopped where they were.
    pub(super) fn is_frozen(&self) -> bool {
        !self.frozen.is_empty()
    }

    /// Stops all its processes where they are. Doing it twice is doing it once.
    ///
    /// # Errors
    /// When that can't be done; then it goes on as before.
    pub(super) async fn freeze(&mut self) -> Result<(), Error> {
        if self.is_frozen() {
            return Ok(());
        }
        let done = tree::freeze(self.pid, &self.data, &mut self.frozen).await;
        done.map_err(|source| {
            self.thaw();
            Error::Signal { doing: "freeze", id: self.id.clone(), source }
        })
    }

    /// Lets them go on.
    pub(super) fn thaw(&mut self) {
        tree::thaw(&self.frozen);
        self.frozen.clear();
    }

    /// Ends all sessions, has the server write down what it has, and waits until it is gone.
    ///
    /// # Errors
    /// [`Error::Killed`] where it had to be: its files are whole, but need a recovery.
    pub(super) async fn stop(mut self) -> Result<(), Error> {
        let was_alive = self.is_alive();
        drop(self.follower.take());
        self.ask_to_stop();
        let stopped = timeout(self.patience, self.child.wait()).await;
        // a process that COPY started may outlive it
        tree::kill_all(&self.data, KILLED).await;
        if let Some(receiver) = self.receiver.take() {
            receiver.close().await;
        }
        drop(self.child.wait().await);
        drop(copy::remove(&self.sockets));
        let cleanly = was_alive && matches!(stopped, Ok(Ok(ended)) if ended.success());
        if cleanly { Ok(()) } else { Err(Error::Killed(self.id.clone())) }
    }

    fn ask_to_stop(&mut self) {
        if self.is_alive() {
            tree::send(self.pid, Signal::SIGINT);
        }
        self.thaw();
    }
}

impl Drop for Instance {
    /// One that nobody has stopped is asked to, so that none outlives a node that ends by itself.
    fn drop(&mut self) {
        self.ask_to_stop();
    }
}
