//! A machine as a container of this machine's Docker engine: started, signalled, frozen, waited for, found again and removed.
//!
//! There is at most one container of a machine, for its name is made of the machine's id; its labels say which run of the machine it is. When
//! it has ended, what it said goes to the machine's log, how it ended is written down, and it is removed: so it lies in one place only.

mod container;
mod context;
mod ignored;
mod image;

use std::{collections::HashMap, path::Path, path::PathBuf, time::Duration};

use bollard::{
    API_DEFAULT_VERSION, Docker,
    errors::Error as Cause,
    models::ContainerStateStatusEnum as Status,
    query_parameters::{
        CreateContainerOptionsBuilder, KillContainerOptionsBuilder, ListContainersOptionsBuilder, LogsOptionsBuilder,
        RemoveContainerOptionsBuilder, UploadToContainerOptionsBuilder, WaitContainerOptions,
    },
};
use container::Found;
use futures::StreamExt;
use nix::{sys::signal::Signal, unistd::Pid};
use tokio::sync::Mutex;

use super::{
    Error,
    log::{self, Log},
    machine::{Machine, State},
    process::{Folder, Left},
    tree,
};
use crate::causes::in_one_line;

/// How long the engine has for an answer, at the start and later.
const FIRST_ANSWER: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_secs(120);
/// How often it is asked again when it does not answer.
const AGAIN: Duration = Duration::from_secs(1);

/// Docker's engine on this machine.
pub(super) struct Engine {
    docker: Docker,
    /// Which containers are ours: those with this label.
    home: String,
    /// How many processors there are.
    cpus: u64,
    /// Held while what a container said goes to its machine's log, and while it is read: it lies in one place only.
    logs: Mutex<()>,
    /// One image is made at a time: whoever wants the same one finds it.
    builds: Mutex<()>,
}

impl Engine {
    /// Finds the engine at its socket.
    pub(super) async fn connect(address: &str, home: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Engine { address: address.to_owned(), source };
        let docker = Docker::connect_with_unix(address, FIRST_ANSWER.as_secs(), API_DEFAULT_VERSION).map_err(failed)?;
        let mut docker = docker.negotiate_version().await.map_err(failed)?;
        let cpus = docker.info().await.map_err(failed)?.ncpu.and_then(|cpus| u64::try_from(cpus).ok()).unwrap_or(1);
        docker.set_timeout(ANSWER);
        Ok(Self { docker, home: home.display().to_string(), cpus, logs: Mutex::default(), builds: Mutex::default() })
    }

