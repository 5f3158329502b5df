//! All that can be asked of a node.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures::{StreamExt, stream};
use tokio::task::JoinError;

use super::{
    Durability, Error, First, Idle, Orioledb, Session, Shelf, Side, Terms,
    database::{Database, Tier},
    home::{Home, Place},
    keeper::Keeper,
    leftover,
    rest::{self, Step},
    side, spare,
    start::{self, Manner},
    template,
};
use crate::causes::in_one_line;

/// How many are stopped or cleared up side by side.
const AT_ONCE: usize = 8;
const NODE: &str = include_str!("node.conf");
const HBA: &str = include_str!("node_hba.conf");
const SIDE_HBA: &str = include_str!("side_hba.conf");

/// How a node runs its databases.
#[derive(Clone)]
pub struct Options {
    /// The node's folder. As root: in a place that all may reach. At most 74 bytes, for sockets lie in it.
    pub home: PathBuf,
    /// Where the template of new databases is kept; below the home where none is named.
    pub templates: Option<PathBuf>,
    /// Where an image has brought templates along, as [`bring_along`](super::bring_along) makes it: no initdb is run where there is one.
    pub brought: Option<PathBuf>,
    /// Whether a copy of the template is made before anybody asks for a database: of no use where there is one and no other.
    pub spares: bool,
    /// How many may run at once, frozen ones included.
    pub running: usize,
    /// How many sessions one may have, those of its superuser and of replication not counted.
    pub connections: u32,
    /// How many bytes of its own one process of a server may have (`RLIMIT_DATA`): a query that wants more fails, and nobody else.
    pub memory: u64,
    /// The folder into which `scripts/install.sh` puts PGlite. `None`, or nothing there: databases of that engine are refused.
    pub pglite: Option<PathBuf>,
    /// Where OrioleDB is installed, and how it gets to the bucket of its tables. With it, the databases of the node are OrioleDB's and no others.
    pub orioledb: Option<Orioledb>,
    /// Where files go in the end; `None`: they stay on this disk.
    pub shelf: Option<Arc<dyn Shelf>>,
}

impl Options {
    /// A hundred at once, twenty sessions each, half a gigabyte a process, all on this disk.
    pub fn new(home: impl Into<PathBuf>) -> Self {
        Self {
            home: home.into(),
            templates: None,
            brought: None,
            spares: true,
            running: 100,
            connections: 20,
            memory: 512 << 20,
            pglite: None,
            orioledb: None,
            shelf: None,
        }
    }
}

/// How a database of this node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Its id.
    pub id: String,
    /// How deep it sleeps.
    pub tier: Tier,
    /// How many use it.
    pub sessions: usize,
    /// Whether another version waits for the last of them to leave.
    pub next: bool,
    /// For how long nobody has used it; `None` where somebody does, or nobody has since this node began.
    pub idle: Option<Duration>,
}

/// The databases of this machine.
///
/// What is begun here is ended, whether whoever asked for it still waits or not.
#[derive(Clone)]
pub struct Node(Arc<Keeper>);

impl Node {
    /// Opens a node's folder, or makes it: ends servers that a killed node left, removes what was half made, and makes the template.
    ///
    /// # Errors
    /// When another node works in the folder, no Postgres is installed, or its users could not reach the folder.
    pub async fn open(options: Options) -> Result<Self, Error> {
        let path = options.home.clone();
        let home = done(tokio::task::spawn_blocking(move || Home::open(&path)).await)?;
        for (name, text) in [("node.conf", NODE), (start::HBA, HBA), (start::SIDE_HBA, SIDE_HBA)] {
            let path = home.path.join(name);
            fs::write(&path, text).map_err(Error::folder("write", &path))?;
        }
        spare::clear(&home.path)?;
        side::clear(&home).await?;
        stream::iter(home.places()).for_each_concurrent(AT_ONCE, |place| clear_up(&home, place)).await;
        let templates = options.templates.clone().unwrap_or_else(|| home.path.join("templates"));
        let template = match &options.orioledb {
            Some(orioledb) => orioledb.template(&templates).await?,
            None => {
                let sources = template::Sources { shelf: options.shelf.as_deref(), image: options.brought.as_deref() };
                template::prepare(&templates, sources).await?
            }
        };
        let Options { connections, memory, pglite, brought, orioledb, .. } = options;
        let manner = Manner { settings: home.path.clone(), hba: start::HBA, connections, memory, before: &[], pglite, brought, orioledb };
        let spares = spare::Spares::new(options.spares);
        Ok(Self(Arc::new(Keeper::new(home, manner, [template, templates], options.shelf, options.running.max(1), spares))))
    }

