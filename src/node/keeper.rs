//! What all work of a node shares: the home, the databases that anybody knows of, and the room for those that run.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{runtime::Handle, sync::Semaphore};
use tokio_util::sync::CancellationToken;

use super::{
    Error, Shelf, Tier,
    database::{Database, Idle},
    home::Home,
    start::Manner,
};

/// A node's own things.
pub(super) struct Keeper {
    pub(super) home: Home,
    pub(super) manner: Manner,
    /// What new databases are copied from.
    pub(super) template: PathBuf,
    /// `None`: everything stays on this disk.
    pub(super) shelf: Option<Arc<dyn Shelf>>,
    /// How many may run at once.
    pub(super) running: usize,
    pub(super) room: Arc<Semaphore>,
    /// Nothing is begun any more.
    pub(super) closing: CancellationToken,
    /// Where what follows the last session goes on.
    pub(super) runtime: Handle,
    databases: Mutex<HashMap<String, Arc<Database>>>,
}

impl Keeper {
    pub(super) fn new(home: Home, manner: Manner, template: PathBuf, shelf: Option<Arc<dyn Shelf>>, running: usize) -> Self {
        let (room, closing, runtime) = (Arc::new(Semaphore::new(running)), CancellationToken::new(), Handle::current());
        Self { home, manner, template, shelf, running, room, closing, runtime, databases: Mutex::default() }
    }

    /// Counts one more session of a database, whether there is such a one or not.
    pub(super) fn knock(&self, id: &str, idle: Idle) -> Result<Arc<Database>, Error> {
        let database = self.database(id, idle)?;
        database.knock(idle);
        Ok(database)
    }

    /// A database, whether there is such a one or not: the same for all who ask.
    pub(super) fn database(&self, id: &str, idle: Idle) -> Result<Arc<Database>, Error> {
        if self.closing.is_cancelled() {
            return Err(Error::Closing);
        }
        let place = self.home.place(id)?;
        Ok(self.databases().entry(id.to_owned()).or_insert_with(|| Database::new(place, idle)).clone())
    }

    /// Forgets a database that does not run and that nobody else has in hand: there may be any number of those.
    pub(super) fn forget(&self, database: Arc<Database>) {
        let mut databases = self.databases();
        // whoever has it got it from the list: two on one folder would know nothing of each other
        let is_last = Arc::strong_count(&database) == 2;
        if is_last && database.tier() <= Tier::Stopped {
            databases.remove(database.id());
        }
        // with the list in hand, so that of two who end at once the second one is the last
        drop(database);
    }

    /// The databases that somebody uses, or that run.
    pub(super) fn known(&self) -> Vec<Arc<Database>> {
        self.databases().values().cloned().collect()
    }

    fn databases(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Database>>> {
        self.databases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
