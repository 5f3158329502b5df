//! How another cluster becomes a database's next version: at once where nobody is there, else as soon as the last session has gone.
//!
//! 1. Where the database runs, its sessions go on on what they have. The new files wait beside it, whole, under the name `next`.
//! 2. Where there is a shelf, they are on it before they wait: a disk that is lost then loses no upload.
//! 3. When nobody is there, the old files are put on the shelf once more, then the new ones take their place and are put again: the
//!    newest version is what was uploaded, and what was written meanwhile is the one before it.
//! 4. Without a shelf the old files stay under the name `before`, until the next upload.

use std::{fs, path::Path};

use super::{
    Error, Side, Tier, copy,
    database::{Database, State},
    engine,
    home::Place,
    keeper::Keeper,
    rest,
};

impl Keeper {
    /// Makes the stopped cluster the next version; false where the database is to be looked for again.
    pub(super) async fn accept(&self, database: &Database, side: &Side) -> Result<bool, Error> {
        // while it is held nothing of the database leaves this disk
        let _accepting = database.accepting.lock().await;
        let mut state = database.state.lock().await;
        if state.forgotten {
            return Ok(false);
        }
        // a log follows the newest version: what has one is stopped before there is another, or is in use
        if state.instance.as_ref().is_some_and(|instance| instance.receiver.is_some()) {
            if database.used().sessions > 0 || rest::is_held(database, &mut state).await? {
                return Err(Error::Used(database.id().to_owned()));
            }
            rest::lay_down(database, &mut state).await?;
        }
        let runs = state.instance.is_some();
        if runs && self.shelf.is_some() {
            // whoever knocks in the meantime is let in
            drop(state);
            self.put_beside(&database.place, &side.data()).await?;
            state = database.state.lock().await;
        } else if !runs && (!self.take(&database.place).await? || !database.place.is_whole()) {
            return self.begin_with(database, side).await.map(|()| true);
        }
        engine::fits(database.place.engine(), &side.place)?;
        lay_beside(&database.place, side).await?;
        if state.instance.is_none() {
            self.turn_over(&database.place).await?;
        }
        Ok(true)
    }

    /// For a database that has no files here: they go on the shelf, or where there is none to where it will run.
    async fn begin_with(&self, database: &Database, side: &Side) -> Result<(), Error> {
        let place = &database.place;
        if let Some(shelf) = &self.shelf {
            self.home.remove(place).await?;
            let put = shelf.put(&place.id, &side.data()).await;
            if put.is_err() {
                self.let_go(place).await;
            }
            return put.map_err(|source| Error::Shelf { id: place.id.clone(), source });
        }
        self.home.make(place)?;
        place.mark_engine(side.place.engine())?;
        lay_beside(place, side).await?;
        turn(place).map_err(Error::folder("put new files into", &place.folder))?;
        place.mark_whole()?;
        database.is_now(Tier::Stopped);
        Ok(())
    }

    /// Has what waits take the place of what is there; content where nothing waits. No server runs.
    pub(super) async fn turn_over(&self, place: &Place) -> Result<(), Error> {
        if !place.has_next() {
            return Ok(());
        }
        if self.shelf.is_some() && place.data().exists() {
            self.clean(place).await?;
            self.put_beside(place, &place.data()).await?;
        }
        turn(place).map_err(Error::folder("put new files into", &place.folder))?;
        if self.shelf.is_some() {
            self.put_beside(place, &place.data()).await?;
            // it is a version by now
            copy::remove(&place.before()).map_err(Error::folder("remove", place.before()))?;
        }
        Ok(())
    }

    /// Whether something waits, and nobody but the one who knocks now would be torn away.
    pub(super) async fn may_turn_over(&self, database: &Database, state: &mut State) -> bool {
        if !database.place.has_next() || database.used().sessions > 1 {
            return false;
        }
        let Some(instance) = &mut state.instance else { return true };
        instance.thaw();
        if !matches!(rest::is_held(database, state).await, Ok(false)) {
            return false;
        }
        if let Err(error) = rest::lay_down(database, state).await {
            tracing::warn!(database = database.id(), error = crate::causes::in_one_line(&error), "it made room for what was uploaded");
        }
        true
    }

    /// Copies the files of a database that nobody uses; what still runs of it is stopped.
    pub(super) async fn copied(&self, database: &Database, side: &Side) -> Result<(), Error> {
        let mut state = database.state.lock().await;
        let place = &database.place;
        if !place.is_whole() {
            return Err(Error::Unknown(place.id.clone()));
        }
        if database.used().sessions > 0 {
            return Err(Error::Used(place.id.clone()));
        }
        rest::lay_down(database, &mut state).await?;
        self.turn_over(place).await?;
        self.clean(place).await?;
        side.place.mark_engine(place.engine())?;
        let (from, to) = (place.data(), side.data());
        copy::off_thread(move || copy::tree(&from, &to, None)).await.map_err(Error::folder("copy", place.data()))
    }

    async fn put_beside(&self, place: &Place, data: &Path) -> Result<(), Error> {
        let Some(shelf) = &self.shelf else { return Ok(()) };
        shelf.put_beside(&place.id, data).await.map_err(|source| Error::Shelf { id: place.id.clone(), source })
    }
}

/// Gives the files to the database's user, has them reach the disk, and lays them under the name `next`. One that waited there has
/// been seen by nobody.
async fn lay_beside(place: &Place, side: &Side) -> Result<(), Error> {
    let (from, to, aside, owner) = (side.data(), place.next(), side.file("aside"), place.owner()?);
    let laid = copy::off_thread(move || {
        copy::settle(&from, owner)?;
        copy::give(&from, owner)?;
        nix::unistd::syncfs(fs::File::open(&from)?)?;
        if to.exists() {
            fs::rename(&to, aside)?;
        }
        fs::rename(from, to)
    });
    laid.await.map_err(Error::folder("put new files beside", &place.folder))
}

/// Ends well whenever it is begun again, wherever it was cut.
fn turn(place: &Place) -> std::io::Result<()> {
    if place.data().exists() {
        copy::remove(&place.before())?;
        fs::rename(place.data(), place.before())?;
    }
    fs::rename(place.next(), place.data())
}