    /// The container of a machine.
    async fn look(&self, id: &str) -> Result<Option<Found>, Error> {
        match self.docker.inspect_container(&container::name(id), None).await {
            Ok(seen) => Ok(container::found(seen, &self.home)),
            Err(Cause::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
            Err(source) => Err(Error::docker("look at a machine's container")(source)),
        }
    }

    /// The container of this run of a machine.
    async fn look_for(&self, id: &str, run: u64) -> Result<Option<Found>, Error> {
        Ok(self.look(id).await?.filter(|found| found.run == run))
    }

    /// Starts a machine, with its volumes' folders at their paths. What another run has left goes first.
    pub(super) async fn spawn(&self, machine: &Machine, volumes: Vec<(PathBuf, String)>) -> Result<(), Error> {
        if let Some(found) = self.look(&machine.id).await? {
            if found.run == machine.run && found.has_begun() {
                return Ok(());
            }
            self.remove(&found.id).await?;
        }
        let config = machine.config();
        let files = container::files(machine, &config)?;
        let body = container::body(machine, &config, volumes, &self.home, self.cpus);
        let options = CreateContainerOptionsBuilder::default().name(&container::name(&machine.id)).build();
        let made = self.docker.create_container(Some(options), body).await.map_err(Error::docker("make a machine's container"))?;
        let begun = self.begin(&made.id, files).await;
        if begun.is_err() {
            drop(self.remove(&made.id).await);
        }
        begun
    }

    async fn begin(&self, container: &str, files: Option<Vec<u8>>) -> Result<(), Error> {
        if let Some(files) = files {
            let options = UploadToContainerOptionsBuilder::default().path("/").build();
            let laid = self.docker.upload_to_container(container, Some(options), bollard::body_full(files.into())).await;
            laid.map_err(Error::docker("lay files into a machine's container"))?;
        }
        self.docker.start_container(container, None).await.map_err(Error::docker("start a machine's container"))
    }

    /// What there is of a machine that somebody before us was to start.
    pub(super) async fn left(&self, machine: &Machine) -> Left {
        match self.look_for(&machine.id, machine.run).await {
            Ok(Some(found)) if found.has_begun() => Left::Begun,
            Ok(Some(found)) if machine.state != State::Starting => {
                drop(self.remove(&found.id).await);
                Left::Nothing(None)
            }
            Ok(_) => Left::Nothing(None),
            Err(error) => {
                tracing::warn!(machine = machine.id, "{}", in_one_line(&error));
                tokio::time::sleep(AGAIN).await;
                Left::Unsure
            }
        }
    }

    /// Waits until this run has ended, however often the engine goes and comes back meanwhile.
    pub(super) async fn ended(&self, id: &str, run: u64, folder: &Folder) {
        let mut told = false;
        loop {
            match self.close(id, run, folder).await {
                Ok(true) => return,
                Ok(false) => told = false,
                Err(error) => {
                    if !std::mem::replace(&mut told, true) {
                        tracing::warn!(machine = id, "{}", in_one_line(&error));
                    }
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    /// Waits for a container that runs. One that has ended is put away, and then there is none.
    async fn close(&self, id: &str, run: u64, folder: &Folder) -> Result<bool, Error> {
        let Some(found) = self.look_for(id, run).await? else { return Ok(true) };
        if found.lives() {
            let ends = self.docker.wait_container(&found.id, None::<WaitContainerOptions>).next().await;
            return match ends {
                // a code that is not 0 is an error to bollard
                None | Some(Ok(_) | Err(Cause::DockerContainerWaitError { .. })) => Ok(false),
                Some(Err(source)) => Err(Error::docker("wait for a machine's container")(source)),
            };
        }
        let _alone = self.logs.lock().await;
        // whoever was killed in between has put it away already
        if folder.exit(run).is_none() {
            let said = self.words(&found.id).await?;
            let written = Log::open(&folder.log()).and_then(|mut log| log.write(&said));
            written.map_err(Error::folder("write", folder.log()))?;
            folder.note_exit(&found.exit())?;
        }
        self.remove(&found.id).await?;
        Ok(true)
    }

    /// All that the engine keeps of what a container said.
    async fn words(&self, container: &str) -> Result<Vec<u8>, Error> {
        let options = LogsOptionsBuilder::default().stdout(true).stderr(true).build();
        let mut stream = std::pin::pin!(self.docker.logs(container, Some(options)));
        let mut said = vec![];
        while let Some(part) = stream.next().await {
            said.extend_from_slice(part.map_err(Error::docker("read what a machine's container said"))?.as_ref());
        }
        Ok(said)
    }

    /// The last bytes of what a machine said, in this run and before.
    pub(super) async fn said(&self, id: &str, run: u64, folder: &Folder, most: u64) -> Result<Vec<u8>, Error> {
        let _alone = self.logs.lock().await;
        let mut said = log::tail(&folder.log(), most).map_err(Error::folder("read", folder.log()))?;
        let found = if folder.exit(run).is_none() { self.look_for(id, run).await? } else { None };
        if let Some(found) = found {
            said.extend(self.words(&found.id).await?);
        }
        Ok(log::end(said, most))
    }

    /// A signal for the first process of this run.
    pub(super) async fn send(&self, id: &str, run: u64, signal: Signal) -> Result<(), Error> {
        let Some(found) = self.look_for(id, run).await?.filter(Found::lives) else { return Ok(()) };
        let options = KillContainerOptionsBuilder::default().signal(signal.as_str()).build();
        let sent = self.docker.kill_container(&found.id, Some(options)).await;
        where_it_is(sent).map_err(Error::docker("signal a machine's container"))
    }

    /// Freezes it.
    pub(super) async fn pause(&self, id: &str, run: u64) -> Result<(), Error> {
        let Some(found) = self.look_for(id, run).await?.filter(|found| found.status == Status::RUNNING) else { return Ok(()) };
        where_it_is(self.docker.pause_container(&found.id).await).map_err(Error::docker("pause a machine's container"))
    }

    /// Lets it go on.
    pub(super) async fn unpause(&self, id: &str, run: u64) -> Result<(), Error> {
        let Some(found) = self.look_for(id, run).await?.filter(|found| found.status == Status::PAUSED) else { return Ok(()) };
        where_it_is(self.docker.unpause_container(&found.id).await).map_err(Error::docker("unpause a machine's container"))
    }

    /// Its processes, as this machine counts them. The engine's own init stands above them and is none of them.
    pub(super) async fn processes(&self, id: &str, run: u64) -> Result<Vec<Pid>, Error> {
        let found = self.look_for(id, run).await?.filter(Found::lives);
        Ok(found.map(|found| tree::below(Pid::from_raw(found.init))).unwrap_or_default())
    }

    /// Removes whatever there is of a machine.
    pub(super) async fn forget(&self, id: &str) -> Result<(), Error> {
        match self.look(id).await? {
            Some(found) => self.remove(&found.id).await,
            None => Ok(()),
        }
    }

    async fn remove(&self, container: &str) -> Result<(), Error> {
        let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
        let removed = self.docker.remove_container(container, Some(options)).await;
        where_it_is(removed).map_err(Error::docker("remove a machine's container"))
    }

    /// Removes the containers of this home for which nobody waits.
    pub(super) async fn sweep(&self, waits: impl Fn(&str, u64) -> bool) -> Result<(), Error> {
        let ours = HashMap::from([("label".to_owned(), vec![format!("{}={}", container::HOME, self.home)])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&ours).build();
        let all = self.docker.list_containers(Some(options)).await.map_err(Error::docker("list its containers"))?;
        for summary in all {
            let labels = summary.labels.unwrap_or_default();
            let is_waited_for = container::whose(&labels).is_some_and(|(machine, run)| waits(machine, run));
            if let Some(id) = summary.id.filter(|_| !is_waited_for) {
                self.remove(&id).await?;
            }
        }
        Ok(())
    }
}

/// What is gone already, or has ended meanwhile, is content.
fn where_it_is(done: Result<(), Cause>) -> Result<(), Cause> {
    match done {
        Err(Cause::DockerResponseServerError { status_code: 404 | 409, .. }) => Ok(()),
        done => done,
    }
}
