//! The way into users' databases, kept open for seconds: a server has room for some connections only, and there are many databases.

use std::{
    collections::HashMap,
    ops::Deref,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{Control, Error, room::Seats};
use crate::database::Database;

/// For how long a database that nobody works on stays open, unless its room is wanted before.
const WARM: Duration = Duration::from_secs(15);

/// The databases this process has open. A clone is the same one.
#[derive(Clone, Default)]
pub(super) struct Opened {
    kept: Arc<Mutex<HashMap<String, Kept>>>,
    /// How often somebody left one.
    rests: Arc<AtomicU64>,
    /// On which server each was seen to let our services in: that stays so, and need not be looked for each time.
    known: Arc<Mutex<HashMap<String, String>>>,
}

/// One of them.
struct Kept {
    /// The server it was opened on: the registry may say another one by now.
    server: String,
    database: Database,
    /// Who has it open: by the last of them it is closed.
    users: usize,
    /// Room that its last user left it, for the next one to come.
    warm: Option<Warm>,
}

/// The connections of a database that nobody works on, kept for a moment.
struct Warm {
    seats: Seats,
    /// Which of all such moments it is.
    rest: u64,
}

/// A database that is worked on, with room for the connections that this takes. It stays open for a moment afterwards.
pub struct Entered {
    database: Database,
    opened: Opened,
    server: String,
    seats: Option<Seats>,
}

/// Room for an ear, which keeps nothing open but its own connection.
pub struct Stay {
    name: String,
    server: String,
    _seats: Option<Seats>,
}

impl Entered {
    /// Keeps the room, and lets the database be closed when nobody else works in it.
    pub fn stay(mut self) -> Stay {
        Stay { name: self.database.name().to_owned(), server: self.server.clone(), _seats: self.seats.take() }
    }
}

impl Deref for Entered {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.database
    }
}

impl Opened {
    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<String, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, name: &str, server: &str) -> Option<Database> {
        let mut all = self.all();
        let kept = all.get_mut(name).filter(|kept| kept.server == server)?;
        kept.users += 1;
        Some(kept.database.clone())
    }

    /// Keeps it for whoever comes next; where somebody was quicker, theirs.
    fn keep(&self, name: &str, server: &str, database: Database) -> Database {
        let mut all = self.all();
        if all.get(name).is_some_and(|kept| kept.server != server) {
            all.remove(name);
        }
        let kept = all.entry(name.to_owned()).or_insert_with(|| Kept { server: server.to_owned(), database, users: 0, warm: None });
        kept.users += 1;
        kept.database.clone()
    }

    /// Its last user closes it: what nobody holds any more ends its connections.
    fn leave(&self, database: &Database) {
        let mut all = self.all();
        if let Some(kept) = all.get_mut(database.name()) {
            kept.users = kept.users.saturating_sub(1);
            if kept.users == 0 && kept.warm.is_none() {
                all.remove(database.name());
            }
        }
    }

    /// The room that the last user left, where it is enough for the next one.
    fn warmed(&self, name: &str, server: &str, count: u32) -> Option<Seats> {
        let mut all = self.all();
        let kept = all.get_mut(name).filter(|kept| kept.server == server)?;
        kept.warm.take_if(|warm| warm.seats.count() >= count).map(|warm| warm.seats)
    }

    /// A user leaves and keeps it warm; `None` where that is of no use, since others keep it as warm already.
    fn rest(&self, database: &Database, seats: Seats) -> Option<u64> {
        let mut all = self.all();
        let kept = all.get_mut(database.name())?;
        kept.users = kept.users.saturating_sub(1);
        if kept.warm.as_ref().is_some_and(|warm| warm.seats.count() >= seats.count()) {
            return None;
        }
        let rest = self.rests.fetch_add(1, Ordering::Relaxed);
        kept.warm = Some(Warm { seats, rest });
        Some(rest)
    }

    /// The moment is over: where nobody has come it is closed, and then its room is somebody else's.
    fn cool(&self, name: &str, rest: u64) {
        let mut all = self.all();
        let Some(kept) = all.get_mut(name) else { return };
        let Some(warm) = kept.warm.take_if(|warm| warm.rest == rest) else { return };
        let closed = if kept.users == 0 { all.remove(name) } else { None };
        drop(all);
        drop(closed);
        drop(warm);
    }

    /// Whoever comes next opens it anew.
    pub(super) fn forget(&self, name: &str) {
        self.all().remove(name);
        self.known().remove(name);
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<String, String>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_known(&self, name: &str, server: &str) -> bool {
        self.known().get(name).is_some_and(|known| known == server)
    }

    fn know(&self, name: &str, server: &str) {
        self.known().insert(name.to_owned(), server.to_owned());
    }

    fn count(&self) -> usize {
        self.all().len()
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let Some(seats) = self.seats.take() else { return self.opened.leave(&self.database) };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return self.opened.leave(&self.database) };
        let (opened, name, wanted) = (self.opened.clone(), self.database.name().to_owned(), seats.wanted());
        let Some(rest) = opened.rest(&self.database, seats) else { return };
        runtime.spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(WARM) => {}
                () = wanted => {}
            }
            opened.cool(&name, rest);
        });
    }
}

impl Control {
    /// The way into one database, for whoever asks little of it.
    ///
    /// # Errors
    /// [`Error::Unknown`], [`Error::Unready`], [`Error::Moving`], or that its server does not answer.
    pub async fn open(&self, name: &str) -> Result<Database, Error> {
        let (server, keys) = (self.server_of(name).await?, self.keys().await);
        match self.opened.enter(name, &server) {
            Some(database) => {
                self.opened.leave(&database);
                Ok(database.with_keys(keys))
            }
            None => Ok(self.open_at(name, &server).await?.with_keys(keys)),
        }
    }

    /// The same for somebody who works there, when there is room for so many connections on its server.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn enter(&self, name: &str, connections: u32) -> Result<Entered, Error> {
        let server = self.server_of(name).await?;
        self.enter_at(name, server, connections).await
    }

    /// The same for an ear, which knows where that is.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn enter_from(&self, stay: &Stay, connections: u32) -> Result<Entered, Error> {
        self.enter_at(&stay.name, stay.server.clone(), connections).await
    }

    async fn enter_at(&self, name: &str, server: String, connections: u32) -> Result<Entered, Error> {
        let seats = match self.opened.warmed(name, &server, connections) {
            Some(seats) => Some(seats),
            None => Some(self.rooms.seats(&server, connections).await),
        };
        let database = match self.opened.enter(name, &server) {
            Some(database) => database,
            None => self.opened.keep(name, &server, self.open_at(name, &server).await?),
        };
        let database = database.with_keys(self.keys().await);
        Ok(Entered { database, opened: self.opened.clone(), server, seats })
    }

    /// From now on this process has at most so many connections to users' databases on each server at a time.
    pub fn limit_connections(&self, connections: u32) {
        self.rooms.limit(connections);
    }

    /// The most connections to one server that this process had room for at a time, and how many databases it has open now.
    pub fn open_now(&self) -> (u32, usize) {
        (self.rooms.most(), self.opened.count())
    }

    async fn open_at(&self, name: &str, server: &str) -> Result<Database, Error> {
        let known = self.opened.is_known(name, server);
        let opened = if known { Database::open_known(server, name).await } else { Database::open(server, name).await };
        let opened = opened.map_err(|source| Error::Open { name: name.to_owned(), source: Box::new(source) })?;
        if opened.knows_services() {
            self.opened.know(name, server);
        }
        Ok(opened)
    }
}
