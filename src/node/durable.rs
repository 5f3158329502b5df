//! How a server comes up on files that are here: at once, or, where its commits are to outlive this node, with all that is in the files stored first
//! and a log of all that follows.
//!
//! A log always begins at the checkpoint at which the stored files were stopped, and is of one server on one timeline. So what has to be recovered
//! recovers, stops and is stored before anybody is let in: that costs one more start, and no log ever has to be followed across timelines.

use tokio::sync::OwnedSemaphorePermit;

use super::{
    Durability, Error, control,
    database::Database,
    home::Place,
    instance::Instance,
    keeper::Keeper,
    rest::Became,
    wal::{Begin, Receiver},
};

impl Keeper {
    /// Starts the server on files that are here. All that it takes for its durability is done when it takes connections.
    pub(super) async fn launch(&self, database: &Database) -> Result<Instance, Error> {
        let (place, durability) = (&database.place, database.terms().durability);
        let every = match durability {
            Durability::Pause => return Instance::start(place, &self.manner, None, self.room().await?).await,
            Durability::Interval(every) => Some(every),
            Durability::Sync => None,
        };
        if !is_at_rest(place)? {
            self.recover(place, self.room().await?).await?;
        }
        let log = self.log(place).await?;
        let from = control::checkpoint(&place.data()).map_err(Error::folder("read the control file in", place.data()))?;
        let begin = Begin { name: Receiver::name(), every, from };
        let mut instance = Instance::start(place, &self.manner, Some(&begin), self.room().await?).await?;
        match Receiver::open(place, begin, log).await {
            Ok(receiver) => {
                instance.receiver = Some(receiver);
                Ok(instance)
            }
            Err(error) => {
                drop(instance.stop().await);
                Err(error)
            }
        }
    }

    /// Has a server recover, and stop as it should.
    pub(super) async fn recover(&self, place: &Place, room: OwnedSemaphorePermit) -> Result<(), Error> {
        Instance::start(place, &self.manner, None, room).await?.stop().await
    }

    async fn log(&self, place: &Place) -> Result<Box<dyn super::Log>, Error> {
        let none = || Error::NoLog(place.id.clone());
        let shelf = self.shelf.as_ref().ok_or_else(none)?;
        let log = shelf.log(&place.id, &place.data()).await;
        log.map_err(|source| Error::Shelf { id: place.id.clone(), source })?.ok_or_else(none)
    }

    /// Stores a stopped database's files, which stay here: so that its log ends, and the next start need not wait for that.
    pub(super) async fn save(&self, database: &Database, knocks: u64) -> Result<Became, Error> {
        let (Some(shelf), true) = (&self.shelf, database.place.is_whole()) else { return Ok(Became::Done) };
        self.clean(&database.place).await?;
        let data = database.place.data();
        tokio::select! {
            saved = shelf.save(database.id(), &data) => saved.map_err(|source| Error::Shelf { id: database.id().to_owned(), source })?,
            () = database.knocked_since(knocks) => return Ok(Became::Woken),
        }
        Ok(Became::Done)
    }
}

/// Whether its files are those of a server that has stopped as it should, with nothing left to be read.
pub(super) fn is_at_rest(place: &Place) -> Result<bool, Error> {
    let data = place.data();
    let stopped = control::is_stopped_cleanly(&data).map_err(Error::folder("read the control file in", &data))?;
    // one that was killed in the moment between its last checkpoint and its end left this file, and a start clears it away
    let was_killed = data.join("postmaster.pid").exists();
    Ok(stopped && !was_killed && !control::is_to_recover(&data))
}
