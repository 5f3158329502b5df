//! The way down: after its last session a database is frozen, stopped and put on the shelf, each when it is time and as long as nobody knocks.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time::sleep_until;

use super::{
    Durability, Error, Tier,
    database::{Database, State},
    durable::is_at_rest,
    engine,
    home::Place,
    keeper::Keeper,
};
use crate::causes::in_one_line;

/// How long at least before what failed is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// One step of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Freeze,
    Stop,
    /// Its files are put on the shelf, and stay here too: they may be needed here again, or elsewhere.
    HandOver,
    Evict,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Became {
    Done,
    /// Prepared transactions wait for somebody to come back and end them, or another version is on its way.
    Held,
    /// Somebody has knocked.
    Woken,
}

/// Goes the whole way, unless somebody knocks. May be on its way twice: each step is content when it has been done.
pub(super) async fn descend(keeper: Arc<Keeper>, database: Arc<Database>, knocks: u64) {
    if database.tier() == Tier::Away && keeper.leave(&database, knocks).await {
        return;
    }
    let idle = database.terms().idle;
    for (after, step) in [(idle.freeze, Step::Freeze), (idle.stop, Step::Stop), (idle.evict, Step::Evict)] {
        let Some(after) = after else { continue };
        if !keeper.when_due(&database, knocks, after, step).await {
            return;
        }
    }
    keeper.forget(&database);
}

impl Keeper {
    /// Lets go of a database that has no files here: there is none, or all of it is on the shelf, or it could not be brought or made. False where it is here
    /// after all, for whoever had it woken did not wait for that.
    async fn leave(&self, database: &Database, knocks: u64) -> bool {
        let state = database.state.lock().await;
        if database.tier() != Tier::Away {
            return false;
        }
        if !state.forgotten && database.is_quiet_since(knocks) {
            self.let_go(&database.place).await;
        }
        drop(state);
        self.forget(database);
        true
    }

    /// Lets another node have a database, unless its files are here.
    pub(super) async fn let_go(&self, place: &Place) {
        if let (Some(shelf), false) = (&self.shelf, place.is_whole())
            && let Err(error) = shelf.let_go(&place.id).await
        {
            tracing::debug!(database = place.id, error = in_one_line(&error), "its lease ends by itself");
        }
    }

    /// Waits until it is time, and does it; false where somebody knocked before. What can't be done now is tried again.
    async fn when_due(&self, database: &Database, knocks: u64, after: Duration, step: Step) -> bool {
        let mut due = database.used().since + after;
        loop {
            tokio::select! {
                () = sleep_until(due.into()) => {}
                () = database.knocked_since(knocks) => return false,
                () = self.closing.cancelled() => return false,
            }
            // apart, so that those who wait for their time, and they are many, do not take the room that a step does
            match Box::pin(self.step(database, knocks, step)).await {
                Ok(Became::Done) => return true,
                Ok(Became::Woken) => return false,
                Ok(Became::Held) => tracing::debug!(database = database.id(), "prepared transactions or an upload keep it"),
                Err(error) => tracing::warn!(database = database.id(), error = in_one_line(&error), "{step:?} will be tried again"),
            }
            due = Instant::now() + after.max(AGAIN);
        }
    }

    pub(super) async fn step(&self, database: &Database, knocks: u64, step: Step) -> Result<Became, Error> {
        let mut state = database.state.lock().await;
        if state.forgotten || !database.is_quiet_since(knocks) {
            return Ok(Became::Woken);
        }
        let is_replica = database.terms().replica_of.is_some();
        // a prepared transaction is among the files, and can be ended wherever they are
        if step != Step::HandOver && !is_replica && is_held(database, &mut state).await? {
            return Ok(Became::Held);
        }
        // again, for that took a while
        if !database.is_quiet_since(knocks) {
            return Ok(Became::Woken);
        }
        if step == Step::Freeze {
            return freeze(database, &mut state).await;
        }
        lay_down(database, &mut state).await?;
        if is_replica {
            return self.retire(database).await.map(|()| Became::Done);
        }
        if database.place.is_whole() {
            self.turn_over(&database.place).await?;
        }
        match (step, database.terms().durability) {
            (Step::Evict | Step::HandOver, _) => self.put_away(database, knocks, step).await,
            (_, Durability::Pause) => Ok(Became::Done),
            _ => self.save(database, knocks).await,
        }
    }

