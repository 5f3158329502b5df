//! The cluster that every new database is a copy of: made once for each home and major version.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use nix::unistd::geteuid;
use tokio::process::Command;

use super::{Error, Shelf, copy, home::Owner, pglite};
use crate::local;

/// WAL segments of a megabyte: an idle database would have 16 of them for nothing. No password, for nobody but the node reaches the socket.
const INITDB: [&str; 5] = ["--username=postgres", "--encoding=UTF8", "--wal-segsize=1", "--auth=trust", "--no-instructions"];
const LOCALE: &str = "C.UTF-8";

static MAKING: AtomicU32 = AtomicU32::new(0);

/// Where else a template may come from than from initdb.
#[derive(Clone, Copy, Default)]
pub(super) struct Sources<'a> {
    /// The one that other nodes have shared comes first.
    pub(super) shelf: Option<&'a dyn Shelf>,
    /// What an image has brought along, as [`bring_along`] made it.
    pub(super) image: Option<&'a Path>,
}

/// Finds the template of the newest installed version below `folder`, brings the one that other nodes have shared, or makes it. Several may do so at once:
/// the first one's is everybody's. That of the image is taken where it lies: whoever waits for the first database does not wait for a copy ([`keep`]).
///
/// # Errors
/// When no Postgres is installed, the shelf does not answer, or initdb fails; nothing half made is left then.
pub(super) async fn prepare(folder: &Path, sources: Sources<'_>) -> Result<PathBuf, Error> {
    let installation = local::installation(Path::new(""))?;
    let template = folder.join(installation.file_name().unwrap_or_default());
    if template.exists() {
        return Ok(template);
    }
    let user = user()?;
    if let Some(shelf) = sources.shelf {
        // what initdb makes is never the same twice: where all nodes of a shelf have one template, each can use its own for what another has stored
        let shared = async |aside: &Path| shelf.template(major(&installation), aside).await.map_err(Error::Shared);
        if laid_if(&template, shared).await? {
            return Ok(template);
        }
    }
    let brought = sources.image.map(|image| image.join(installation.file_name().unwrap_or_default()));
    if let Some(brought) = brought.filter(|brought| brought.exists()) {
        return Ok(brought);
    }
    laid(&template, async |aside| initdb(&installation.join("bin"), LOCALE, aside, user).await).await
}

/// Copies the template that an image has brought along to where a node looks for its own, so that it has the same one after the image has changed.
///
/// # Errors
/// When the folder can't be written.
pub(super) async fn keep(brought: &Path, folder: &Path) -> Result<(), Error> {
    let template = folder.join(brought.file_name().unwrap_or_default());
    if brought == template || template.exists() {
        return Ok(());
    }
    let user = user()?;
    laid(&template, async |aside| taken(brought.to_owned(), aside, user).await).await.map(drop)
}

/// As whom initdb runs: it refuses to run as root, and wants a user who has a name.
fn user() -> Result<Owner, Error> {
    if geteuid().is_root() { Ok(Some(local::server_user()?)) } else { Ok(None) }
}

/// Makes the template of the newest installed version below `folder`, for all to read: an image that has it spares its nodes initdb
/// ([`Options::brought`](super::Options::brought)); and that of the newest PGlite, where the folder is said in which it is installed. Nothing secret is in
/// them. Where one is it stays.
///
/// # Errors
/// When no Postgres is installed, initdb or PGlite fails, or the folder can't be written.
pub async fn bring_along(folder: &Path, pglite: Option<&Path>) -> Result<Vec<PathBuf>, Error> {
    let mut made = vec![prepare(folder, Sources::default()).await?];
    if let Some(installed) = pglite {
        made.push(pglite::template(folder, Some(installed), None, pglite::NEWEST).await?);
    }
    shown(made.clone(), folder).await?;
    Ok(made)
}

/// Lets everybody read these templates of a folder.
pub(crate) async fn shown(templates: Vec<PathBuf>, folder: &Path) -> Result<(), Error> {
    let path = folder.to_owned();
    let open = move || {
        templates.iter().try_for_each(|template| copy::open_to_all(template))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
    };
    copy::off_thread(open).await.map_err(Error::folder("open to all", folder))
}

/// Has a template made beside its place, in a folder that does not exist yet, and moved there when it is whole.
pub(super) async fn laid(template: &Path, make: impl AsyncFnOnce(&Path) -> Result<(), Error>) -> Result<PathBuf, Error> {
    laid_if(template, async |aside| make(aside).await.map(|()| true)).await.map(|_| template.to_owned())
}

/// The same; false where whoever makes it has none.
async fn laid_if(template: &Path, make: impl AsyncFnOnce(&Path) -> Result<bool, Error>) -> Result<bool, Error> {
    let number = MAKING.fetch_add(1, Ordering::Relaxed);
    let aside = template.with_extension(format!("{}-{number}", std::process::id()));
    let made = async {
        let folder = template.parent().unwrap_or(template);
        empty(folder).map_err(Error::folder("make the folder", folder))?;
        let is_made = make(&aside).await?;
        if is_made { arrive(&aside, template).map(|()| true) } else { Ok(false) }
    };
    let made = made.await;
    drop(copy::remove(&aside));
    made
}

/// Copies one that an image has brought along into a folder that is not there yet, for this user alone to read.
pub(crate) async fn taken(brought: PathBuf, aside: &Path, user: Owner) -> Result<(), Error> {
    given(aside, user).map_err(Error::folder("make the folder", aside))?;
    let to = aside.to_owned();
    let copied = copy::off_thread(move || copy::tree(&brought, &to, user).and_then(|()| copy::settle(&to, user))).await;
    copied.map_err(Error::folder("copy the image's template to", aside))
}

/// Of `15`, and of `16.4.0`.
fn major(installation: &Path) -> u32 {
    let version = installation.file_name().unwrap_or_default().to_string_lossy();
    version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or_default()
}

/// What the `initdb` of this folder makes.
pub(super) async fn initdb(bin: &Path, locale: &str, aside: &Path, user: Owner) -> Result<(), Error> {
    given(aside, user).map_err(Error::folder("make the folder", aside))?;
    let mut command = Command::new(bin.join("initdb"));
    command
        .args(INITDB)
        .arg(format!("--locale={locale}"))
        .arg("-D")
        .arg(aside)
        .current_dir(aside)
        .env_clear()
        .env("LC_ALL", "C.UTF-8")
        .env("PATH", "/usr/bin:/bin");
    if let Some((user, group)) = user {
        command.uid(user.as_raw()).gid(group.as_raw());
    }
    let done = command.output().await.map_err(Error::folder("run initdb in", aside))?;
    if done.status.success() { Ok(()) } else { Err(Error::Template(String::from_utf8_lossy(&done.stderr).trim().to_owned())) }
}

fn arrive(aside: &Path, template: &Path) -> Result<(), Error> {
    match fs::rename(aside, template) {
        // somebody else was quicker
        Err(_) if template.exists() => Ok(()),
        renamed => renamed.map_err(Error::folder("rename", aside)),
    }
}

fn empty(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(if geteuid().is_root() { 0o711 } else { 0o700 }))
}

/// An empty folder of this user's.
pub(super) fn given(aside: &Path, owner: Owner) -> io::Result<()> {
    fs::create_dir(aside)?;
    fs::set_permissions(aside, fs::Permissions::from_mode(0o700))?;
    copy::give(aside, owner)
}
