//! A primary and a streaming standby of one's own on this machine; both end with the value, however that comes about.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, chown},
};
use sqlx::{Connection, PgConnection};

use crate::support::{free_port, installed, unprivileged};

const CONF: &str = include_str!("standby.conf");
/// How often is looked, and how often at most.
const EVERY: Duration = Duration::from_millis(20);
const LOOKS: u32 = 1500;

/// The two of them.
pub(super) struct Pair {
    folder: PathBuf,
    running: Vec<Child>,
    primary: u16,
    standby: u16,
}

impl Pair {
    /// Makes a cluster, copies it, and has the copy follow.
    pub(super) async fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("iasql-standby-{}", std::process::id()));
        fs::create_dir(&folder).expect("a folder");
        if let Some(user) = unprivileged() {
            chown(&folder, Some(user.uid), Some(user.gid)).expect("the folder is given away");
        }
        let mut pair = Self { folder, running: vec![], primary: free_port(), standby: free_port() };
        pair.run("initdb", &["--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C", "-D", "primary"]);
        let conf = pair.folder.join("primary/postgresql.conf");
        let found = fs::read_to_string(&conf).expect("what initdb wrote");
        fs::write(&conf, format!("{found}\n{CONF}")).expect("our settings");
        pair.serve("primary", pair.primary).await;
        let port = pair.primary.to_string();
        pair.run("pg_basebackup", &["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-D", "standby", "-R", "-c", "fast", "--no-sync"]);
        pair.serve("standby", pair.standby).await;
        pair
    }

    /// A database on the primary, as somebody.
    pub(super) fn primary(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/{database}", self.primary)
    }

    /// The same on the standby.
    pub(super) fn standby(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/{database}", self.standby)
    }

    /// Waits until the standby has all that the primary has committed so far.
    pub(super) async fn caught_up(&self) {
        let mut primary = PgConnection::connect(&self.primary("postgres", "postgres")).await.expect("the primary");
        let there: String = sqlx::query_scalar("select pg_current_wal_lsn()::text").fetch_one(&mut primary).await.expect("a position");
        let mut standby = PgConnection::connect(&self.standby("postgres", "postgres")).await.expect("the standby");
        let mut every = tokio::time::interval(EVERY);
        for _ in 0..LOOKS {
            let asked = sqlx::query_scalar("select coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false)").bind(&there);
            if asked.fetch_one(&mut standby).await.expect("a position") {
                return;
            }
            every.tick().await;
        }
        panic!("the standby never came to {there}");
    }

    async fn serve(&mut self, folder: &str, port: u16) {
        let log = fs::File::create(self.folder.join(format!("{folder}.log"))).expect("a log");
        let mut server = self.command("postgres");
        server.args(["-D", folder, "-p", &port.to_string()]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.running.push(server.spawn().expect("a server"));
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        let mut every = tokio::time::interval(EVERY);
        for _ in 0..LOOKS {
            if let Ok(mut connection) = PgConnection::connect(&url).await {
                connection.ping().await.expect("an answer");
                return;
            }
            every.tick().await;
        }
        panic!("{folder} never answered: {}", fs::read_to_string(self.folder.join(format!("{folder}.log"))).unwrap_or_default());
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let done = self.command(program).args(arguments).output().expect("it can be started");
        assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(installed().join(program));
        command.current_dir(&self.folder).env_clear().env("LC_ALL", "C").env("HOME", &self.folder);
        if let Some(user) = unprivileged() {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        // the standby first: a primary waits for those that follow it
        for mut server in self.running.drain(..).rev() {
            // where it has ended by itself there is nobody to tell
            _ = kill(Pid::from_raw(server.id().cast_signed()), Signal::SIGQUIT);
            drop(server.wait());
        }
        drop(fs::remove_dir_all(&self.folder));
    }
}
