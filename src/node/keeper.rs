//! What all work of a node shares: the home, the databases that anybody knows of, and the room for those that run.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{runtime::Handle, sync::Semaphore};
use tokio_util::sync::CancellationToken;

use super::{Error, Shelf, Terms, database::Database, home::Home, spare::Spares, start::Manner};

type List = HashMap<String, Arc<Database>>;

/// A node's own things.
pub(super) struct Keeper {
    pub(super) home: Arc<Home>,
    pub(super) manner: Manner,
    /// What new databases are copied from.
    pub(super) template: PathBuf,
    /// Where those of other engines are kept.
    pub(super) templates: PathBuf,
    /// Whoever holds it makes one of those.
    pub(super) making: tokio::sync::Mutex<()>,
    /// `None`: everything stays on this disk.
    pub(super) shelf: Option<Arc<dyn Shelf>>,
    /// How many may run at once.
    pub(super) running: usize,
    pub(super) room: Arc<Semaphore>,
    /// Nothing is begun any more.
    pub(super) closing: CancellationToken,
    /// Where what follows the last session goes on.
    pub(super) runtime: Handle,
    pub(super) spares: Spares,
    databases: Mutex<List>,
}

impl Keeper {
    pub(super) fn new(
        home: Home,
        manner: Manner,
        templates: [PathBuf; 2],
        shelf: Option<Arc<dyn Shelf>>,
        running: usize,
        spares: Spares,
    ) -> Self {
        let ([template, templates], making) = (templates, tokio::sync::Mutex::default());
        let (room, closing, runtime) = (Arc::new(Semaphore::new(running)), CancellationToken::new(), Handle::current());
        let (home, databases) = (Arc::new(home), Mutex::default());
        Self { home, manner, template, templates, making, shelf, running, room, closing, runtime, spares, databases }
    }

    /// Counts one more session of a database, whether there is such a one or not.
    pub(super) fn knock(&self, id: &str, terms: Terms) -> Result<Arc<Database>, Error> {
        let mut databases = self.databases();
        let database = self.entry(&mut databases, id, terms)?;
        // with the list in hand: what somebody uses is not forgotten
        database.knock(terms);
        Ok(database)
    }

    /// A database, whether there is such a one or not.
    pub(super) fn database(&self, id: &str) -> Result<Arc<Database>, Error> {
        self.entry(&mut self.databases(), id, Terms::default())
    }

    fn entry(&self, databases: &mut List, id: &str, terms: Terms) -> Result<Arc<Database>, Error> {
        if self.closing.is_cancelled() {
            return Err(Error::Closing);
        }
        let place = self.home.place(id)?;
        Ok(databases.entry(id.to_owned()).or_insert_with(|| Database::new(place, terms)).clone())
    }

    /// Forgets a database that nobody uses and that does not run: there may be any number of those.
    pub(super) fn forget(&self, database: &Database) {
        let mut databases = self.databases();
        // whoever has it is about to do something with it
        let Ok(mut state) = database.state.try_lock() else { return };
        if !state.forgotten && state.instance.is_none() && database.used().sessions == 0 {
            state.forgotten = true;
            databases.remove(database.id());
        }
    }

    /// The databases that somebody uses, or that run.
    pub(super) fn known(&self) -> Vec<Arc<Database>> {
        self.databases().values().cloned().collect()
    }

    fn databases(&self) -> std::sync::MutexGuard<'_, List> {
        self.databases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
