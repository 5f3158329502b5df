//! One server, started: Postgres itself and not pg_ctl, as the database's user, with a limit to its memory.

use std::{
    ffi::OsStr,
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use nix::unistd::Pid;
use tokio::process::{Child, Command};

use super::{
    Engine, Error, Orioledb, control, copy, engine,
    home::Place,
    leftover, tree,
    wal::Begin,
    words::{self, Words},
};
use crate::{local, postgres};

/// How often it is looked whether the server is ready.
const LOOK: Duration = Duration::from_millis(1);
/// How long the kernel may take to end what was killed.
const KILLED: Duration = Duration::from_secs(5);
/// How much of a log waits on this disk for a slow bucket: what has more to wait is ended, and begins anew with a version.
const KEPT: &str = "1GB";
/// How many sessions of a server are the node's own, whoever else is there.
const RESERVED: u32 = 3;
/// How many there may be beside those that are counted: who has left may not have gone yet, and a download is one that no client has.
const LEAVING: u32 = 5;
const MAX_CONNECTIONS: &str = "max_connections";
/// Lowers the limits of the process that becomes Postgres: $1 is kilobytes. Where there is less already, as on a small machine, nobody may raise it.
const LIMITED: &str = r#"{ ulimit -d "$1" 2>/dev/null || :; } && shift && exec "$@""#;

/// Who may come into a database that is served.
pub(super) const HBA: &str = "node_hba.conf";
/// Who may come into a cluster that is not.
pub(super) const SIDE_HBA: &str = "side_hba.conf";

/// How each server is started.
#[derive(Clone, Debug)]
pub(super) struct Manner {
    /// The folder of what every database of the node has in common: `node.conf`, and who may come in.
    pub(super) settings: PathBuf,
    /// The file there that says who may.
    pub(super) hba: &'static str,
    pub(super) connections: u32,
    /// Of each process, in bytes.
    pub(super) memory: u64,
    /// What is said before the command.
    pub(super) before: &'static [&'static str],
    /// Where PGlite is installed.
    pub(super) pglite: Option<PathBuf>,
    /// Where an image has brought templates along.
    pub(super) brought: Option<PathBuf>,
    /// Where OrioleDB is, for its databases.
    pub(super) orioledb: Option<Orioledb>,
}

impl Manner {
    /// By what databases are run here of which nothing else is said.
    pub(super) fn own(&self) -> Engine {
        if self.orioledb.is_some() { Engine::Orioledb } else { Engine::Postgres }
    }
}

/// Starts the server of a database, and waits until it takes connections.
pub(super) async fn start(place: &Place, manner: &Manner, log: Option<&Begin>) -> Result<Child, Error> {
    if !leftover::end(&place.data()).await {
        return Err(Error::Leftover(place.id.clone()));
    }
    let command = engine::server(place, manner, log).await?;
    let (mut child, words) = spawn(place, command)?;
    let begun = match ready(place, &mut child).await {
        Ok(()) => engine::accept(place).await,
        Err(ended) => Err(words.last().await.unwrap_or(ended)),
    };
    match begun {
        Ok(()) => Ok(child),
        Err(said) => {
            drop(child.start_kill());
            tree::kill_all(&place.data(), KILLED).await;
            drop(child.wait().await);
            drop(copy::remove(&place.sockets));
            drop(fs::remove_file(place.data().join("postmaster.pid")));
            Err(Error::Start { id: place.id.clone(), said, log: place.log() })
        }
    }
}

/// Postgres itself, on the files that lie there.
pub(super) fn postgres(place: &Place, manner: &Manner, begin: Option<&Begin>) -> Result<Command, Error> {
    let installation = local::installation(&place.data())?;
    let mut command = limited(manner.memory, manner.before, &installation.join("bin/postgres"));
    command.arg("-D").arg(place.data()).current_dir(&place.folder);
    let standby = standby(place, manner).map_err(Error::folder("read the control file in", place.data()))?;
    for (name, value) in settings(place, manner).into_iter().chain(recovery(place)).chain(standby).chain(logged(begin)) {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    Ok(command)
}

fn spawn(place: &Place, mut command: Command) -> Result<(Child, Words), Error> {
    sockets(place)?;
    // a group of its own: a Ctrl-C is for the node, and it stops each in its turn
    command.process_group(0).env_clear().env("LC_ALL", "C.UTF-8").env("PATH", "/usr/bin:/bin");
    if let Some((user, group)) = place.owner()? {
        command.uid(user.as_raw()).gid(group.as_raw());
    }
    let words = words::of(command.stdin(Stdio::null()), place.log()).map_err(Error::folder("write", place.log()))?;
    let child = command.spawn().map_err(Error::folder("run the server in", &place.folder))?;
    Ok((child, words))
}

/// A program of which no process has more than so many bytes of its own; `before` stands before it.
pub(super) fn limited(memory: u64, before: &[impl AsRef<OsStr>], program: &Path) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", LIMITED, "sh", &(memory >> 10).to_string()]).args(before).arg(program);
    command
}

/// A log that was laid among the files is read to its end, and nothing is looked for elsewhere.
fn recovery(place: &Place) -> Vec<(&'static str, String)> {
    if !control::is_to_recover(&place.data()) {
        return vec![];
    }
    let settings = [
        ("restore_command", "false"),
        // a recovery that was killed at its very end leaves the history of a timeline that nobody is on
        ("recovery_target_timeline", "current"),
        ("hot_standby", "off"),
    ];
    settings.map(|(name, value)| (name, value.to_owned())).into()
}

