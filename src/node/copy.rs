//! A data folder, copied or removed: by sharing the blocks where the file system can, else byte by byte; and how that holds up nobody.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, PermissionsExt, chown},
    path::Path,
};

use nix::unistd::{Gid, Uid};

/// What of a data folder belongs to a server that runs in it, and to no copy.
const OF_A_RUNNING_SERVER: [&str; 2] = ["postmaster.pid", "postmaster.opts"];

/// Work with files, on a thread where it holds up nobody.
pub(super) async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

/// Copies all that is in `from` into `to`, which is there already, and gives it to `owner`.
///
/// # Errors
/// When the disk is full, and when there is anything but files and folders: a link could lead out of the folder.
pub(super) fn tree(from: &Path, to: &Path, owner: Option<(Uid, Gid)>) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, name) = (entry.file_type()?, entry.file_name());
        if OF_A_RUNNING_SERVER.iter().any(|of| name == *of) {
            continue;
        }
        let target = to.join(&name);
        if kind.is_dir() {
            fs::DirBuilder::new().mode(0o700).create(&target)?;
            tree(&entry.path(), &target, owner)?;
        } else if kind.is_file() {
            // shares the blocks on XFS and btrfs (copy_file_range), and keeps the mode
            fs::copy(entry.path(), &target)?;
        } else {
            return Err(strange(&entry.path()));
        }
        give(&target, owner)?;
    }
    Ok(())
}

/// Gives all that is in a folder to `owner`, for nobody else to read.
///
/// # Errors
/// When there is anything but files and folders: what a link leads to is not ours to give.
pub(super) fn settle(path: &Path, owner: Option<(Uid, Gid)>) -> io::Result<()> {
    each(path, &|path, is_folder| {
        fs::set_permissions(path, fs::Permissions::from_mode(if is_folder { 0o700 } else { 0o600 }))?;
        give(path, owner)
    })
}

/// Lets everybody read a folder and all that is in it.
///
/// # Errors
/// As with [`settle`].
pub(super) fn open_to_all(path: &Path) -> io::Result<()> {
    let open = |path: &Path, is_folder: bool| fs::set_permissions(path, fs::Permissions::from_mode(if is_folder { 0o755 } else { 0o644 }));
    each(path, &open)?;
    open(path, true)
}

/// What is in a folder before the folder itself.
fn each(path: &Path, what: &impl Fn(&Path, bool) -> io::Result<()>) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let (kind, path) = (entry.file_type()?, entry.path());
        if kind.is_dir() {
            each(&path, what)?;
        } else if !kind.is_file() {
            return Err(strange(&path));
        }
        what(&path, kind.is_dir())?;
    }
    Ok(())
}

fn strange(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("{} is neither a file nor a folder", path.display()))
}

/// Gives one thing away. `None`: it stays ours.
pub(super) fn give(path: &Path, owner: Option<(Uid, Gid)>) -> io::Result<()> {
    let Some((user, group)) = owner else { return Ok(()) };
    chown(path, Some(user.as_raw()), Some(group.as_raw()))
}

/// Removes a folder and all in it. One that is not there is content.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
