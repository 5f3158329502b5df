//! A bucket, and nodes over it as processes that are killed and frozen together with their servers.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use iasql::node::PORT;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::process::{Child, Command};

use super::{child, in_time, until, way::Way};
use crate::support;

/// The one database.
pub(super) const DATABASE: &str = "shop";
/// How long a lease lasts here.
pub(super) const LEASE: Duration = Duration::from_secs(1);

/// A folder that all may reach, below which sockets' paths stay short, and the bucket.
pub(super) struct Field {
    folder: PathBuf,
    pub(super) bucket: String,
    /// Of the bucket in the cloud; `None`: it is a folder.
    pub(super) cloud: Option<Cloud>,
}

/// How a bucket of the local cloud is reached.
pub(super) struct Cloud {
    pub(super) endpoint: String,
    environment: Vec<(&'static str, String)>,
}

/// A node as a process.
pub(super) struct Process {
    child: Child,
    pub(super) home: PathBuf,
}

impl Field {
    /// Over a bucket that is a folder.
    pub(super) fn folder() -> Self {
        let folder = PathBuf::from(format!("/tmp/iasql-du-{}", uuid::Uuid::new_v4().simple().to_string().split_at(12).0));
        fs::create_dir_all(folder.join("bucket")).expect("a folder");
        let bucket = format!("file://{}", folder.join("bucket").display());
        Self { folder, bucket, cloud: None }
    }

    /// Over a bucket of the local cloud.
    pub(super) async fn cloud() -> Self {
        let account = support::account().await;
        let name = format!("durable-{}", account.id);
        account.outside().await.s3().create_bucket().bucket(&name).send().await.expect("a bucket");
        let environment = account.environment().await;
        let cloud = Cloud { endpoint: support::endpoint().await.to_owned(), environment };
        let mut field = Self::folder();
        (field.bucket, field.cloud) = (format!("s3://{name}/databases"), Some(cloud));
        field
    }

    /// Starts a node, or the one of this name again, with what is left of its disk.
    pub(super) fn node(&self, name: &str, durability: &str, way: Option<&Way>) -> Process {
        let home = self.folder.join(name);
        fs::create_dir_all(&home).expect("a folder");
        let log = fs::OpenOptions::new().create(true).append(true).open(self.folder.join(format!("{name}.log"))).expect("a log");
        let mut command = Command::new(env::current_exe().expect("this binary"));
        command.args(["--exact", "durable::child::a_node_by_itself", "--nocapture", "--test-threads=1"]);
        command.env(child::HOME, &home).env(child::BUCKET, &self.bucket).env(child::DURABILITY, durability).env(child::MAKES, "yes");
        command.env(child::LEASE, LEASE.as_millis().to_string());
        if let Some(cloud) = &self.cloud {
            command.envs(cloud.environment.iter().cloned());
            command.env("AWS_ENDPOINT_URL", way.map_or_else(|| cloud.endpoint.clone(), Way::endpoint)).env("AWS_REGION", "us-east-1");
        }
        let said = log.try_clone().expect("a log");
        let child = command.stdin(Stdio::null()).stdout(log).stderr(said).kill_on_drop(true).spawn().expect("a node");
        Process { child, home }
    }

    /// What all nodes said, for whoever looks why something went wrong.
    pub(super) fn said(&self) -> String {
        let logs = fs::read_dir(&self.folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let logs = logs.filter(|path| path.extension().is_some_and(|extension| extension == "log"));
        let last = |text: String| text.lines().rev().take(30).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n");
        logs.map(|path| format!("{}:\n{}\n", path.display(), last(fs::read_to_string(&path).unwrap_or_default()))).collect()
    }
}

impl Drop for Field {
    fn drop(&mut self) {
        if env::var("IASQL_DURABLE_KEEP").is_err() {
            drop(fs::remove_dir_all(&self.folder));
        }
    }
}

impl Process {
    /// A session, where there is a server and it answers.
    pub(super) async fn connect(&self) -> Option<PgConnection> {
        connect(&self.home).await
    }

    /// A session, as soon as it has the database.
    pub(super) async fn awake(&self) -> PgConnection {
        until("the database is awake there", async || self.connect().await).await
    }

    /// Its servers' processes, and what they have begotten.
    pub(super) fn servers(&self) -> Vec<Pid> {
        let below = self.home.join("node/d");
        let numbers = fs::read_dir("/proc").expect("processes").filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
        numbers
            .filter(|pid| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(&below)))
            .map(Pid::from_raw)
            .collect()
    }

    fn own(&self) -> Option<Pid> {
        self.child.id().and_then(|pid| i32::try_from(pid).ok()).map(Pid::from_raw)
    }

    /// The node, its servers, or both, stand still where they are, or go on.
    pub(super) fn send(&self, signal: Signal, node: bool, servers: bool) {
        if node && let Some(pid) = self.own() {
            let _is_gone = kill(pid, signal);
        }
        if servers {
            // what is begotten meanwhile is begotten by one that was not stopped yet
            for _ in 0..3 {
                for pid in self.servers() {
                    let _is_gone = kill(pid, signal);
                }
            }
        }
    }

    /// Kills all of it at once.
    pub(super) async fn kill(&mut self) {
        self.send(Signal::SIGKILL, true, true);
        in_time("the end of a killed node", self.child.wait()).await.expect("its end");
        drop(fs::remove_file(self.home.join(child::AWAKE)));
        until("its servers are gone", async || {
            self.send(Signal::SIGKILL, false, true);
            self.servers().is_empty().then_some(())
        })
        .await;
    }

    /// And its disk with it.
    pub(super) async fn destroy(mut self) {
        self.kill().await;
        fs::remove_dir_all(&self.home).expect("a killed node's folder");
    }

    /// Puts the database to sleep, and its files into the bucket.
    pub(super) async fn put_away(&self) {
        let file = self.home.join(child::SLEEP);
        fs::write(&file, "").expect("a file");
        until("it sleeps", async || (!file.exists()).then_some(())).await;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.send(Signal::SIGKILL, true, true);
        self.send(Signal::SIGKILL, false, true);
    }
}

/// A session with the server whose socket is below a node's folder.
pub(super) async fn connect(home: &Path) -> Option<PgConnection> {
    // a server that only recovers has a socket too, and nobody is let in there
    let socket = fs::read_to_string(home.join(child::AWAKE)).ok()?;
    let options = PgConnectOptions::new_without_pgpass().socket(socket).port(PORT).username("app").database("app");
    // one that is frozen takes a connection and says nothing
    let session = tokio::time::timeout(Duration::from_secs(5), PgConnection::connect_with(&options)).await;
    session.ok()?.ok()
}