    /// Wakes a database and keeps it awake for as long as the session is held. `terms` say what happens after the last one.
    ///
    /// # Errors
    /// When there is no such database, it does not start, or all that may run are in use. Whoever waited for the same hears the same.
    pub async fn wake(&self, id: &str, terms: impl Into<Terms>) -> Result<Session, Error> {
        let session = Session::knock(&self.0, id, terms.into())?;
        let (keeper, database) = (self.0.clone(), session.database());
        done(tokio::spawn(async move { keeper.rise(&database).await }).await)?;
        Ok(session)
    }

    /// Whether one more could be woken now: as many run as may, and all are in use, where it can't.
    pub fn has_room(&self) -> bool {
        self.0.room.available_permits() > 0 || self.0.longest_idle(&[]).is_some()
    }

    /// Makes a new database, which is awake then. It survives a power cut from its first stop on; where its durability is another than `Pause`, its first
    /// version is on the shelf when this returns.
    ///
    /// # Errors
    /// When there is one on this disk (what is on the shelf is not looked at), the disk is full, or a name is refused.
    pub async fn create(&self, id: &str, first: First, terms: impl Into<Terms>) -> Result<Session, Error> {
        let session = Session::knock(&self.0, id, terms.into())?;
        let (keeper, database) = (self.0.clone(), session.database());
        let create = async move {
            keeper.create(&database, &first).await?;
            keeper.lay_in_a_spare();
            Ok(())
        };
        done(tokio::spawn(create).await)?;
        Ok(session)
    }

    /// How many sessions each may have.
    pub fn connections(&self) -> u32 {
        self.0.manner.connections
    }

    /// Counts as a session, and wakes nothing: for as long as it is held the node keeps what it has of the database, and be it the right to make it.
    ///
    /// # Errors
    /// When the id is none.
    pub fn knock(&self, id: &str, terms: impl Into<Terms>) -> Result<Session, Error> {
        Session::knock(&self.0, id, terms.into())
    }

    /// Lets the idle time of a database begin that nobody uses: for those that a node finds when it begins.
    ///
    /// # Errors
    /// When the id is none.
    pub fn rest(&self, id: &str, terms: impl Into<Terms>) -> Result<(), Error> {
        self.knock(id, terms).map(drop)
    }

    /// Stops a database now that nobody uses, and puts its files on the shelf where there is one. Says how deep it sleeps then: as before
    /// where somebody uses it or prepared transactions are open.
    ///
    /// # Errors
    /// When it does not stop, or its files can't be put away.
    pub async fn lay_down(&self, id: &str) -> Result<Tier, Error> {
        let database = self.0.database(id)?;
        let (keeper, knocks) = (self.0.clone(), database.used().knocks);
        let step = async move {
            let slept = keeper.step(&database, knocks, Step::Evict).await;
            let tier = database.tier();
            keeper.forget(&database);
            slept.map(|_| tier)
        };
        done(tokio::spawn(step).await)
    }

    /// Stops a database that nobody uses, and puts its files on the shelf: whoever wakes it next finds all of it there. They stay on this disk, too.
    /// For a node that is about to shut down.
    ///
    /// # Errors
    /// When it does not stop, or its files can't be put on the shelf.
    pub async fn hand_over(&self, id: &str) -> Result<(), Error> {
        let database = self.0.database(id)?;
        let (keeper, knocks) = (self.0.clone(), database.used().knocks);
        done(tokio::spawn(async move { keeper.step(&database, knocks, Step::HandOver).await.map(drop) }).await)
    }

    /// Kills a database's server at once, whoever uses it and whatever else goes on with it: for a node that may not run it any longer.
    /// Its files stay; whether they may be gone on with the shelf says when somebody wakes it ([`Shelf::take`]).
    ///
    /// # Errors
    /// When some of its processes can't be killed.
    pub async fn cut(&self, id: &str) -> Result<(), Error> {
        let (keeper, id) = (self.0.clone(), id.to_owned());
        done(tokio::spawn(async move { keeper.cut(&id).await }).await)
    }

    /// Stops a database, whoever uses it: its sessions are told by its server that it is (57P01). Its files stay on this disk.
    ///
    /// # Errors
    /// When it did not stop in time and was killed.
    pub async fn end(&self, id: &str) -> Result<(), Error> {
        let Some(database) = self.0.known().into_iter().find(|database| database.id() == id) else { return Ok(()) };
        let end = async move {
            let mut state = database.state.lock().await;
            rest::lay_down(&database, &mut state).await
        };
        done(tokio::spawn(end).await)
    }