/// What another one writes is read as it is laid among the files, and looked for nowhere else.
fn standby(place: &Place, manner: &Manner) -> io::Result<Vec<(&'static str, String)>> {
    if !control::is_to_follow(&place.data()) {
        return Ok(vec![]);
    }
    let settings = [
        ("hot_standby", "on"),
        ("primary_conninfo", ""),
        ("primary_slot_name", ""),
        ("restore_command", ""),
        ("recovery_target_timeline", "current"),
        ("wal_retrieve_retry_interval", "100ms"),
        // no file that was read takes the name of one that is about to be laid
        ("wal_recycle", "off"),
    ];
    let limits = control::LIMITED.into_iter().zip(control::limits(&place.data())?);
    let limits = limits.map(|(name, wanted)| (name, if name == MAX_CONNECTIONS { wanted.max(room(manner)) } else { wanted }.to_string()));
    Ok(settings.map(|(name, value)| (name, value.to_owned())).into_iter().chain(limits).collect())
}

/// How many sessions there may be in all.
fn room(manner: &Manner) -> u32 {
    manner.connections.saturating_add(RESERVED + LEAVING)
}

/// What a server needs whose log is kept elsewhere.
fn logged(begin: Option<&Begin>) -> Vec<(&'static str, String)> {
    // an empty list: nobody waits for anybody
    let waits_for = begin.filter(|begin| begin.every.is_none()).map(|begin| format!("\"{}\"", begin.name)).unwrap_or_default();
    let mut settings = vec![("synchronous_standby_names", waits_for)];
    if begin.is_some() {
        settings.extend([("wal_level", "replica".to_owned()), ("synchronous_commit", "on".to_owned())]);
        settings.push(("max_slot_wal_keep_size", KEPT.to_owned()));
    }
    settings
}

/// What holds whatever stands in a file: `postgresql.auto.conf` is part of the data, and may have come from elsewhere.
pub(super) fn settings(place: &Place, manner: &Manner) -> [(&'static str, String); 10] {
    [
        ("config_file", manner.settings.join("node.conf").display().to_string()),
        ("hba_file", manner.settings.join(manner.hba).display().to_string()),
        // quoted, for it is a list
        ("unix_socket_directories", format!("\"{}\"", place.sockets.display())),
        ("listen_addresses", String::new()),
        ("port", super::PORT.to_string()),
        (MAX_CONNECTIONS, room(manner).to_string()),
        ("superuser_reserved_connections", RESERVED.to_string()),
        ("shared_preload_libraries", String::new()),
        ("archive_mode", "off".to_owned()),
        ("fsync", "on".to_owned()),
    ]
}

/// An empty folder that only the database's user and root reach.
fn sockets(place: &Place) -> Result<(), Error> {
    let owner = place.owner()?;
    let make = || {
        copy::remove(&place.sockets)?;
        fs::DirBuilder::new().mode(0o700).create(&place.sockets)?;
        copy::give(&place.sockets, owner)
    };
    make().map_err(Error::folder("make the folder", &place.sockets))
}

/// The socket takes connections before the server does, so it is looked into the file in which the server says where it is.
async fn ready(place: &Place, child: &mut Child) -> Result<(), String> {
    let patience = engine::patience(place.engine()).start;
    let (until, file, pid) = (Instant::now() + patience, place.data().join("postmaster.pid"), pid(child));
    while !is_ready(&file, pid) {
        if let Ok(Some(ended)) = child.try_wait() {
            return Err(format!("it ended without a word ({ended})"));
        }
        if Instant::now() >= until {
            return Err(format!("it was not ready after {} seconds", patience.as_secs()));
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}

/// Whether this very process has written that it is ready: on the eighth line (`utils/pidfile.h` of PostgreSQL).
fn is_ready(file: &Path, pid: Option<Pid>) -> bool {
    let Ok(text) = postgres::note(file) else { return false };
    let text = String::from_utf8_lossy(&text);
    let mut lines = text.lines();
    let first = lines.next().and_then(|line| line.trim().parse().ok()).map(Pid::from_raw);
    first.is_some() && first == pid && lines.nth(6).is_some_and(|line| line.starts_with("ready"))
}

/// The first process; `None` when it has been waited for.
pub(super) fn pid(child: &Child) -> Option<Pid> {
    child.id().and_then(|number| i32::try_from(number).ok()).map(Pid::from_raw)
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use nix::unistd::Pid;

    use super::is_ready;

    #[test]
    fn a_server_is_ready_when_it_says_so_itself() {
        let file = env::temp_dir().join(format!("iasql-node-ready-{}", process::id()));
        let written = |pid: i32, word: &str| format!("{pid}\n/data\n1700000000\n5432\n/s\n\n  123 456\n{word}\n");
        let ready = |text: String, pid: i32| {
            fs::write(&file, text).expect("a file");
            is_ready(&file, Some(Pid::from_raw(pid)))
        };
        assert!(ready(written(7, "ready   "), 7));
        assert!(!ready(written(7, "starting"), 7));
        assert!(!ready(written(8, "ready   "), 7), "what an earlier one left");
        assert!(!ready("7\n/data\n".to_owned(), 7));
        fs::remove_file(file).expect("the file");
    }
}
