//! All apps, machines and volumes of a home: read at the start, and each change on the disk before anybody sees it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    Error,
    app::App,
    docker::Engine,
    file,
    home::{self, DOCKER, Home, NATIVE},
    machine::{CheckStatus, Machine},
    process::{self, Folder},
    refusal::Refusal,
    volume::Volume,
};

/// For how long it is told of a machine that it was destroyed.
const REMEMBERED: TimeDelta = TimeDelta::days(1);

/// What there is.
#[derive(Default)]
pub(super) struct Books {
    pub(super) apps: BTreeMap<String, App>,
    pub(super) machines: BTreeMap<String, Machine>,
    pub(super) volumes: BTreeMap<String, Volume>,
}

/// What there is, and where it is kept.
pub(super) struct World {
    pub(super) home: Home,
    /// Where images are looked for.
    pub(super) images: PathBuf,
    /// Where a machine is of which nobody says it.
    pub(super) region: String,
    pub(super) stopping: CancellationToken,
    /// What runs machines where they are no processes of ours.
    pub(super) engine: Option<Engine>,
    /// Held while a machine is frozen or let go on, so that the one never overtakes the other.
    pub(super) frost: tokio::sync::Mutex<()>,
    books: Mutex<Books>,
    checks: Mutex<HashMap<String, BTreeMap<String, CheckStatus>>>,
    changed: watch::Sender<()>,
}

impl World {
    /// Reads what is kept.
    pub(super) fn open(home: Home, images: PathBuf, region: String, engine: Option<Engine>) -> Result<Self, Error> {
        let mut books = Books::default();
        for app in read_all::<App>(&home.path.join("apps"), |folder| folder)? {
            books.apps.insert(app.name.clone(), app);
        }
        for machine in read_all::<Machine>(&home.path.join("machines"), |folder| Folder(folder).record())? {
            if machine.is_gone() && machine.updated_at + REMEMBERED < Utc::now() {
                file::remove(&home.machine(&machine.id))?;
            } else {
                books.machines.insert(machine.id.clone(), machine);
            }
        }
        for volume in read_all::<Volume>(&home.path.join("volumes"), |folder| folder.join("volume.json"))? {
            books.volumes.insert(volume.id.clone(), volume);
        }
        home.keep_to(if engine.is_some() { DOCKER } else { NATIVE }, books.machines.values().any(|machine| !machine.is_gone()))?;
        sweep(&home.images(), &books)?;
        let (changed, _) = watch::channel(());
        let (books, checks, stopping) = (Mutex::new(books), Mutex::default(), CancellationToken::new());
        Ok(Self { home, images, region, stopping, engine, frost: tokio::sync::Mutex::default(), books, checks, changed })
    }

    /// What there is; nobody changes it meanwhile.
    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hears of every change of a machine or an app.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    pub(super) fn folder(&self, id: &str) -> Folder {
        Folder(self.home.machine(id))
    }

    pub(super) fn app(&self, name: &str) -> Result<App, Refusal> {
        self.books().app(name).cloned()
    }

    pub(super) fn machine(&self, app: &str, id: &str) -> Result<Machine, Refusal> {
        self.books().machine(app, id).cloned()
    }

    pub(super) fn volume(&self, app: &str, id: &str) -> Result<Volume, Refusal> {
        self.books().volume(app, id).cloned()
    }

    /// Changes an app; nothing is changed where it is refused or can't be kept.
    pub(super) fn change_app<T>(&self, name: &str, change: impl FnOnce(&mut App) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let mut books = self.books();
        let mut app = books.app(name)?.clone();
        let done = change(&mut app)?;
        self.keep_app(&mut books, app)?;
        Ok(done)
    }

    pub(super) fn keep_app(&self, books: &mut Books, app: App) -> Result<(), Error> {
        file::write(&self.home.app(&app.name), &app)?;
        books.apps.insert(app.name.clone(), app);
        self.changed.send_replace(());
        Ok(())
    }

