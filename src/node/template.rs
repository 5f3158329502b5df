//! The cluster that every new database is a copy of: made once for each home and major version.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use nix::unistd::geteuid;
use tokio::process::Command;

use super::{Error, copy, home::Owner};
use crate::local;

/// WAL segments of a megabyte: an idle database would have 16 of them for nothing. No password, for nobody but the node reaches the socket.
const INITDB: [&str; 6] =
    ["--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--wal-segsize=1", "--auth=trust", "--no-instructions"];

static MAKING: AtomicU32 = AtomicU32::new(0);

/// Finds the template of the newest installed version below `folder`, or makes it. Several may do so at once: the first one's is everybody's.
///
/// # Errors
/// When no Postgres is installed, or initdb fails; nothing half made is left then.
pub(super) async fn prepare(folder: &Path) -> Result<PathBuf, Error> {
    let installation = local::installation(Path::new(""))?;
    let version = installation.file_name().unwrap_or_default();
    let template = folder.join(version);
    if template.exists() {
        return Ok(template);
    }
    let number = MAKING.fetch_add(1, Ordering::Relaxed);
    let aside = folder.join(format!("{}.{}-{number}", version.display(), std::process::id()));
    let made = make(&installation, folder, &aside, &template).await;
    drop(copy::remove(&aside));
    made.map(|()| template)
}

async fn make(installation: &Path, folder: &Path, aside: &Path, template: &Path) -> Result<(), Error> {
    // initdb refuses to run as root, and wants a user who has a name
    let user = if geteuid().is_root() { Some(local::server_user()?) } else { None };
    empty(folder, aside, user).map_err(Error::folder("make the folder", aside))?;
    let mut command = Command::new(installation.join("bin/initdb"));
    command.args(INITDB).arg("-D").arg(aside).current_dir(aside).env_clear().env("LC_ALL", "C.UTF-8").env("PATH", "/usr/bin:/bin");
    if let Some((user, group)) = user {
        command.uid(user.as_raw()).gid(group.as_raw());
    }
    let done = command.output().await.map_err(Error::folder("run initdb in", aside))?;
    if !done.status.success() {
        return Err(Error::Template(String::from_utf8_lossy(&done.stderr).trim().to_owned()));
    }
    match fs::rename(aside, template) {
        // somebody else was quicker
        Err(_) if template.exists() => Ok(()),
        renamed => renamed.map_err(Error::folder("rename", aside)),
    }
}

fn empty(folder: &Path, aside: &Path, owner: Owner) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(if owner.is_some() { 0o711 } else { 0o700 }))?;
    fs::create_dir(aside)?;
    fs::set_permissions(aside, fs::Permissions::from_mode(0o700))?;
    copy::give(aside, owner)
}