    /// Ends a database and all that it has on this disk, whoever uses it. What is on the shelf stays: with that it can be woken again.
    ///
    /// # Errors
    /// When its files can't be removed.
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        let session = Session::knock(&self.0, id, Idle { freeze: None, stop: None, evict: None }.into())?;
        let (keeper, database) = (self.0.clone(), session.database());
        done(tokio::spawn(async move { keeper.delete(&database).await }).await)
    }

    /// An empty folder beside the databases, of a user of its own, for work on this one.
    ///
    /// # Errors
    /// When the id is none, or the disk is full.
    pub fn side(&self, id: &str) -> Result<Side, Error> {
        if self.0.closing.is_cancelled() {
            return Err(Error::Closing);
        }
        Side::new(&self.0, id)
    }

    /// Makes a stopped cluster the database's newest version: now where nobody uses it, else when the last session has gone. Sessions go
    /// on on what they have.
    ///
    /// # Errors
    /// When another node has the database, or the files can't be put in their place; the database is as it was then.
    pub async fn accept(&self, id: &str, side: Side) -> Result<(), Error> {
        let (keeper, id) = (self.0.clone(), id.to_owned());
        let accept = async move {
            // one that is forgotten meanwhile is another one by now
            while !keeper.accept(&*keeper.database(&id)?, &side).await? {}
            Ok(())
        };
        done(tokio::spawn(accept).await)
    }

    /// Copies the files of a database that nobody uses into an empty folder beside it.
    ///
    /// # Errors
    /// [`Error::Used`] when somebody uses it, [`Error::Unknown`] when it has no files here.
    pub async fn copy(&self, id: &str) -> Result<Side, Error> {
        let (keeper, database, side) = (self.0.clone(), self.0.database(id)?, self.side(id)?);
        done(tokio::spawn(async move { keeper.copied(&database, &side).await.map(|()| side) }).await)
    }

    /// The databases that are on this disk or that somebody knocks at, by id.
    pub fn status(&self) -> Vec<Status> {
        let stopped = |place: Place| {
            let next = place.has_next();
            (place.id.clone(), Status { id: place.id, tier: Tier::Stopped, sessions: 0, next, idle: None })
        };
        let places = self.0.home.places().into_iter().filter(Place::is_whole);
        let mut found: BTreeMap<_, _> = places.map(stopped).collect();
        for database in self.0.known() {
            let used = database.used();
            if used.sessions == 0 && database.tier() == Tier::Away {
                continue;
            }
            let idle = (used.sessions == 0).then(|| used.since.elapsed());
            let (id, tier, next) = (database.id().to_owned(), database.tier(), database.place.has_next());
            let status = Status { id, tier, sessions: used.sessions, next, idle };
            found.insert(status.id.clone(), status);
        }
        found.into_values().collect()
    }

    /// Whether there may be commits of a database that no other node would find if it took it now.
    pub fn is_only_here(&self, id: &str) -> bool {
        let known = self.0.known().into_iter().find(|database| database.id() == id);
        known.is_some_and(|database| database.place.is_whole() && matches!(database.terms().durability, Durability::Pause))
    }

    /// Where a database is, or would be.
    pub(super) fn place(&self, id: &str) -> Result<Place, Error> {
        self.0.home.place(id)
    }

    pub(super) fn keeper(&self) -> &Keeper {
        &self.0
    }

    /// What new databases are copied from: a stopped cluster's folder.
    pub fn template(&self) -> &Path {
        &self.0.template
    }

    /// Stops all databases, whoever uses them, and refuses from now on. Files stay on this disk; [`Node::hand_over`] puts them on the shelf before.
    pub async fn shutdown(&self) {
        self.0.closing.cancel();
        let keeper = self.0.clone();
        let stop = async move {
            stream::iter(keeper.known()).for_each_concurrent(AT_ONCE, stop).await;
            // no copy is made in a folder that somebody may remove now
            drop(keeper.spares.made().await);
        };
        drop(tokio::spawn(stop).await);
    }
}

async fn stop(database: Arc<Database>) {
    let mut state = database.state.lock().await;
    if let Err(error) = rest::lay_down(&database, &mut state).await {
        tracing::warn!(database = database.id(), error = in_one_line(&error), "it did not stop as it should");
    }
}

/// Ends what a killed node left running, and removes what it left half made.
async fn clear_up(home: &Home, place: Place) {
    if !leftover::end(&place.data()).await {
        tracing::warn!(database = place.id, "a server left over from before still runs and could not be ended");
    } else if !place.is_whole()
        && let Err(error) = home.remove(&place).await
    {
        tracing::warn!(database = place.id, error = in_one_line(&error), "what was left half made could not be removed");
    }
}

/// What a task came to: one that panicked says so to whoever waits for it.
fn done<T>(joined: Result<Result<T, Error>, JoinError>) -> Result<T, Error> {
    joined.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        // the runtime ends
        Err(_) => Err(Error::Closing),
    })
}