    /// Changes a machine; nothing is changed where it is refused or can't be kept.
    pub(super) fn change<T>(
        &self,
        app: &str,
        id: &str,
        change: impl FnOnce(&mut Machine, DateTime<Utc>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut books = self.books();
        let mut machine = books.machine(app, id)?.clone();
        let done = change(&mut machine, Utc::now())?;
        self.keep_machine(&mut books, machine)?;
        Ok(done)
    }

    pub(super) fn keep_machine(&self, books: &mut Books, machine: Machine) -> Result<(), Error> {
        let folder = self.folder(&machine.id);
        process::make(&folder.0)?;
        file::write(&folder.record(), &machine)?;
        books.machines.insert(machine.id.clone(), machine);
        self.changed.send_replace(());
        Ok(())
    }

    pub(super) fn keep_volume(&self, books: &mut Books, volume: Volume) -> Result<(), Error> {
        let folder = self.home.volume(&volume.id);
        let data = folder.join("data");
        process::make(&folder)?;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&data).map_err(Error::folder("make the folder", &data))?;
        file::write(&folder.join("volume.json"), &volume)?;
        books.volumes.insert(volume.id.clone(), volume);
        Ok(())
    }

    /// Removes a volume. It is none any more as soon as this begins.
    pub(super) fn drop_volume(&self, books: &mut Books, id: &str) -> Result<(), Error> {
        let folder = self.home.volume(id);
        file::remove(&folder.join("volume.json"))?;
        books.volumes.remove(id);
        file::remove(&folder)
    }

    /// How the checks of a machine stand, in their names' order.
    pub(super) fn checks(&self, id: &str) -> Vec<CheckStatus> {
        let checks = self.checks.lock().unwrap_or_else(PoisonError::into_inner);
        checks.get(id).map(|found| found.values().cloned().collect()).unwrap_or_default()
    }

    pub(super) fn note_check(&self, id: &str, check: CheckStatus) {
        let mut checks = self.checks.lock().unwrap_or_else(PoisonError::into_inner);
        checks.entry(id.to_owned()).or_default().insert(check.name.clone(), check);
    }

    pub(super) fn forget_checks(&self, id: &str) {
        self.checks.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

impl Books {
    pub(super) fn app(&self, name: &str) -> Result<&App, Refusal> {
        self.apps.get(name).ok_or_else(|| Refusal::Missing(format!("could not find app {name:?}")))
    }

    pub(super) fn machine(&self, app: &str, id: &str) -> Result<&Machine, Refusal> {
        self.app(app)?;
        let found = self.machines.get(id).filter(|machine| machine.app == app);
        found.ok_or_else(|| Refusal::Missing(format!("machine not found: there is no machine {id:?} in app {app}")))
    }

    pub(super) fn volume(&self, app: &str, id: &str) -> Result<&Volume, Refusal> {
        self.app(app)?;
        let found = self.volumes.get(id).filter(|volume| volume.app == app);
        found.ok_or_else(|| Refusal::Missing(format!("volume not found: there is no volume {id:?} in app {app}")))
    }

    /// The machines of an app that were not destroyed.
    pub(super) fn living<'a>(&'a self, app: &'a str) -> impl Iterator<Item = &'a Machine> {
        self.machines.values().filter(move |machine| machine.app == app && !machine.is_gone())
    }

    pub(super) fn volumes_of<'a>(&'a self, app: &'a str) -> impl Iterator<Item = &'a Volume> {
        self.volumes.values().filter(move |volume| volume.app == app)
    }

    /// The machine that has a volume.
    pub(super) fn attached(&self, volume: &str) -> Option<&Machine> {
        self.machines.values().find(|machine| !machine.is_gone() && machine.volume().as_deref() == Some(volume))
    }

    /// The numbers that living machines have.
    pub(super) fn numbers(&self) -> Vec<u16> {
        self.machines.values().filter(|machine| !machine.is_gone()).map(|machine| home::number(machine.private_ip)).collect()
    }
}

/// Removes images of which no machine is made any more.
fn sweep(images: &Path, books: &Books) -> Result<(), Error> {
    let used: BTreeSet<_> =
        books.machines.values().filter(|machine| !machine.is_gone()).map(|machine| machine.image.folder.as_str()).collect();
    let entries = fs::read_dir(images).map_err(Error::folder("read", images))?.flatten();
    let mut unused = entries.filter(|entry| entry.file_name().to_str().is_none_or(|name| !used.contains(name)));
    unused.try_for_each(|entry| file::remove(&entry.path()))
}

/// Every record of a folder. What has none was being made or removed, and is nothing.
fn read_all<T: DeserializeOwned>(folder: &Path, record: impl Fn(PathBuf) -> PathBuf) -> Result<Vec<T>, Error> {
    let entries = fs::read_dir(folder).map_err(Error::folder("read", folder))?.flatten();
    let paths = entries.map(|entry| record(entry.path())).filter(|path| path.extension().is_some_and(|end| end == "json"));
    paths.filter_map(|path| file::read(&path).transpose()).collect()
}
