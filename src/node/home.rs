//! The folder in which a node keeps its databases: one of its own for each, of a user of its own where the node is root.

use std::{
    collections::BTreeSet,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};

use chrono::Utc;
use nix::unistd::{Gid, Uid, geteuid};

use super::{Engine, Error, copy};
use crate::local;

/// Users of databases have these numbers and no name: above what systemd hands out, below what a signed number holds.
const FIRST_USER: u32 = 2_000_000_000;
/// How many users there are to choose from.
const USERS: u32 = 100_000;
/// What a socket's path may have, without its final zero (`unix(7)`).
const LONGEST_SOCKET: usize = 107;
/// What comes behind the home: `/s/<16 digits>/.s.PGSQL.5432`.
const BEHIND: usize = 3 + 16 + 14;
const LONGEST_ID: usize = 63;
/// Where files go that may not be gone on with, and for how long they are kept there.
const ASIDE: &str = "aside";
const KEPT_ASIDE: Duration = Duration::from_secs(7 * 24 * 3600);
/// The file that says by what a database is run; the ordinary one needs none.
const ENGINE: &str = "engine";

static BESIDE: AtomicU32 = AtomicU32::new(0);

/// A user and their group.
pub(super) type Owner = Option<(Uid, Gid)>;

/// The folder of a node.
pub(super) struct Home {
    pub(super) path: PathBuf,
    users: Users,
    /// Held for as long as the node lives: two never work in one folder.
    _lock: fs::File,
}

/// Who runs the databases.
enum Users {
    /// Whoever we are, or the one whom the machine has for Postgres.
    One(Owner),
    /// A number for each; those in use.
    Each(Mutex<BTreeSet<u32>>),
}

/// Where one database is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) id: String,
    /// All that it has on this disk.
    pub(super) folder: PathBuf,
    /// Where its socket is while it runs.
    pub(super) sockets: PathBuf,
}

impl Home {
    /// Makes the folder, or finds it as it was left, and locks it.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        fs::create_dir_all(path).map_err(Error::folder("make the folder", path))?;
        let path = fs::canonicalize(path).map_err(Error::folder("find the folder", path))?;
        let longest = LONGEST_SOCKET - BEHIND;
        if path.as_os_str().len() > longest {
            return Err(Error::TooLong { path, longest });
        }
        let lock = lock(&path)?;
        let home = Self { users: Users::One(None), path, _lock: lock };
        home.clear_aside();
        if !geteuid().is_root() {
            home.folders(0o700)?;
            return Ok(home);
        }
        home.folders(0o711)?;
        if !home.path.ancestors().all(|folder| fs::metadata(folder).is_ok_and(|found| found.mode() & 0o001 != 0)) {
            return Err(Error::Closed(home.path));
        }
        let users = if has_all_numbers() { Users::Each(Mutex::new(home.taken())) } else { Users::One(Some(local::server_user()?)) };
        Ok(Self { users, ..home })
    }

    /// Others may pass through, where the databases are others', but not look.
    fn folders(&self, mode: u32) -> Result<(), Error> {
        for folder in [self.path.clone(), self.databases(), self.path.join("s"), self.path.join("u")] {
            fs::create_dir_all(&folder).map_err(Error::folder("make the folder", &folder))?;
            fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).map_err(Error::folder("close the folder", &folder))?;
        }
        Ok(())
    }

    fn databases(&self) -> PathBuf {
        self.path.join("d")
    }

    fn taken(&self) -> BTreeSet<u32> {
        let folders = fs::read_dir(self.databases()).into_iter().flatten().flatten();
        folders.filter_map(|entry| Some(entry.metadata().ok()?.uid())).collect()
    }

    /// Where a database is, or would be.
    ///
    /// # Errors
    /// When the id is none: it becomes the name of a folder.
    pub(super) fn place(&self, id: &str) -> Result<Place, Error> {
        let sign = |sign: u8| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == b'-' || sign == b'_';
        let begins = id.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric());
        if !begins || id.len() > LONGEST_ID || !id.bytes().all(sign) {
            return Err(Error::Id);
        }
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        // short, for a socket's path may not be long
        let sockets = self.path.join("s").join(format!("{:016x}", hasher.finish()));
        Ok(Place { id: id.to_owned(), folder: self.databases().join(id), sockets })
    }

    /// The databases whose files are here, whole or not.
    pub(super) fn places(&self) -> Vec<Place> {
        let folders = fs::read_dir(self.databases()).into_iter().flatten().flatten();
        folders.filter_map(|entry| self.place(entry.file_name().to_str()?).ok()).collect()
    }

    /// Where a cluster would be that stands beside this database.
    ///
    /// # Errors
    /// When the id is none.
    pub(super) fn beside(&self, id: &str) -> Result<Place, Error> {
        let id = self.place(id)?.id;
        Ok(self.numbered(id, &format!("{:08x}", BESIDE.fetch_add(1, Ordering::Relaxed))))
    }

    /// What an earlier node left beside its databases.
    pub(super) fn all_beside(&self) -> Vec<Place> {
        let folders = fs::read_dir(self.path.join("u")).into_iter().flatten().flatten();
        folders.filter_map(|entry| Some(self.numbered(String::new(), entry.file_name().to_str()?))).collect()
    }

    fn numbered(&self, id: String, number: &str) -> Place {
        // no socket's folder of a database has this length
        Place { id, folder: self.path.join("u").join(number), sockets: self.path.join("s").join(format!("u{number}")) }
    }

    /// A user for one database, who is nobody else's until somebody frees them.
    pub(super) fn user(&self) -> Owner {
        match &self.users {
            Users::One(owner) => *owner,
            Users::Each(taken) => Some(next(taken)),
        }
    }

    /// Another database may have this user: none has them now, and there is nothing of theirs.
    pub(super) fn free(&self, owner: Owner) {
        if let (Users::Each(taken), Some((user, _))) = (&self.users, owner) {
            taken.lock().unwrap_or_else(PoisonError::into_inner).remove(&user.as_raw());
        }
    }

    /// Makes an empty folder for a database, and chooses its user.
    pub(super) fn make(&self, place: &Place) -> Result<Owner, Error> {
        let owner = self.user();
        self.make_for(place, owner).map(|()| owner)
    }

    /// Makes an empty folder for a database of this user.
    pub(super) fn make_for(&self, place: &Place, owner: Owner) -> Result<(), Error> {
        let made = || {
            copy::remove(&place.folder)?;
            for folder in [place.folder.clone(), place.data()] {
                fs::create_dir(&folder)?;
                fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
                copy::give(&folder, owner)?;
            }
            Ok(())
        };
        made().map_err(Error::folder("make the folder", &place.folder))
    }

    /// Moves all that a database has on this disk to where no database's user gets, and says where that is. It is no database any more then.
    pub(super) fn set_aside(&self, place: &Place) -> Result<PathBuf, Error> {
        let aside = self.path.join(ASIDE);
        let now = Utc::now().format("%Y%m%dT%H%M%S%.3fZ");
        let folder = aside.join(format!("{}-{now}", place.id));
        let moved = || {
            fs::create_dir_all(&aside)?;
            // whose user's number is free now, another database may have
            fs::set_permissions(&aside, fs::Permissions::from_mode(0o700))?;
            fs::rename(&place.folder, &folder)
        };
        moved().map_err(Error::folder("set aside", &place.folder))?;
        Ok(folder)
    }

    /// Removes what was set aside too long ago.
    fn clear_aside(&self) {
        let folders = fs::read_dir(self.path.join(ASIDE)).into_iter().flatten().flatten();
        let changed = |folder: &fs::DirEntry| folder.metadata().ok()?.ctime().try_into().ok();
        let old = |since: u64| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(since)).and_then(|since| since.elapsed().ok());
        for folder in folders.filter(|folder| changed(folder).and_then(old).is_some_and(|age| age > KEPT_ASIDE)) {
            tracing::info!(folder = %folder.path().display(), "what was set aside long ago is removed");
            drop(copy::remove(&folder.path()));
        }
    }

    /// Removes all that a database has on this disk. It is no database any more as soon as this begins.
    pub(super) async fn remove(&self, place: &Place) -> Result<(), Error> {
        let owner = place.owner();
        drop(fs::remove_file(place.whole()));
        let folder = place.folder.clone();
        copy::off_thread(move || copy::remove(&folder)).await.map_err(Error::folder("remove", &place.folder))?;
        self.free(owner.unwrap_or_default());
        Ok(())
    }
}