    /// Puts a stopped database's files on the shelf, and removes them here where they are not to stay. Somebody who knocks does not wait for that.
    async fn put_away(&self, database: &Database, knocks: u64, step: Step) -> Result<Became, Error> {
        let (Some(shelf), true) = (&self.shelf, database.place.is_whole()) else {
            self.let_go(&database.place).await;
            return Ok(Became::Done);
        };
        // another version is on its way to this disk
        let Ok(_staying) = database.accepting.try_lock() else { return Ok(Became::Held) };
        self.clean(&database.place).await?;
        self.complete(database).await?;
        let data = database.place.data();
        tokio::select! {
            put = shelf.put(database.id(), &data) => put.map_err(|source| Error::Shelf { id: database.id().to_owned(), source })?,
            () = database.knocked_since(knocks) => return Ok(Became::Woken),
        }
        if !database.is_quiet_since(knocks) {
            return Ok(Became::Woken);
        }
        if step == Step::Evict {
            self.home.remove(&database.place).await?;
            database.is_now(Tier::Away);
        }
        Ok(Became::Done)
    }

    /// Has a stopped server that puts its files on the shelf by itself put there all of them: where one is missing, by one more start and stop.
    async fn complete(&self, database: &Database) -> Result<(), Error> {
        let (Some(shelf), place) = (&self.shelf, &database.place) else { return Ok(()) };
        for again in [true, false] {
            let all = shelf.has_all(&place.id, &place.data()).await;
            if all.map_err(|source| Error::Shelf { id: place.id.clone(), source })? {
                return Ok(());
            }
            if again {
                tracing::warn!(database = place.id, "its last checkpoint is not whole in the bucket: it makes another one");
                let room = self.room.clone().try_acquire_owned().map_err(|_| Error::Full(self.running))?;
                self.recover(place, room).await?;
            }
        }
        Err(Error::NotWhole(place.id.clone()))
    }

    /// Has a server that was killed, now or in an earlier life of this node, or whose log was not read yet, recover and stop as it should.
    pub(super) async fn clean(&self, place: &Place) -> Result<(), Error> {
        if is_at_rest(place)? {
            return Ok(());
        }
        let room = self.room.clone().try_acquire_owned().map_err(|_| Error::Full(self.running))?;
        self.recover(place, room).await
    }

    /// The database that runs and was left by everybody the longest ago, but none of those that were tried.
    pub(super) fn longest_idle(&self, tried: &[String]) -> Option<Arc<Database>> {
        let idle = |database: &Arc<Database>| database.used().sessions == 0 && database.tier() >= Tier::Frozen;
        let known = self.known().into_iter().filter(|database| idle(database) && !tried.iter().any(|id| id == database.id()));
        known.min_by_key(|database| database.used().since)
    }
}

/// Whether prepared transactions keep it awake. In a frozen one there are none: it was looked before.
pub(super) async fn is_held(database: &Database, state: &mut State) -> Result<bool, Error> {
    let Some(instance) = &mut state.instance else { return Ok(false) };
    if instance.is_frozen() || !instance.is_alive() {
        return Ok(false);
    }
    engine::has_prepared(&database.place).await
}

async fn freeze(database: &Database, state: &mut State) -> Result<Became, Error> {
    if let Some(instance) = &mut state.instance {
        instance.freeze().await?;
        database.is_now(Tier::Frozen);
    }
    Ok(Became::Done)
}

/// Stops it, whoever uses it. Doing it twice is doing it once.
pub(super) async fn lay_down(database: &Database, state: &mut State) -> Result<(), Error> {
    let Some(instance) = state.instance.take() else { return Ok(()) };
    let stopped = instance.stop().await;
    database.is_now(Tier::Stopped);
    stopped
}
