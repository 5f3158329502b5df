//! The folder in which machines live: who may get where, and who runs them.

use std::{
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    net::Ipv4Addr,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use nix::unistd::geteuid;

use super::{Error, file, ids};
use crate::local;

/// Users of machines have these numbers and no name: behind those that a node's databases have.
pub(super) const FIRST_USER: u32 = 2_000_200_000;
/// How a home's machines run: as processes, or as containers.
pub(super) const NATIVE: &str = "native";
pub(super) const DOCKER: &str = "docker";
/// How many machines there can be on a machine: each has a number for its user and its address.
const MOST: u16 = 60_000;
/// How many homes' users there is room for below what a signed number holds.
const BLOCKS: u32 = 2_400;

/// The folder in which machines live.
pub(super) struct Home {
    pub(super) path: PathBuf,
    /// Digests of secrets follow from it.
    pub(super) key: String,
    users: Users,
    /// Held for as long as we live.
    _lock: fs::File,
}

/// Who runs machines.
#[derive(Clone, Copy)]
enum Users {
    /// Whoever we are.
    Ours,
    /// The one whom this machine has for Postgres.
    One(u32),
    /// A number for each.
    Each,
}

impl Home {
    /// Makes the folder, or finds it as it was left, and locks it. Where Docker runs machines, who they are is said by their images.
    pub(super) fn open(path: &Path, natively: bool) -> Result<Self, Error> {
        fs::create_dir_all(path).map_err(Error::folder("make the folder", path))?;
        let path = fs::canonicalize(path).map_err(Error::folder("find the folder", path))?;
        let lock = lock(&path)?;
        let users = if natively { users()? } else { Users::Ours };
        let mode = if matches!(users, Users::Ours) { 0o700 } else { 0o711 };
        for folder in [path.clone(), path.join("apps"), path.join("machines"), path.join("volumes"), path.join("images")] {
            fs::create_dir_all(&folder).map_err(Error::folder("make the folder", &folder))?;
            fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).map_err(Error::folder("close the folder", &folder))?;
        }
        let is_open = path.ancestors().all(|folder| fs::metadata(folder).is_ok_and(|found| found.mode() & 0o001 != 0));
        if !is_open && !matches!(users, Users::Ours) {
            return Err(Error::Closed(path));
        }
        own_program(&path.join("bin"), mode).map_err(Error::folder("lay our own program into", path.join("bin")))?;
        Ok(Self { key: key(&path.join("key.json"))?, path, users, _lock: lock })
    }

    /// Notes how its machines run, and refuses another way where some live here: their images and states are of the one they were made with.
    pub(super) fn keep_to(&self, backend: &str, is_lived_in: bool) -> Result<(), Error> {
        let path = self.path.join("backend.json");
        let kept: String = file::read(&path)?.unwrap_or_else(|| NATIVE.to_owned());
        if is_lived_in && kept != backend {
            return Err(Error::Otherwise { home: self.path.clone(), kept });
        }
        file::write(&path, &backend)
    }

    /// Where a machine finds this very program, wherever it lies: its user may not get there.
    pub(super) fn programs(&self) -> PathBuf {
        self.path.join("bin")
    }

    /// Where a machine finds PGlite, wherever it is installed.
    pub(super) fn pglite(&self) -> PathBuf {
        self.path.join("pglite")
    }

    pub(super) fn app(&self, name: &str) -> PathBuf {
        self.path.join("apps").join(format!("{name}.json"))
    }

    pub(super) fn machine(&self, id: &str) -> PathBuf {
        self.path.join("machines").join(id)
    }

    pub(super) fn volume(&self, id: &str) -> PathBuf {
        self.path.join("volumes").join(id)
    }

    pub(super) fn images(&self) -> PathBuf {
        self.path.join("images")
    }

    /// The user of the machine with this number.
    pub(super) fn user(&self, number: u16) -> Option<u32> {
        match self.users {
            Users::Ours => None,
            Users::One(user) => Some(user),
            // a block of each home's own: a user's processes are counted, and ended, together
            Users::Each => Some(FIRST_USER + self.share(BLOCKS) * u32::from(MOST) + u32::from(number)),
        }
    }

    /// One of so many that homes share: two seldom have the same.
    fn share(&self, among: u32) -> u32 {
        let mut hasher = DefaultHasher::new();
        self.path.hash(&mut hasher);
        u32::try_from(hasher.finish() % u64::from(among)).unwrap_or_default()
    }

    /// Whether no two machines have the same user, nor anybody else.
    pub(super) fn has_own_users(&self) -> bool {
        matches!(self.users, Users::Each)
    }

    /// The address of the machine with this number. Homes differ in the second part, so that two seldom have the same addresses.
    pub(super) fn address(&self, number: u16) -> Ipv4Addr {
        let part = 16 + u8::try_from(self.share(224)).unwrap_or_default();
        let [high, low] = number.to_be_bytes();
        Ipv4Addr::new(127, part, high, low)
    }
}

/// The number of a machine that has this address.
pub(super) fn number(address: Ipv4Addr) -> u16 {
    let [_, _, high, low] = address.octets();
    u16::from_be_bytes([high, low])
}

/// The lowest number that none of these has.
pub(super) fn free(taken: &[u16]) -> Option<u16> {
    (1..MOST).find(|number| !taken.contains(number))
}

fn users() -> Result<Users, Error> {
    if !geteuid().is_root() {
        return Ok(Users::Ours);
    }
    // in a container's user namespace only some numbers exist (user_namespaces(7))
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    if map.split_whitespace().eq(["0", "0", "4294967295"]) {
        return Ok(Users::Each);
    }
    Ok(Users::One(local::server_user()?.0.as_raw()))
}

/// Links it there, or copies it where that can't be; in one move, for machines may run the old one.
fn own_program(folder: &Path, mode: u32) -> io::Result<()> {
    let (own, program) = (env::current_exe()?, folder.join("iasql"));
    fs::create_dir_all(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(mode))?;
    let aside = folder.join("iasql.new");
    file::remove(&aside).map_err(io::Error::other)?;
    if fs::hard_link(&own, &aside).is_err() {
        fs::copy(&own, &aside)?;
        fs::set_permissions(&aside, fs::Permissions::from_mode(0o755))?;
    }
    fs::rename(aside, program)
}

fn lock(home: &Path) -> Result<fs::File, Error> {
    let locked = local::claim(home).map_err(Error::folder("write", home.join(local::LOCK)))?;
    locked.ok_or_else(|| Error::Busy(home.to_owned()))
}

fn key(path: &Path) -> Result<String, Error> {
    if let Some(known) = file::read(path)? {
        return Ok(known);
    }
    let made = ids::key()?;
    file::write(path, &made)?;
    Ok(made)
}
