//! How a database begins, as a copy of the template with a first role of its own; and how it ends.

use super::{Durability, Error, First, Tier, database::Database, engine, instance::Instance, keeper::Keeper, rest};

impl Keeper {
    /// Makes it, and leaves it awake. What was half made is removed.
    pub(super) async fn create(&self, database: &Database, first: &First) -> Result<(), Error> {
        let mut state = database.state.lock().await;
        if self.closing.is_cancelled() {
            return Err(Error::Closing);
        }
        if database.place.is_whole() {
            return Err(Error::Exists(database.id().to_owned()));
        }
        match self.make(database, first).await {
            Ok(instance) => {
                state.instance = Some(instance);
                database.is_now(Tier::Awake);
                Ok(())
            }
            Err(error) => {
                self.home.remove(&database.place).await?;
                Err(error)
            }
        }
    }

    async fn make(&self, database: &Database, first: &First) -> Result<Instance, Error> {
        let place = &database.place;
        self.take(place).await?;
        let room = self.room().await?;
        let engine = database.terms().engine;
        self.begin_as(engine, place).await?;
        let instance = Instance::start(place, &self.manner, None, room).await?;
        let made = engine::first(engine, place, first).await.and_then(|()| place.mark_whole());
        if let Err(error) = made {
            // what it was is removed
            drop(instance.stop().await);
            return Err(error);
        }
        if database.terms().durability == Durability::Pause {
            return Ok(instance);
        }
        // what a log follows is files that a server has stopped on
        instance.stop().await?;
        self.launch(database).await
    }

    /// Ends it and all that it has on this disk, whoever uses it.
    pub(super) async fn delete(&self, database: &Database) -> Result<(), Error> {
        let mut state = database.state.lock().await;
        if let Err(error) = rest::lay_down(database, &mut state).await {
            tracing::debug!(database = database.id(), %error, "it is removed all the same");
        }
        self.home.remove(&database.place).await?;
        database.is_now(Tier::Away);
        Ok(())
    }
}
