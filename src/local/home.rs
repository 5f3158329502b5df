//! Where a Postgres of this machine keeps its files, and whose they are: never root's, for it refuses to run as root.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use nix::unistd::{Gid, Uid, User, chown, geteuid};

use super::Error;

/// Where a folder goes that nobody but root could reach in its own place, as in root's own home.
const ELSEWHERE: &str = "/var/lib/iasql";

/// A folder and the user who runs a server in it.
pub(super) struct Home {
    /// Empty, or as the last server left it.
    pub(super) path: PathBuf,
    /// `None`: whoever we are.
    pub(super) user: Option<(Uid, Gid)>,
}

/// Makes the folder, or finds it as it was left.
pub(super) fn prepare(path: &Path) -> Result<Home, Error> {
    let parent = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(parent).map_err(Error::folder("make the folder", parent))?;
    let parent = fs::canonicalize(parent).map_err(Error::folder("find the folder", parent))?;
    let path = parent.join(path.file_name().unwrap_or_default());
    if !geteuid().is_root() {
        private(&path)?;
        return Ok(Home { path, user: None });
    }
    let path = if path.exists() || is_open_to_all(&parent) { path } else { elsewhere(&path)? };
    private(&path)?;
    let user = owner(&path)?;
    chown(&path, Some(user.0), Some(user.1)).map_err(|error| Error::folder("give away", &path)(error.into()))?;
    Ok(Home { path: fs::canonicalize(&path).map_err(Error::folder("find the folder", &path))?, user: Some(user) })
}

fn private(path: &Path) -> Result<(), Error> {
    if !path.exists() {
        fs::create_dir(path).map_err(Error::folder("make the folder", path))?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(Error::folder("close the folder", path))?;
    }
    Ok(())
}

/// Whoever's it is already; a new one is the server's own user's.
fn owner(path: &Path) -> Result<(Uid, Gid), Error> {
    let found = fs::metadata(path).map_err(Error::folder("look at", path))?;
    if found.uid() != 0 {
        return Ok((Uid::from_raw(found.uid()), Gid::from_raw(found.gid())));
    }
    server_user()
}

/// The unprivileged user whom this machine has for Postgres.
pub(crate) fn server_user() -> Result<(Uid, Gid), Error> {
    let named = ["postgres", "nobody"].into_iter().find_map(|name| User::from_name(name).ok().flatten());
    named.map(|user| (user.uid, user.gid)).ok_or(Error::NoUser)
}

fn is_open_to_all(dir: &Path) -> bool {
    dir.ancestors().all(|folder| fs::metadata(folder).is_ok_and(|found| found.mode() & 0o001 != 0))
}

/// A folder in a place that all may reach, with a link to it where it was wanted. Where the link is new, so is the folder.
fn elsewhere(link: &Path) -> Result<PathBuf, Error> {
    let mut hasher = DefaultHasher::new();
    link.hash(&mut hasher);
    let path = Path::new(ELSEWHERE).join(format!("{:016x}", hasher.finish()));
    fs::create_dir_all(ELSEWHERE).map_err(Error::folder("make the folder", ELSEWHERE))?;
    if path.exists() {
        fs::remove_dir_all(&path).map_err(Error::folder("remove what is left in", &path))?;
    }
    drop(fs::remove_file(link));
    private(&path)?;
    symlink(&path, link).map_err(Error::folder("link to", &path))?;
    Ok(path)
}
