//! A running `iasql up`, as the other commands find it: a locked file and an address book, in one folder.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use iasql::{
    config::{Keys, Place, Url},
    control::{self, Control, KeySource},
    keeper,
    tigris::{self, Tigris},
};
use serde::{Deserialize, Serialize};

use super::error::Error;

/// Where the parts of a running `up` can be reached. It stands in a file that only its owner may read.
#[derive(Serialize, Deserialize)]
pub(crate) struct Running {
    pub(crate) pid: u32,
    pub(crate) metadata_url: String,
    pub(crate) http: String,
    /// The local cloud, where `up` started one.
    pub(crate) endpoint: Option<String>,
}

/// The right to run in a folder; given back when dropped, even by a kill.
pub(crate) struct Claim {
    dir: PathBuf,
    _locked: File,
}

/// Where a command finds its server.
pub(crate) struct Found {
    pub(crate) metadata: Url,
    pub(crate) endpoint: Option<String>,
    /// The folder of the running `up`, where it is one.
    pub(crate) dir: Option<PathBuf>,
    pub(crate) keys: KeySource,
}

/// Where `up` keeps its keys, below its folder.
pub(crate) const KEYS: &str = "key.asc";
/// Where `make demo` has one run, below the folder that is meant where nothing is said.
const DEMO: &str = "demo";

impl Claim {
    /// Takes the folder, and makes it where there is none.
    pub(crate) fn take(dir: &Path) -> Result<Self, Error> {
        let io = |what: &str| {
            let what = format!("{what} {}", dir.display());
            move |source| Error::Io { what, source }
        };
        fs::DirBuilder::new().recursive(true).mode(0o711).create(dir).map_err(io("making"))?;
        let dir = dir.canonicalize().map_err(io("finding"))?;
        let locked = OpenOptions::new().create(true).append(true).mode(0o600).open(dir.join("lock")).map_err(io("locking"))?;
        match locked.try_lock() {
            Ok(()) => Ok(Self { dir, _locked: locked }),
            Err(TryLockError::WouldBlock) => Err(Error::AlreadyRunning { pid: Running::read(&dir).map(|running| running.pid), dir }),
            Err(TryLockError::Error(source)) => Err(io("locking")(source)),
        }
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Tells the other commands where everything is.
    pub(crate) fn announce(&self, running: &Running) -> Result<(), Error> {
        let text =
            serde_json::to_string_pretty(running).map_err(|error| Error::Io { what: "writing the state".into(), source: error.into() })?;
        private(&self.dir.join("running.json"), &text)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let _never_announced = fs::remove_file(self.dir.join("running.json"));
    }
}

impl Running {
    fn read(dir: &Path) -> Option<Self> {
        serde_json::from_str(&fs::read_to_string(dir.join("running.json")).ok()?).ok()
    }
}

impl Found {
    /// The way in.
    pub(crate) async fn control(&self) -> Result<Control, Error> {
        control(self.metadata.expose(), self.endpoint.as_deref(), self.keys.clone()).await
    }
}

/// The way in to a metadata database, with a cloud that is an emulator where there is one.
pub(crate) async fn control(metadata: &str, endpoint: Option<&str>, keys: KeySource) -> Result<Control, Error> {
    let control = Control::connect(metadata).await?.with_keys(keys).await?;
    let Some(endpoint) = endpoint else { return Ok(reaching(control)) };
    let tigris = Tigris::new(tigris::Account::beside_emulated(endpoint));
    Ok(reaching(control.with_cloud(Some(control::emulated(endpoint).await)).with_tigris(tigris)))
}

/// Where the keys are that were named.
pub(crate) fn source(keys: &Keys) -> KeySource {
    match keys {
        Keys { key_file: Some(file), .. } => KeySource::File(file.clone()),
        Keys { key_secret: Some(name), .. } => KeySource::Secret(name.clone()),
        Keys { .. } => KeySource::Nowhere,
    }
}

/// Finds the server: the one that was named, else the `up` that runs in the folder.
pub(crate) fn find(place: &Place) -> Result<Found, Error> {
    if let Some(url) = &place.database_url {
        return Ok(Found { metadata: url.clone(), endpoint: None, dir: None, keys: source(&place.keys) });
    }
    let near = || Some(place.home.dir.join(DEMO)).filter(|near| Running::read(near).is_some());
    let nothing = || Error::NothingRuns { dir: place.home.dir.clone(), near: near() };
    let locked = File::open(place.home.dir.join("lock")).map_err(|_| nothing())?;
    if !matches!(locked.try_lock_shared(), Err(TryLockError::WouldBlock)) {
        return Err(nothing());
    }
    let running = Running::read(&place.home.dir).ok_or_else(|| Error::StillStarting { dir: place.home.dir.clone() })?;
    let metadata = Url::parse(&running.metadata_url).map_err(Error::Said)?;
    let keys = match source(&place.keys) {
        KeySource::Nowhere => KeySource::File(place.home.dir.join(KEYS)),
        named => named,
    };
    Ok(Found { metadata, endpoint: running.endpoint, dir: Some(place.home.dir.clone()), keys })
}

/// Writes a file that only its owner may read, whole or not at all.
pub(crate) fn private(path: &Path, text: &str) -> Result<(), Error> {
    let new = path.with_extension("new");
    let write = || {
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&new)?;
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        file.write_all(text.as_bytes())?;
        fs::rename(&new, path)
    };
    write().map_err(|source| Error::Io { what: format!("writing {}", path.display()), source })
}

/// The same, with the way to whoever leads a cluster.
pub(crate) fn reaching(control: Control) -> Control {
    let ways = Arc::new(keeper::Ways::of(&control));
    control.with_reach(ways)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use iasql::config::{Home, Keys, Place};

    use super::{Claim, Running, find};
    use crate::cli::error::Error;

    fn folder(name: &str) -> Place {
        let dir = std::env::temp_dir().join(format!("iasql-{name}-{}", std::process::id()));
        Place { home: Home { dir }, database_url: None, keys: Keys::default() }
    }

    fn running() -> Running {
        Running { pid: 7, metadata_url: "postgres://me:hunter2@localhost/iasql".into(), http: "http://127.0.0.1:1".into(), endpoint: None }
    }

    #[test]
    fn one_folder_runs_once_and_is_found_while_it_does() {
        let place = folder("once");
        let claim = Claim::take(&place.home.dir).unwrap();
        assert!(matches!(find(&place), Err(Error::StillStarting { .. })));
        claim.announce(&running()).unwrap();
        assert!(matches!(Claim::take(&place.home.dir), Err(Error::AlreadyRunning { pid: Some(7), .. })));
        assert!(find(&place).unwrap().metadata.expose().contains("hunter2"));
        drop(claim);
        assert!(matches!(find(&place), Err(Error::NothingRuns { .. })));
        std::fs::remove_dir_all(&place.home.dir).unwrap();
    }

    #[test]
    fn only_its_owner_may_read_where_everything_is() {
        let place = folder("private");
        let claim = Claim::take(&place.home.dir).unwrap();
        claim.announce(&running()).unwrap();
        let mode = std::fs::metadata(place.home.dir.join("running.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        drop(claim);
        std::fs::remove_dir_all(&place.home.dir).unwrap();
    }
}
