//! A cluster beside the databases, of a user of its own: what comes from outside is opened there, and what is to become a database is made there.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::AsyncWriteExt,
    process::Command,
    time::{sleep, timeout},
};

use super::{
    Engine, Error, First, apart, copy,
    home::{Owner, Place},
    instance::Instance,
    keeper::Keeper,
    leftover, roles, size,
    start::{self, Manner},
    tree,
};
use crate::local;

/// How long Postgres may take to say whose a cluster is.
const ASKED: Duration = Duration::from_secs(60);
/// How long what was left running beside may take to end.
const KILLED: Duration = Duration::from_secs(5);
/// How long somebody may still put files where all is to go, and how often it is tried again.
const PUT_DOWN: Duration = Duration::from_secs(60);
const AGAIN: Duration = Duration::from_millis(200);
/// What its name is almost everywhere.
const USUAL: &str = "postgres";
/// Whose a cluster is: the one role that initdb makes has this number, whatever its name is (`BOOTSTRAP_SUPERUSERID`).
const WHOSE: &str = "select rolname from pg_catalog.pg_authid where oid = 10\n";

/// A folder, a user, and a server where one was started. When it is dropped all of it goes.
pub struct Side {
    keeper: Arc<Keeper>,
    pub(super) place: Place,
    owner: Owner,
    instance: Option<Instance>,
}

impl Side {
    /// An empty one, for work on this database.
    pub(super) fn new(keeper: &Arc<Keeper>, id: &str) -> Result<Self, Error> {
        let place = keeper.home.beside(id)?;
        let owner = keeper.home.make(&place)?;
        Ok(Self { keeper: keeper.clone(), place, owner, instance: None })
    }

    /// The cluster's folder.
    pub fn data(&self) -> PathBuf {
        self.place.data()
    }

    /// The folder of its socket while it runs: libpq takes it for a host.
    pub fn sockets(&self) -> &Path {
        &self.place.sockets
    }

