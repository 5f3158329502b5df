//! What an engine is to a node: the command that becomes its server, what a new database of it begins with, whom that has for its
//! first role, and what holds it up.
//!
//! All else is the same for each, for the servers are alike where it counts: one stands in the data folder, writes `postmaster.pid` there as
//! Postgres has it (the first line is its process, the eighth says `ready`), takes sessions at the socket, stops at SIGINT with everything
//! written down and the control file saying so, and recovers by its log where it was killed.

use std::{path::PathBuf, time::Duration};

use tokio::process::Command;

use super::{
    Engine, Error, First, Node, copy,
    home::Place,
    keeper::Keeper,
    orioledb, pglite, roles,
    start::{self, Manner},
    template,
    wal::Begin,
};

/// How long a server may take: to be ready, for after a crash it reads its log first, and to write down what it has and to stop.
pub(super) struct Patience {
    pub(super) start: Duration,
    pub(super) stop: Duration,
}

pub(super) fn patience(engine: Engine) -> Patience {
    let seconds = |start, stop| Patience { start: Duration::from_secs(start), stop: Duration::from_secs(stop) };
    match engine {
        Engine::Postgres | Engine::Pglite => seconds(60, 20),
        // all that its last checkpoint wrote has to be in the bucket
        Engine::Orioledb => seconds(300, 300),
    }
}

/// What becomes the server of the files that lie there: in its folder, as nobody yet, and silent.
pub(super) async fn server(place: &Place, manner: &Manner, log: Option<&Begin>) -> Result<Command, Error> {
    match place.engine() {
        Engine::Postgres => start::postgres(place, manner, log),
        Engine::Pglite => pglite::server(place, manner).await,
        Engine::Orioledb => orioledb::server(place, manner),
    }
}

/// Whether a server that is ready runs as it has to; else what it does not.
pub(super) async fn accept(place: &Place) -> Result<(), String> {
    match place.engine() {
        Engine::Postgres | Engine::Pglite => Ok(()),
        Engine::Orioledb => orioledb::accept(place).await,
    }
}

/// Makes the first role of a database that was just made.
pub(super) async fn first(engine: Engine, place: &Place, first: &First) -> Result<(), Error> {
    match engine {
        Engine::Postgres => roles::first(&place.id, &place.sockets, first).await,
        Engine::Orioledb => orioledb::first(place, first).await,
        // it has one, and the gateway asks for the password
        Engine::Pglite => Ok(()),
    }
}

/// Whether there are prepared transactions in a database that runs.
pub(super) async fn has_prepared(place: &Place) -> Result<bool, Error> {
    match place.engine() {
        Engine::Postgres => roles::has_prepared(&place.id, &place.sockets).await,
        // they have room for none
        Engine::Pglite | Engine::Orioledb => Ok(false),
    }
}

/// Whether the files that lie there are to be run by this engine, and are its own.
pub(super) fn fits(engine: Engine, place: &Place) -> Result<(), Error> {
    let found = [place.engine(), Engine::of(&place.data())].into_iter().find(|found| *found != engine);
    found.map_or(Ok(()), |found| Err(Error::OtherEngine { id: place.id.clone(), wanted: engine, found }))
}

impl Keeper {
    /// Makes the folder, and in it what a new database of this engine has.
    pub(super) async fn begin_as(&self, engine: Engine, place: &Place) -> Result<(), Error> {
        if engine == self.manner.own() {
            let spare = self.claim();
            let owner = spare.as_ref().map_or_else(|| self.home.user(), |spare| spare.owner);
            self.home.make_for(place, owner)?;
            place.mark_engine(engine)?;
            return self.fill(place, owner, spare).await;
        }
        let owner = self.home.make(place)?;
        place.mark_engine(engine)?;
        let (template, data) = (self.template_of(engine, pglite::NEWEST).await?, place.data());
        let copied = copy::off_thread(move || copy::tree(&template, &data, owner)).await;
        copied.map_err(Error::folder("copy the template to", place.data()))
    }

    async fn template_of(&self, engine: Engine, major: u32) -> Result<PathBuf, Error> {
        match engine {
            Engine::Postgres | Engine::Orioledb if engine == self.manner.own() => Ok(self.template.clone()),
            Engine::Postgres | Engine::Orioledb => Err(orioledb::missing(engine)),
            Engine::Pglite => {
                let _making = self.making.lock().await;
                pglite::template(&self.templates, self.manner.pglite.as_deref(), self.manner.brought.as_deref(), major).await
            }
        }
    }
}

impl Node {
    /// Has the template that the image has brought along as its own, for when another image runs this home: whoever calls does not wait for it.
    ///
    /// # Errors
    /// When the disk is full.
    pub async fn keeps_template(&self) -> Result<(), Error> {
        let keeper = self.keeper();
        if keeper.manner.own() == Engine::Orioledb { Ok(()) } else { template::keep(&keeper.template, &keeper.templates).await }
    }

    /// The templates that there are by now, of engines whose versions are stored as the difference to one.
    pub fn templates(&self) -> Vec<PathBuf> {
        let keeper = self.keeper();
        let own = if keeper.manner.own() == Engine::Orioledb { vec![] } else { vec![keeper.template.clone()] };
        [own, pglite::templates(&keeper.templates)].concat()
    }

    /// What new databases of an engine are copied from, and versions are told apart from: a stopped cluster's folder. That of a PGlite is made when
    /// it is first asked for, and there is one for each major version of Postgres; of the other engine there is one.
    ///
    /// # Errors
    /// [`Error::NoEngine`] when what runs it is not installed.
    pub async fn template_of(&self, engine: Engine, major: u32) -> Result<PathBuf, Error> {
        self.keeper().template_of(engine, major).await
    }
}