impl Place {
    /// Postgres' own folder.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// A cluster that will take the place of this one.
    pub(super) fn next(&self) -> PathBuf {
        self.folder.join("next")
    }

    /// Whether there is such a one.
    pub(super) fn has_next(&self) -> bool {
        self.next().exists()
    }

    /// The cluster in whose place this one is.
    pub(super) fn before(&self) -> PathBuf {
        self.folder.join("before")
    }

    /// What the server says.
    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn whole(&self) -> PathBuf {
        self.folder.join("whole")
    }

    /// Whether all of the database is here: a folder without this mark is what is left of a making, a fetching or a removal.
    pub(super) fn is_whole(&self) -> bool {
        self.whole().exists()
    }

    /// Says that all is here.
    pub(super) fn mark_whole(&self) -> Result<(), Error> {
        fs::write(self.whole(), "").map_err(Error::folder("write", self.whole()))
    }

    /// By what it is run. That stands beside the data folder, where nobody gets who is superuser in a PGlite.
    pub(super) fn engine(&self) -> Engine {
        fs::read_to_string(self.folder.join(ENGINE)).map_or(Engine::Postgres, |word| Engine::named(&word))
    }

    /// Says by what it is run, before anything does.
    pub(super) fn mark_engine(&self, engine: Engine) -> Result<(), Error> {
        let mark = self.folder.join(ENGINE);
        fs::write(&mark, engine.word()).map_err(Error::folder("write", &mark))
    }

    /// Who runs it: whose folder it is. `None`: we ourselves.
    pub(super) fn owner(&self) -> Result<Owner, Error> {
        owner_of(&self.folder).map_err(Error::folder("look at", &self.folder))
    }
}

/// Whose a folder is. `None`: ours.
pub(super) fn owner_of(folder: &Path) -> io::Result<Owner> {
    let found = fs::metadata(folder)?;
    let ours = found.uid() == geteuid().as_raw();
    Ok((!ours).then(|| (Uid::from_raw(found.uid()), Gid::from_raw(found.gid()))))
}

/// The lowest number that no database has.
fn next(taken: &Mutex<BTreeSet<u32>>) -> (Uid, Gid) {
    let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
    let free = (FIRST_USER..FIRST_USER + USERS).find(|number| !taken.contains(number)).unwrap_or(FIRST_USER);
    taken.insert(free);
    (Uid::from_raw(free), Gid::from_raw(free))
}

/// Whether we may give files to any number: in a container's user namespace only some exist (`user_namespaces(7)`).
fn has_all_numbers() -> bool {
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    map.split_whitespace().eq(["0", "0", "4294967295"])
}

fn lock(home: &Path) -> Result<fs::File, Error> {
    let locked = local::claim(home).map_err(Error::folder("write", home.join(local::LOCK)))?;
    locked.ok_or_else(|| Error::Busy(home.to_owned()))
}