    /// A file beside the cluster's folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.place.folder.join(name)
    }

    /// Gives all that was put into the folder to its user, for nobody else to read.
    ///
    /// # Errors
    /// When there is anything but files and folders.
    pub async fn settle(&self) -> Result<(), Error> {
        let (folder, owner) = (self.place.folder.clone(), self.owner);
        copy::off_thread(move || copy::settle(&folder, owner)).await.map_err(Error::folder("give away what is in", &self.place.folder))
    }

    /// Writes a file beside the cluster's folder, for its user to read.
    ///
    /// # Errors
    /// When the disk is full.
    pub async fn write(&self, name: &str, text: &str) -> Result<PathBuf, Error> {
        let (file, text, owner) = (self.file(name), text.to_owned(), self.owner);
        let path = file.clone();
        let written = copy::off_thread(move || fs::write(&path, text).and_then(|()| copy::give(&path, owner))).await;
        written.map_err(Error::folder("write", &file)).map(|()| file)
    }

    /// Says by what it is run; by the ordinary one where nothing is said.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn is_of(&self, engine: Engine) -> Result<(), Error> {
        self.place.mark_engine(engine)
    }

    /// Starts the server on what lies there, without a network.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(&mut self) -> Result<(), Error> {
        let room = self.keeper.room().await?;
        let manner = Manner { hba: start::SIDE_HBA, before: apart::words(self.owner).await, ..self.keeper.manner.clone() };
        self.instance = Some(Instance::start(&self.place, &manner, None, room).await?);
        Ok(())
    }

    /// Makes a new cluster in it, started, with a first role.
    ///
    /// # Errors
    /// When the disk is full, or a name is refused.
    pub async fn begin(&mut self, first: &First) -> Result<(), Error> {
        self.keeper.fill(&self.place, self.owner, self.keeper.claim()).await?;
        self.start().await?;
        roles::first(&self.place.id, &self.place.sockets, first).await
    }

    /// Stops the server, if one runs.
    ///
    /// # Errors
    /// When it had to be killed.
    pub async fn stop(&mut self) -> Result<(), Error> {
        match self.instance.take() {
            Some(instance) => instance.stop().await,
            None => Ok(()),
        }
    }

    /// A program as its user, in its folder, without a network, of which no process has more than `memory` bytes of its own. It ends with whoever holds it.
    pub async fn program(&self, program: &Path, memory: u64) -> Command {
        self.program_after(apart::words(self.owner).await, program, memory)
    }

    fn program_after(&self, before: &[impl AsRef<OsStr>], program: &Path, memory: u64) -> Command {
        let mut command = start::limited(memory, before, program);
        command.current_dir(self.data()).env_clear().env("LC_ALL", "C.UTF-8").env("PATH", "/usr/bin:/bin").env("HOME", self.data());
        if let Some((user, group)) = self.owner {
            command.uid(user.as_raw()).gid(group.as_raw());
        }
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// The same for one of PostgreSQL's own programs, led to the server.
    ///
    /// # Errors
    /// When there is no Postgres of the cluster's version.
    pub async fn postgres(&self, program: &str) -> Result<Command, Error> {
        let mut command = self.program(&self.installed(program)?, self.keeper.manner.memory).await;
        command.env("PGHOST", &self.place.sockets).env("PGPORT", super::PORT.to_string());
        Ok(command)
    }

    fn installed(&self, program: &str) -> Result<PathBuf, Error> {
        Ok(local::installation(&self.keeper.template)?.join("bin").join(program))
    }

    /// The name of the role that may do anything in the cluster that lies there; no server runs on it yet.
    ///
    /// # Errors
    /// When Postgres can't open it.
    pub async fn whose(&self) -> Result<String, Error> {
        let failed = |said: String| Error::Start { id: self.place.id.clone(), said, log: self.place.log() };
        // without a socket Postgres wants a user who has a name, and ours has none: there he has that of whom the machine has for Postgres
        let named = apart::named(self.owner).await?;
        if self.owner.is_some() && named.is_empty() {
            return Ok(USUAL.to_owned());
        }
        let mut command = self.program_after(&named, &self.installed("postgres")?, self.keeper.manner.memory);
        command.arg("--single").arg("-D").arg(self.data());
        for (name, value) in start::settings(&self.place, &self.keeper.manner) {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        command.arg("template1").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let asked = async {
            let mut child = command.spawn()?;
            if let Some(mut stdin) = child.stdin.take() {
                stdin.write_all(WHOSE.as_bytes()).await?;
            }
            child.wait_with_output().await
        };
        let answer = timeout(ASKED, asked).await.map_err(|_| failed("it did not answer in time".to_owned()))?;
        let answer = answer.map_err(Error::folder("run Postgres in", &self.place.folder))?;
        let said = String::from_utf8_lossy(&answer.stdout);
        // as Postgres prints it there: `1: rolname = "postgres" (typeid = 19, …)`
        let named = said.lines().find_map(|line| Some(line.split_once("rolname = \"")?.1.rsplit_once("\"\t(typeid")?.0.to_owned()));
        named.ok_or_else(|| failed(String::from_utf8_lossy(&answer.stderr).lines().last().unwrap_or_default().to_owned()))
    }

    /// How many bytes its files have in all.
    ///
    /// # Errors
    /// When they can't be looked at.
    pub async fn size(&self) -> Result<u64, Error> {
        let data = self.data();
        copy::off_thread(move || size::below(&data)).await.map_err(Error::folder("look into", self.data()))
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        // asked to stop; what does not hear it is killed below
        drop(self.instance.take());
        let (keeper, place) = (self.keeper.clone(), self.place.clone());
        self.keeper.runtime.spawn(async move { remove(&keeper, &place).await });
    }
}

impl std::fmt::Debug for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Side").field("folder", &self.place.folder).finish_non_exhaustive()
    }
}

async fn remove(keeper: &Keeper, place: &Place) {
    tree::kill_all(&place.data(), KILLED).await;
    drop(copy::remove(&place.sockets));
    // whoever was given up in the middle may still put files there, on a thread that nobody can end
    let (begin, mut removed) = (Instant::now(), keeper.home.remove(place).await);
    while removed.is_err() && begin.elapsed() < PUT_DOWN {
        sleep(AGAIN).await;
        removed = keeper.home.remove(place).await;
    }
    if let Err(error) = removed {
        tracing::warn!(folder = %place.folder.display(), error = crate::causes::in_one_line(&error), "it could not be removed, and will be at the next start");
    }
}

/// Ends and removes what an earlier node left beside its databases.
pub(super) async fn clear(home: &super::home::Home) -> Result<(), Error> {
    for place in home.all_beside() {
        leftover::end(&place.data()).await;
        tree::kill_all(&place.data(), KILLED).await;
        home.remove(&place).await?;
    }
    Ok(())
}
