//! Databases that only read what another one has: their files and what follows them come from the shelf, a standby reads that, and nothing is ever put away.
//!
//! 1. What lies here of one is never marked whole: it is no database by itself, and whoever finds it removes it.
//! 2. While its server runs, whatever the other one's log has by now is laid before it, once a second.
//! 3. Where that leads on no longer, it begins anew with the files that there are by then: as soon as no session is in a transaction, else after half a minute.
//! 4. When it falls asleep all of it goes, and its lease is given back.

use std::{
    path::Path,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use futures::future::BoxFuture;
use nix::unistd::Pid;
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval, sleep},
};
use uuid::Uuid;

use super::{
    Error, Follow, Tier,
    control::{self, Limits},
    database::Database,
    engine,
    home::Place,
    instance::Instance,
    keeper::Keeper,
    rest, roles, wake,
};
use crate::causes::in_one_line;

/// How often it is looked what has come.
const LOOK: Duration = Duration::from_secs(1);
/// How long transactions may go on where other files have come, and how often it is looked whether they do.
const GRACE: Duration = Duration::from_secs(30);
const AGAIN: Duration = Duration::from_millis(250);
/// How long it is waited for what a standby has to replay, before sessions see less than that.
const CATCHING_UP: Duration = Duration::from_secs(60);

/// Whoever lays the log of another database before a standby.
pub(super) struct Follower(JoinHandle<()>);

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a follower looks at.
struct Standby {
    keeper: Weak<Keeper>,
    database: Weak<Database>,
    /// The server's first process.
    server: Pid,
    /// With room for how much it was started.
    limits: Limits,
}

impl Keeper {
    /// Brings what the other one has and starts a standby on it, whatever lies here. Where that fails nothing of it is here, nor taken.
    pub(super) fn begin_replica<'a>(self: &'a Arc<Self>, database: &'a Arc<Database>, of: Uuid) -> BoxFuture<'a, Result<Instance, Error>> {
        Box::pin(async move {
            let begun = self.raised(database, &of.to_string()).await;
            if begun.is_err()
                && let Err(error) = self.retire(database).await
            {
                tracing::warn!(database = database.id(), error = in_one_line(&error), "what is left of a replica could not be removed");
            }
            begun
        })
    }

    async fn raised(self: &Arc<Self>, database: &Arc<Database>, of: &str) -> Result<Instance, Error> {
        let place = &database.place;
        let log = self.followed(place, of).await?;
        database.is_now(Tier::Stopped);
        engine::fits(database.terms().engine, place)?;
        let (mut instance, limits) = self.standby(place).await?;
        let (keeper, database, server) = (Arc::downgrade(self), Arc::downgrade(database), instance.pid());
        instance.follower = Some(Follower(self.runtime.spawn(Standby { keeper, database, server, limits }.follow(log))));
        Ok(instance)
    }

    /// Starts it and waits until it has replayed what was there. What it replays may ask for more room than the files did, and then it starts again with that.
    async fn standby(&self, place: &Place) -> Result<(Instance, Limits), Error> {
        loop {
            let limits = control::limits(&place.data()).map_err(Error::folder("read the control file in", place.data()))?;
            let started = self.caught_up(place, limits).await;
            if has_room(&place.data(), limits) {
                return Ok((started?, limits));
            }
            tracing::info!(database = place.id, "the log it reads asks for more room than its files did: it starts again with that");
            if let Ok(instance) = started {
                drop(instance.stop().await);
            }
        }
    }

    async fn caught_up(&self, place: &Place, limits: Limits) -> Result<Instance, Error> {
        let instance = Instance::start(place, &self.manner, None, self.room().await?).await?;
        // it takes connections before it has replayed what was there when it was called
        let caught_up = roles::catch_up(&place.id, &place.sockets, CATCHING_UP, || has_room(&place.data(), limits)).await;
        if let Err(error) = caught_up {
            drop(instance.stop().await);
            return Err(error);
        }
        Ok(instance)
    }

    /// Brings the files, into a folder that is made for them.
    async fn followed(&self, place: &Place, of: &str) -> Result<Box<dyn Follow>, Error> {
        let Some(shelf) = &self.shelf else { return Err(Error::Unknown(place.id.clone())) };
        if place.is_whole() {
            // it was a database of its own, and that is nothing to be thrown away
            self.home.set_aside(place)?;
        }
        self.home.remove(place).await?;
        let (owner, spare) = (self.home.make(place)?, self.claim());
        let followed = shelf.follow(&place.id, of, &place.data(), spare.as_ref().map(|spare| &*spare.path)).await;
        if let Some(spare) = spare {
            self.unclaim(spare);
        }
        self.lay_in_a_spare();
        let log = followed.map_err(|source| Error::Shelf { id: place.id.clone(), source })?;
        let log = log.ok_or_else(|| Error::Unknown(place.id.clone()))?;
        wake::given(place, owner).await.map(|()| log)
    }

    /// Removes what lies here of a replica whose server has stopped, and lets another node have it. Doing it twice is doing it once.
    pub(super) async fn retire(&self, database: &Database) -> Result<(), Error> {
        self.home.remove(&database.place).await?;
        database.is_now(Tier::Away);
        let Some(shelf) = &self.shelf else { return Ok(()) };
        shelf.let_go(database.id()).await.map_err(|source| Error::Shelf { id: database.id().to_owned(), source })
    }

    /// Begins it anew, where this server still runs.
    async fn renew(self: Arc<Self>, database: Arc<Database>, server: Pid) {
        let until = Instant::now() + GRACE;
        while Instant::now() < until && roles::has_transactions(database.id(), &database.place.sockets).await.unwrap_or_default() {
            sleep(AGAIN).await;
        }
        let mut state = database.state.lock().await;
        if self.closing.is_cancelled() || state.instance.as_ref().is_none_or(|instance| instance.pid() != server) {
            return;
        }
        tracing::info!(database = database.id(), "there are other files than its log leads to: it begins anew with those");
        if let Err(error) = rest::lay_down(&database, &mut state).await {
            tracing::debug!(database = database.id(), error = in_one_line(&error), "it is removed all the same");
        }
        // whoever knocks next has it begin
        let renewed = if database.used().sessions == 0 { self.retire(&database).await } else { self.up(&database, &mut state).await };
        if let Err(error) = renewed {
            tracing::warn!(database = database.id(), error = in_one_line(&error), "it does not begin anew; the next call tries again");
        }
    }
}

impl Standby {
    async fn follow(self, mut log: Box<dyn Follow>) {
        let (mut looks, mut said) = (interval(LOOK), String::new());
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let Some(database) = self.database.upgrade() else { return };
            let failed = match log.look().await {
                Ok(true) if has_room(&database.place.data(), self.limits) => None,
                Ok(_) => break,
                Err(error) => Some(in_one_line(&error)),
            };
            if let Some(error) = failed.iter().find(|error| **error != said) {
                tracing::warn!(database = database.id(), error, "what the other one has written could not be read; it is tried again");
            }
            said = failed.unwrap_or_default();
        }
        if let (Some(keeper), Some(database)) = (self.keeper.upgrade(), self.database.upgrade()) {
            let runtime = keeper.runtime.clone();
            runtime.spawn(keeper.renew(database, self.server));
        }
    }
}

/// Whether a standby that was started with this room has as much as the other one by now: with less it reads no further.
fn has_room(data: &Path, has: Limits) -> bool {
    control::limits(data).is_ok_and(|wanted| wanted.iter().zip(has).all(|(wanted, has)| *wanted <= has))
}
