//! Threads that carry sessions: each keeps those that fell to it, so that a word on its way from a client to a database and back changes no thread.

use std::{
    io,
    sync::Arc,
    thread::{self, available_parallelism},
};

use futures::future::BoxFuture;
use tokio::{
    runtime::{Builder, Handle},
    task::JoinSet,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Awake, Backends, Unavailable, backends::Shut};

/// Half as many as the machine has processors: the others are the databases'. More of them wake each other up more often than they carry.
pub(super) struct Lanes(Vec<Lane>);

struct Lane {
    handle: Handle,
    /// Held by each session that it carries.
    carried: Arc<()>,
    /// With it the thread ends.
    _end: DropGuard,
}

/// Says to its lane, for as long as it is there, that there is one more.
pub(super) struct Carried(#[expect(dead_code, reason = "it is counted")] Arc<()>);

impl Lanes {
    /// Fewer, or none, where the system has no more threads.
    pub(super) fn open() -> Self {
        let lanes = available_parallelism().map_or(1, |processors| processors.get().div_ceil(2));
        let opened = |number| Lane::open(number).inspect_err(|error| tracing::warn!("no further thread for sessions: {error}"));
        Self((0..lanes).map_while(|number| opened(number).ok()).collect())
    }

    /// Where the fewest sessions are.
    pub(super) fn emptiest(&self) -> (Handle, Option<Carried>) {
        match self.0.iter().min_by_key(|lane| Arc::strong_count(&lane.carried)) {
            Some(lane) => (lane.handle.clone(), Some(Carried(Arc::clone(&lane.carried)))),
            None => (Handle::current(), None),
        }
    }
}

impl Lane {
    fn open(number: usize) -> io::Result<Self> {
        let (runtime, end) = (Builder::new_current_thread().enable_all().build()?, CancellationToken::new());
        let (handle, ended) = (runtime.handle().clone(), end.clone());
        thread::Builder::new().name(format!("lane-{number}")).spawn(move || runtime.block_on(ended.cancelled()))?;
        Ok(Self { handle, carried: Arc::default(), _end: end.drop_guard() })
    }
}

/// Databases that are reached from lanes: what goes on for longer than a session, or takes its time, stays with the runtime that they are of.
pub(super) struct AtHome {
    backends: Arc<dyn Backends>,
    home: Handle,
}

impl AtHome {
    /// To be called in that runtime.
    pub(super) fn new(backends: Arc<dyn Backends>) -> Self {
        Self { backends, home: Handle::current() }
    }

    /// Given up when its caller gives it up.
    async fn asked<T: Send + 'static>(
        &self,
        asked: impl Future<Output = Result<T, Unavailable>> + Send + 'static,
    ) -> Result<T, Unavailable> {
        let mut asking = JoinSet::new();
        asking.spawn_on(asked, &self.home);
        let broken = |source| Unavailable::ForNow { doing: "asking for the database", source };
        asking.join_next().await.ok_or_else(|| broken("nothing was asked".into()))?.map_err(|error| broken(error.into()))?
    }
}

impl Backends for AtHome {
    fn verifier(&self, database: &str, user: &str) -> BoxFuture<'_, Result<Option<String>, Unavailable>> {
        let (backends, database, user) = (Arc::clone(&self.backends), database.to_owned(), user.to_owned());
        Box::pin(self.asked(async move { backends.verifier(&database, &user).await }))
    }

    fn wake(&self, database: &str) -> BoxFuture<'_, Result<Awake, Unavailable>> {
        let (backends, database) = (Arc::clone(&self.backends), database.to_owned());
        Box::pin(self.asked(async move { backends.wake(&database).await }))
    }

    fn told(&self, text: &[u8]) -> Option<String> {
        self.backends.told(text)
    }

    fn leave_out(&self, address: &str, database: &str, why: Shut) -> bool {
        self.backends.leave_out(address, database, why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_spread_and_stay_on_the_thread_that_they_began_on() {
        let lanes = Lanes::open();
        let ((one, first), (other, second)) = (lanes.emptiest(), lanes.emptiest());
        assert!(first.is_some() && second.is_some());
        assert_eq!(one.id() != other.id(), lanes.0.len() > 1);
        let threads = async {
            let before = thread::current().id();
            tokio::task::yield_now().await;
            (before, thread::current().id())
        };
        let (sent, said) = std::sync::mpsc::channel();
        one.spawn(async move { sent.send(threads.await) });
        let (before, after) = said.recv_timeout(std::time::Duration::from_secs(20)).expect("an answer");
        assert_eq!(before, after);
        assert_ne!(before, thread::current().id());
        drop((first, second));
        assert!(lanes.0.iter().all(|lane| Arc::strong_count(&lane.carried) == 1));
    }
}
