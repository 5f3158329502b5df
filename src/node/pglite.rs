//! A PGlite as a server: a script of ours under Node.js (`scripts/pglite/serve.mjs`), without a network, on the files as they are.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use nix::unistd::geteuid;
use tokio::process::Command;

use super::{
    Error, apart,
    home::Place,
    start::{self, Manner},
    template,
};
use crate::local;

/// The major version of Postgres that new ones have.
pub(super) const NEWEST: u32 = 18;
const OLDEST: u32 = 17;
/// What one that serves may have of its own, in bytes: an empty one has 0.4 GB. What a query wants beyond that fails with 53200.
const SERVING: u64 = 1 << 30;
/// What one may have that makes a new folder, in bytes: it runs two engines for that.
const MAKING: u64 = 3 << 30;
/// Of that, what is not the engine's but the script's, in MB.
const HEAP: &str = "--max-old-space-size=256";
/// Where Node.js may be: no database's user has a path of its own.
const PLACES: [&str; 2] = ["/usr/local/bin", "/usr/bin"];
const SCRIPT: &str = "serve.mjs";

/// Says what is missing of what runs one.
fn installed(folder: Option<&Path>) -> Result<(PathBuf, &Path), Error> {
    let node = PLACES.iter().map(|place| Path::new(place).join("node")).find(|node| node.exists());
    let node = node.ok_or_else(|| Error::NoEngine(format!("Node.js (node in {})", PLACES.join(" or "))))?;
    let folder = folder.ok_or_else(|| Error::NoEngine("the folder of PGlite".to_owned()))?;
    let script = folder.join(SCRIPT);
    if script.exists() { Ok((node, folder)) } else { Err(Error::NoEngine(format!("PGlite ({})", script.display()))) }
}

/// The server of the files that lie there.
pub(super) async fn server(place: &Place, manner: &Manner) -> Result<Command, Error> {
    let (node, folder) = installed(manner.pglite.as_deref())?;
    let socket = place.sockets.join(format!(".s.PGSQL.{}", super::PORT));
    let mut command = start::limited(SERVING, apart::words(place.owner()?).await, &node);
    command.arg(HEAP).arg(folder.join(SCRIPT)).arg(place.data()).arg(socket).current_dir(place.data());
    Ok(command)
}

/// Those that there are.
pub(super) fn templates(folder: &Path) -> Vec<PathBuf> {
    (OLDEST..=NEWEST).map(|major| place(folder, major)).filter(|template| template.exists()).collect()
}

fn place(templates: &Path, major: u32) -> PathBuf {
    templates.join(format!("pglite-{major}"))
}

/// Finds the template of a major version below `templates`, or takes the one that an image has brought along, or makes it.
pub(super) async fn template(templates: &Path, folder: Option<&Path>, image: Option<&Path>, major: u32) -> Result<PathBuf, Error> {
    let found = place(templates, major);
    if found.exists() {
        return Ok(found);
    }
    let (node, folder) = installed(folder)?;
    let user = if geteuid().is_root() { Some(local::server_user()?) } else { None };
    if let Some(brought) = image.map(|image| place(image, major)).filter(|brought| brought.exists()) {
        return template::laid(&found, async |aside| template::taken(brought, aside, user).await).await;
    }
    let make = async |aside: &Path| {
        template::given(aside, user).map_err(Error::folder("make the folder", aside))?;
        let mut command = start::limited(MAKING, apart::words(user).await, &node);
        command.arg(folder.join("make.mjs")).arg(aside).arg(major.to_string()).current_dir(aside);
        command.env_clear().env("LC_ALL", "C.UTF-8").env("PATH", "/usr/bin:/bin").stdin(Stdio::null()).kill_on_drop(true);
        if let Some((user, group)) = user {
            command.uid(user.as_raw()).gid(group.as_raw());
        }
        let done = command.output().await.map_err(Error::folder("run Node.js in", aside))?;
        if done.status.success() { Ok(()) } else { Err(Error::Template(String::from_utf8_lossy(&done.stderr).trim().to_owned())) }
    };
    template::laid(&found, make).await
}
