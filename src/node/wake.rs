//! The way up: whoever knocks holds a session; the first one wakes the database, the others wait for that.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Instant,
};

use tokio::{process::Command, sync::OwnedSemaphorePermit};

use super::{
    Engine, Error, Login, PORT, Terms, Tier, copy,
    database::{Database, State},
    engine,
    home::{Owner, Place},
    instance::Instance,
    keeper::Keeper,
    rest::{self, Became, Step},
    roles, start,
};
use crate::local;

/// Somebody uses a database, which stays awake for as long. When the last one is dropped its idle time begins.
pub struct Session {
    keeper: Arc<Keeper>,
    database: Arc<Database>,
}

impl Session {
    /// Counts one more, and wakes nothing.
    pub(super) fn knock(keeper: &Arc<Keeper>, id: &str, terms: Terms) -> Result<Self, Error> {
        Ok(Self { keeper: keeper.clone(), database: keeper.knock(id, terms)? })
    }

    pub(super) fn database(&self) -> Arc<Database> {
        self.database.clone()
    }

    /// The folder of the database's socket: libpq takes it for a host.
    #[expect(clippy::misnamed_getters, reason = "whoever connects asks for no other folder")]
    pub fn folder(&self) -> &Path {
        &self.database.place.sockets
    }

    /// The socket itself.
    pub fn socket(&self) -> PathBuf {
        self.folder().join(format!(".s.PGSQL.{PORT}"))
    }

    /// One of PostgreSQL's own programs, as the database's user and led to it. It ends with whoever holds it.
    ///
    /// # Errors
    /// When there is no Postgres of its version.
    pub fn postgres(&self, program: &str) -> Result<Command, Error> {
        let place = &self.database.place;
        let installed = local::installation(&place.data())?;
        let mut command = start::limited(self.keeper.manner.memory, &[""; 0], &installed.join("bin").join(program));
        command.env_clear().env("LC_ALL", "C.UTF-8").env("PATH", "/usr/bin:/bin").env("HOME", "/");
        command.env("PGHOST", self.folder()).env("PGPORT", PORT.to_string()).current_dir("/").stdin(Stdio::null()).kill_on_drop(true);
        if let Some((user, group)) = place.owner()? {
            command.uid(user.as_raw()).gid(group.as_raw());
        }
        Ok(command)
    }

    /// Who may log in with a password, and what it is compared with.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn logins(&self) -> Result<Vec<Login>, Error> {
        roles::logins(self.database.id(), self.folder()).await
    }

    /// The number of the server's first process; `None` where it has ended.
    pub async fn process(&self) -> Option<i32> {
        self.database.state.lock().await.instance.as_ref().map(|instance| instance.pid().as_raw())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let used = self.database.leave();
        if used.sessions == 0 {
            self.keeper.runtime.spawn(rest::descend(self.keeper.clone(), self.database.clone(), used.knocks));
        }
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("socket", &self.socket()).finish_non_exhaustive()
    }
}

impl Keeper {
    /// Wakes a database, however deep it sleeps; content when it is awake.
    pub(super) async fn rise(self: &Arc<Self>, database: &Arc<Database>) -> Result<(), Error> {
        let since = Instant::now();
        let mut state = database.state.lock().await;
        if self.closing.is_cancelled() {
            return Err(Error::Closing);
        }
        if let Some(error) = state.failed_after(since) {
            return Err(error);
        }
        if let Some(instance) = &mut state.instance {
            if instance.is_alive() {
                if self.may_turn_over(database, &mut state).await {
                    return self.up(database, &mut state).await;
                }
                state.instance.iter_mut().for_each(Instance::thaw);
                database.is_now(Tier::Awake);
                return Ok(());
            }
            tracing::warn!(database = database.id(), "its server has ended, and is started again");
            // what is left of it; that it did not end well is known
            drop(rest::lay_down(database, &mut state).await);
        }
        self.up(database, &mut state).await
    }

    pub(super) async fn up(self: &Arc<Self>, database: &Arc<Database>, state: &mut State) -> Result<(), Error> {
        match self.begin(database).await {
            Ok(instance) => {
                state.instance = Some(instance);
                database.is_now(Tier::Awake);
                Ok(())
            }
            Err(error) => Err(state.failed(error)),
        }
    }

    async fn begin(self: &Arc<Self>, database: &Arc<Database>) -> Result<Instance, Error> {
        if let Some(of) = database.terms().replica_of {
            return self.begin_replica(database, of).await;
        }
        self.bring(&database.place, database.terms().engine).await?;
        self.turn_over(&database.place).await?;
        database.is_now(Tier::Stopped);
        engine::fits(database.terms().engine, &database.place)?;
        self.launch(database).await
    }

    /// Makes this node the one that runs it; false where another did meanwhile.
    pub(super) async fn take(&self, place: &Place) -> Result<bool, Error> {
        let Some(shelf) = &self.shelf else { return Ok(true) };
        shelf.take(&place.id).await.map_err(|source| Error::Shelf { id: place.id.clone(), source })
    }

    /// Brings the files from the shelf, where they are not here.
    async fn bring(&self, place: &Place, engine: Engine) -> Result<(), Error> {
        let is_ours = self.take(place).await?;
        if place.is_whole() {
            if is_ours {
                return Ok(());
            }
            let aside = self.home.set_aside(place)?;
            tracing::warn!(
                database = place.id,
                folder = %aside.display(),
                "another node had it meanwhile: what is on this disk is old. It may have commits that nobody else has, and is kept aside"
            );
        }
        let Some(shelf) = &self.shelf else { return Err(Error::Unknown(place.id.clone())) };
        let owner = self.home.make(place)?;
        place.mark_engine(engine)?;
        let spare = self.claim();
        let fetched = shelf.fetch(&place.id, &place.data(), spare.as_ref().map(|spare| &*spare.path)).await;
        if let Some(spare) = spare {
            self.unclaim(spare);
        }
        let brought = match fetched {
            Ok(true) => given(place, owner).await.and_then(|()| place.mark_whole()),
            Ok(false) => Err(Error::Unknown(place.id.clone())),
            Err(source) => Err(Error::Shelf { id: place.id.clone(), source }),
        };
        if brought.is_err() {
            self.home.remove(place).await?;
        }
        self.lay_in_a_spare();
        brought
    }

    /// Room for one more that runs: where there is none, whoever was left the longest ago is stopped.
    pub(super) async fn room(&self) -> Result<OwnedSemaphorePermit, Error> {
        let mut tried = vec![];
        loop {
            if let Ok(room) = self.room.clone().try_acquire_owned() {
                return Ok(room);
            }
            let idle = self.longest_idle(&tried).ok_or(Error::Full(self.running))?;
            tried.push(idle.id().to_owned());
            match self.step(&idle, idle.used().knocks, Step::Stop).await {
                Ok(Became::Done | Became::Held | Became::Woken) => {}
                Err(error) => tracing::warn!(database = idle.id(), error = crate::causes::in_one_line(&error), "it could not make room"),
            }
        }
    }
}

/// What came from the shelf becomes the database's user's.
pub(super) async fn given(place: &Place, owner: Owner) -> Result<(), Error> {
    let data = place.data();
    let given = copy::off_thread(move || copy::settle(&data, owner).and_then(|()| copy::give(&data, owner)));
    given.await.map_err(Error::folder("give away what is in", place.data()))
}
