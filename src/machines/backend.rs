//! What is done in two ways, as processes of this machine or as containers of its Docker engine. All else about a machine is the same.

use std::{path::PathBuf, sync::Arc};

use nix::{sys::signal::Signal, unistd::Pid};

use super::{
    Error, given, image, log,
    machine::{Image, Machine},
    native,
    process::Left,
    refusal::Refusal,
    world::World,
};

impl World {
    /// Finds the image that a reference names, and makes it where it has to be made. That goes on when nobody waits for it any more.
    pub(super) async fn pull(self: &Arc<Self>, name: String) -> Result<Image, Refusal> {
        let world = Arc::clone(self);
        let pulled = match self.engine {
            None => tokio::task::spawn_blocking(move || image::pull(&world.home, &world.images, &name)).await,
            Some(_) => {
                let pull = async move {
                    let Some(engine) = &world.engine else { return Err(Refusal::Stopping) };
                    engine.image(&world.images, &name).await
                };
                tokio::spawn(pull).await
            }
        };
        // one that panicked is told as one that was cut off
        pulled.unwrap_or(Err(Refusal::Stopping))
    }

    /// Starts a machine's process.
    pub(super) async fn spawn(self: &Arc<Self>, machine: &Machine) -> Result<(), Error> {
        let Some(engine) = &self.engine else { return native::spawn(self, machine).await };
        engine.spawn(machine, self.volumes(machine).await?).await
    }

    /// Its volumes' folders, and where each is to be seen.
    async fn volumes(self: &Arc<Self>, machine: &Machine) -> Result<Vec<(PathBuf, String)>, Error> {
        let (world, asked) = (Arc::clone(self), machine.clone());
        let look = move || {
            let mounts = asked.config().mounts.into_iter();
            mounts.map(|mount| Ok((given::volume(&world, &asked, &mount.volume)?, mount.path))).collect()
        };
        tokio::task::spawn_blocking(look).await.unwrap_or_else(|error| Err(Error::launch(&machine.id, error)))
    }

    /// Whether somebody before us is about to start it.
    pub(super) fn is_on_its_way(&self, id: &str) -> bool {
        self.engine.is_none() && self.folder(id).is_held()
    }

    /// What we find of a machine's process that somebody before us has started.
    pub(super) async fn left(&self, machine: &Machine) -> Left {
        match &self.engine {
            None => native::left(self, machine).await,
            Some(engine) => engine.left(machine).await,
        }
    }

    /// Waits until a machine's process has ended and all of it is gone; then how it ended is written down, where that is known.
    pub(super) async fn until_ended(&self, id: &str, run: u64) {
        match &self.engine {
            None => native::ended(self, id, run).await,
            Some(engine) => engine.ended(id, run, &self.folder(id)).await,
        }
    }

    /// A signal for a machine's first process. One that is not there is content.
    pub(super) async fn tell(&self, id: &str, run: u64, signal: Signal) -> Result<(), Error> {
        match &self.engine {
            None => native::send(self, id, run, signal),
            Some(engine) => engine.send(id, run, signal).await,
        }
    }

    /// The same for one that may be frozen and has to hear it.
    pub(super) async fn send(&self, id: &str, run: u64, signal: Signal) -> Result<(), Error> {
        self.tell(id, run, signal).await?;
        // a process that stands still dies of it all the same, and its overseer ends the rest; a paused container has to go on first
        if signal == Signal::SIGKILL && self.engine.is_none() {
            return Ok(());
        }
        self.thaw(id, run).await
    }

    /// Freezes all of a machine.
    pub(super) async fn halt(&self, id: &str, run: u64) -> Result<(), Error> {
        match &self.engine {
            None => native::freeze(self, id, run).await,
            Some(engine) => engine.pause(id, run).await,
        }
    }

    /// Lets all of a machine go on. One that does is content.
    pub(super) async fn thaw(&self, id: &str, run: u64) -> Result<(), Error> {
        match &self.engine {
            None => native::thaw(self, id, run),
            Some(engine) => return engine.unpause(id, run).await,
        }
        Ok(())
    }

    /// A machine's processes, the first one first.
    pub(super) async fn processes(&self, id: &str, run: u64) -> Result<Vec<Pid>, Error> {
        match &self.engine {
            None => Ok(native::processes(self, id, run)),
            Some(engine) => engine.processes(id, run).await,
        }
    }

    /// The last bytes of what a machine has said.
    pub(super) async fn said(&self, id: &str, run: u64, most: u64) -> Result<Vec<u8>, Error> {
        let folder = self.folder(id);
        match &self.engine {
            None => log::tail(&folder.log(), most).map_err(Error::folder("read", folder.log())),
            Some(engine) => engine.said(id, run, &folder, most).await,
        }
    }

    /// Removes what is left of a machine that is none any more, where something is.
    pub(super) fn forget_process(self: &Arc<Self>, id: &str) {
        if self.engine.is_none() {
            return;
        }
        let (world, id) = (Arc::clone(self), id.to_owned());
        tokio::spawn(async move {
            let Some(engine) = &world.engine else { return };
            if let Err(error) = engine.forget(&id).await {
                tracing::warn!(machine = id, "{}", crate::causes::in_one_line(&error));
            }
        });
    }

    /// Removes what is left over of before: what no machine waits for.
    pub(super) async fn sweep(&self) -> Result<(), Error> {
        let Some(engine) = &self.engine else { return Ok(()) };
        let waits =
            |id: &str, run: u64| self.books().machines.get(id).is_some_and(|machine| machine.run == run && !machine.state.is_at_rest());
        engine.sweep(waits).await
    }
}
