//! Postgres' own programs, run as the server's user: to begin a cluster, to copy it, to take back what went another way, and to look at one that is stopped.

use std::{net::SocketAddr, path::PathBuf, process::Stdio, time::Duration};

use tokio::process::Command;

use super::{Error, home::Home};
use crate::local;

/// How long a copy or a rewind may take.
const LONG: Duration = Duration::from_secs(3600);

/// What a program said.
pub(super) struct Said {
    pub(super) well: bool,
    pub(super) out: String,
    pub(super) error: String,
}

/// The programs for this member's data.
#[derive(Clone, Debug)]
pub(super) struct Tools(Home);

impl Tools {
    pub(super) fn new(home: &Home) -> Self {
        Self(home.clone())
    }

    pub(super) fn program(&self, name: &str) -> Result<PathBuf, Error> {
        Ok(local::installation(&self.0.data())?.join("bin").join(name))
    }

    /// A program, as the server's user and with nothing of our environment.
    pub(super) fn command(&self, name: &str) -> Result<Command, Error> {
        let mut command = Command::new(self.program(name)?);
        // a group of its own: a Ctrl-C is for the agent
        command.current_dir(self.0.folder()).env_clear().env("LC_ALL", "C.UTF-8").env("PATH", "/usr/bin:/bin").process_group(0);
        command.stdin(Stdio::null());
        if let Some((user, group)) = self.0.owner {
            command.uid(user.as_raw()).gid(group.as_raw());
        }
        Ok(command)
    }

    pub(super) async fn run(&self, name: &str, arguments: &[&str]) -> Result<Said, Error> {
        self.output(name, self.command(name)?.args(arguments)).await
    }

    /// What a program says until it ends.
    pub(super) async fn output(&self, name: &str, command: &mut Command) -> Result<Said, Error> {
        let ran = tokio::time::timeout(LONG, command.kill_on_drop(true).output()).await;
        let ended = ran.map_err(|_| Error::Said(format!("{name} took longer than an hour")))?.map_err(Error::disk("run", name))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        Ok(Said { well: ended.status.success(), out: text(&ended.stdout), error: text(&ended.stderr) })
    }

    pub(super) async fn done(&self, name: &str, arguments: &[&str]) -> Result<(), Error> {
        let said = self.run(name, arguments).await?;
        if said.well { Ok(()) } else { Err(Error::Said(format!("{name}: {}", said.error))) }
    }

    /// Which Postgres this is.
    pub(super) async fn version(&self) -> Result<String, Error> {
        let said = self.run("postgres", &["--version"]).await?.out;
        Ok(said.split_whitespace().nth(2).unwrap_or_default().to_owned())
    }

    /// Whether a server would start with this configuration.
    pub(super) async fn takes(&self, conf: &std::path::Path) -> Result<(), Error> {
        let data = self.0.data().display().to_string();
        let conf = format!("config_file={}", conf.display());
        self.done("postgres", &["-D", &data, "-c", &conf, "-C", "port"]).await
    }

    /// Copies all data of a primary.
    pub(super) async fn copy(&self, from: SocketAddr) -> Result<(), Error> {
        let (data, way) = (self.0.data().display().to_string(), self.0.way(from));
        let arguments = ["-D", &data, "-d", &way, "-w", "-X", "stream", "-c", "fast", "-N"];
        self.done("pg_basebackup", &arguments).await
    }

    /// Takes back what the primary does not have.
    pub(super) async fn rewind(&self, from: SocketAddr) -> Result<(), Error> {
        let data = self.0.data().display().to_string();
        let source = format!("--source-server={} dbname=postgres", self.0.way(from));
        let conf = format!("--config-file={}", self.0.conf().display());
        self.done("pg_rewind", &["-D", &data, "-N", &source, &conf]).await
    }
}
