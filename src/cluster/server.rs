//! The server of a member: started by the agent alone, and ended with all that belongs to it.

use std::{
    fs,
    os::unix::fs::{OpenOptionsExt, chown},
    path::Path,
    process::Stdio,
    time::Duration,
};

use nix::{sys::signal::Signal, unistd::Pid};
use sqlx::{ConnectOptions, PgConnection, postgres::PgConnectOptions};
use tokio::process::Child;

use super::{Error, home::Home, tools::Tools};
use crate::node::tree;

/// How long the kernel may take to end what was killed, before it is tried again.
const KILLED: Duration = Duration::from_secs(5);
/// A log that has grown beyond this is begun anew at the next start.
const LONGEST: u64 = 16 << 20;

/// Starts Postgres on the data, and does not wait until it is ready.
pub(super) fn spawn(home: &Home, tools: &Tools) -> Result<Child, Error> {
    // a lock that a killed one left there names a process, and another process may have that number by now
    home.empty(&home.sockets())?;
    let log = home.log();
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true).mode(0o600);
    let file = options.open(&log).map_err(Error::disk("open", &log))?;
    if file.metadata().is_ok_and(|found| found.len() > LONGEST) {
        file.set_len(0).map_err(Error::disk("begin anew", &log))?;
    }
    if let Some((user, group)) = home.owner {
        chown(&log, Some(user.as_raw()), Some(group.as_raw())).map_err(Error::disk("give away", &log))?;
    }
    let same = file.try_clone().map_err(Error::disk("open", &log))?;
    let mut command = tools.command("postgres")?;
    command.arg("-D").arg(home.data()).arg("-c").arg(format!("config_file={}", home.conf().display()));
    // all that runs on the data is found by where it stands, and this one from its first moment on
    command.current_dir(home.data()).stdout(Stdio::from(file)).stderr(Stdio::from(same));
    command.spawn().map_err(Error::disk("run the server in", home.data()))
}

/// Ends all that runs on the data. It answers when nothing does.
pub(super) async fn end(data: &Path) {
    while !tree::kill_all(data, KILLED).await {
        tracing::warn!(folder = %data.display(), "some of the server can't be ended yet");
    }
    drop(fs::remove_file(data.join("postmaster.pid")));
}

/// Has it read its settings again.
pub(super) fn reload(server: Pid) {
    tree::send(server, Signal::SIGHUP);
}

/// Has it write down everything and stop; a primary sends its standbys everything first.
pub(super) fn stop(server: Pid) {
    tree::send(server, Signal::SIGINT);
}

/// A session of the superuser over the socket.
pub(super) async fn session(home: &Home, port: u16, database: &str) -> Result<PgConnection, sqlx::Error> {
    let options = PgConnectOptions::new_without_pgpass().socket(home.sockets()).port(port).username("postgres").database(database);
    options.application_name("iasql member").disable_statement_logging().connect().await
}
