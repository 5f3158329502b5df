//! How many connections to a server this process may have at a time: whoever wants some waits for their turn.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// The room on each server, by its address. A clone is the same one.
#[derive(Clone, Debug)]
pub(super) struct Rooms(Arc<Mutex<All>>);

#[derive(Debug)]
struct All {
    limit: u32,
    rooms: HashMap<String, Arc<Room>>,
}

#[derive(Debug)]
struct Room {
    /// In the order in which they ask: who wants much is not passed over by those who want little.
    free: Arc<Semaphore>,
    counts: Mutex<Counts>,
    /// How many wait: whoever keeps connections only to have them warm lets go of them then.
    waiting: watch::Sender<usize>,
}

#[derive(Debug)]
struct Counts {
    limit: u32,
    taken: u32,
    most: u32,
}

/// Room for some connections, given back when dropped.
#[derive(Debug)]
pub(super) struct Seats {
    room: Arc<Room>,
    count: u32,
    _permit: Option<OwnedSemaphorePermit>,
}

/// For who has not been told how much room there is.
const LIMIT: u32 = 60;

impl Default for Rooms {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(All { limit: LIMIT, rooms: HashMap::new() })))
    }
}

impl Rooms {
    /// From now on, on each server; less than there was as soon as that is given back.
    pub(super) fn limit(&self, connections: u32) {
        let mut all = self.all();
        all.limit = connections;
        all.rooms.values().for_each(|room| room.resize(connections));
    }

    /// Room for that many (for all, where there is less), when it is one's turn.
    pub(super) async fn seats(&self, server: &str, count: u32) -> Seats {
        let room = self.all().room(server);
        room.seats(count).await
    }

    /// The most that was ever taken on a server at once.
    pub(super) fn most(&self) -> u32 {
        self.all().rooms.values().map(|room| room.counts().most).max().unwrap_or_default()
    }

    fn all(&self) -> std::sync::MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl All {
    fn room(&mut self, server: &str) -> Arc<Room> {
        let made = || {
            let counts = Mutex::new(Counts { limit: self.limit, taken: 0, most: 0 });
            Arc::new(Room { free: Arc::new(Semaphore::new(self.limit as usize)), counts, waiting: watch::Sender::new(0) })
        };
        self.rooms.entry(server.to_owned()).or_insert_with(made).clone()
    }
}

impl Room {
    fn counts(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn resize(self: &Arc<Self>, limit: u32) {
        let before = std::mem::replace(&mut self.counts().limit, limit);
        self.free.add_permits(limit.saturating_sub(before) as usize);
        let less = before.saturating_sub(limit);
        if less > 0 {
            let room = self.clone();
            tokio::spawn(async move {
                if let Some(permit) = room.wait(less).await {
                    permit.forget();
                }
            });
        }
    }

    async fn seats(self: Arc<Self>, count: u32) -> Seats {
        let count = count.min(self.counts().limit).max(1);
        let permit = self.wait(count).await;
        let mut counts = self.counts();
        counts.taken += count;
        counts.most = counts.most.max(counts.taken);
        drop(counts);
        Seats { room: self, count, _permit: permit }
    }

    async fn wait(self: &Arc<Self>, count: u32) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = self.free.clone().try_acquire_many_owned(count) {
            return Some(permit);
        }
        let _waits = Waits::new(self);
        self.free.clone().acquire_many_owned(count).await.ok()
    }
}

/// Counts who waits.
struct Waits<'a>(&'a Room);

impl<'a> Waits<'a> {
    fn new(room: &'a Room) -> Self {
        room.waiting.send_modify(|waiting| *waiting += 1);
        Self(room)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.waiting.send_modify(|waiting| *waiting -= 1);
    }
}

impl Seats {
    /// How many.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// Ends when somebody else waits for room.
    pub(super) fn wanted(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut waiting = self.room.waiting.subscribe();
        // where the other end is gone nobody is there who could want anything
        async move { drop(waiting.wait_for(|waiting| *waiting > 0).await) }
    }
}

impl Drop for Seats {
    fn drop(&mut self) {
        self.room.counts().taken -= self.count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later(rooms: &Rooms, count: u32) -> tokio::task::JoinHandle<Seats> {
        let rooms = rooms.clone();
        tokio::spawn(async move { rooms.seats("a", count).await })
    }

    #[tokio::test]
    async fn whoever_wants_more_than_there_is_waits_until_somebody_lets_go() {
        let rooms = Rooms::default();
        rooms.limit(5);
        let warm = rooms.seats("a", 4).await;
        let other_server = rooms.seats("b", 4).await;
        let waiting = later(&rooms, 3);
        warm.wanted().await;
        assert!(!waiting.is_finished());
        drop(warm);
        drop(waiting.await.unwrap());
        drop(other_server);
        assert_eq!(rooms.most(), 4);
    }

    #[tokio::test]
    async fn who_wants_little_does_not_pass_over_who_wants_much() {
        let rooms = Rooms::default();
        rooms.limit(4);
        let (one, other) = (rooms.seats("a", 2).await, rooms.seats("a", 2).await);
        let much = later(&rooms, 4);
        one.wanted().await;
        let little = later(&rooms, 1);
        drop(one);
        tokio::task::yield_now().await;
        assert!(!little.is_finished());
        drop(other);
        drop(much.await.unwrap());
        drop(little.await.unwrap());
    }

    #[tokio::test]
    async fn one_alone_gets_what_there_is_however_little() {
        let rooms = Rooms::default();
        rooms.limit(1);
        drop(rooms.seats("a", 4).await);
    }
}
