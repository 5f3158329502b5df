//! The sessions that one user has with one member: those that wait for somebody, and how many there are at all.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use super::server::{Bucket, Server};

/// How long one waits for somebody before it ends.
const IDLE: Duration = Duration::from_secs(600);

/// Where they wait.
pub(super) struct Shelf {
    inner: Mutex<Inner>,
    free: Notify,
    most: usize,
}

#[derive(Default)]
struct Inner {
    open: usize,
    idle: Vec<Idle>,
    waiting: usize,
}

struct Idle {
    server: Server,
    since: Instant,
    /// Whose thread hears first when it says something.
    lane: ThreadId,
}

/// What somebody gets.
pub(super) enum Taken {
    /// A session that is ready.
    Server(Box<Server>),
    /// Room for a new one.
    Room(Room),
}

/// Room for one session, for as long as this is there.
pub(super) struct Room(Arc<Shelf>);

/// How many sessions there are: at all, those that wait for somebody, and those who wait for one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted {
    pub(super) open: usize,
    pub(super) idle: usize,
    pub(super) waiting: usize,
}

impl Shelf {
    pub(super) fn of(most: usize) -> Arc<Self> {
        Arc::new(Self { inner: Mutex::default(), free: Notify::new(), most })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A session for whoever has these parameters, or room for one; as soon as there is either.
    pub(super) async fn take(self: &Arc<Self>, bucket: &Arc<Bucket>) -> Taken {
        if let Some(taken) = self.try_take(bucket) {
            return taken;
        }
        self.inner().waiting += 1;
        let _waiting = Waiting(self);
        loop {
            self.free.notified().await;
            if let Some(taken) = self.try_take(bucket) {
                return taken;
            }
        }
    }

    fn try_take(self: &Arc<Self>, bucket: &Arc<Bucket>) -> Option<Taken> {
        let (mut inner, lane) = (self.inner(), thread::current().id());
        let fits = |idle: &Idle| Arc::ptr_eq(&idle.server.bucket, bucket);
        let near = inner.idle.iter().rposition(|idle| fits(idle) && idle.lane == lane);
        let found = near.or_else(|| inner.idle.iter().rposition(fits)).map(|at| inner.idle.swap_remove(at).server);
        if let Some(server) = found {
            return Some(Taken::Server(Box::new(server)));
        }
        if inner.open < self.most {
            inner.open += 1;
            return Some(Taken::Room(Room(Arc::clone(self))));
        }
        // one that has waited for others' parameters makes room
        let other = (!inner.idle.is_empty()).then(|| inner.idle.swap_remove(0));
        let taken = other.is_some().then(|| inner.open += 1).map(|()| Taken::Room(Room(Arc::clone(self))));
        drop(inner);
        // its own room is given back only now, for that locks as well
        drop(other);
        taken
    }

    /// Puts one back.
    pub(super) fn put(&self, server: Server) {
        let idle = Idle { server, since: Instant::now(), lane: thread::current().id() };
        self.inner().idle.push(idle);
        self.free.notify_one();
    }

    /// Ends all that wait for somebody, or only those that have waited for long.
    pub(super) fn sweep(&self, all: bool) {
        let mut inner = self.inner();
        let (kept, ended) = std::mem::take(&mut inner.idle).into_iter().partition(|idle| !all && idle.since.elapsed() < IDLE);
        inner.idle = kept;
        drop(inner);
        drop::<Vec<_>>(ended);
    }

    pub(super) fn counted(&self) -> Counted {
        let inner = self.inner();
        Counted { open: inner.open, idle: inner.idle.len(), waiting: inner.waiting }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.0.inner().open -= 1;
        self.0.free.notify_one();
    }
}

struct Waiting<'a>(&'a Shelf);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.inner().waiting -= 1;
    }
}

/// The shelves of one member, by its users.
#[derive(Default)]
pub(super) struct Shelves(Mutex<HashMap<String, Arc<Shelf>>>);

impl Shelves {
    /// The one of this user.
    pub(super) fn of(&self, user: &str, most: usize) -> Arc<Shelf> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shelf) = all.get(user) {
            return Arc::clone(shelf);
        }
        Arc::clone(all.entry(user.to_owned()).or_insert_with(|| Shelf::of(most)))
    }

    pub(super) fn sweep(&self, all: bool) {
        let shelves: Vec<_> = self.0.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        shelves.iter().for_each(|shelf| shelf.sweep(all));
    }

    /// All users together.
    pub(super) fn counted(&self) -> Counted {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().map(|shelf| shelf.counted()).fold(Counted::default(), |one, other| Counted {
            open: one.open + other.open,
            idle: one.idle + other.idle,
            waiting: one.waiting + other.waiting,
        })
    }
}
