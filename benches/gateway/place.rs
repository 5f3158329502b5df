//! A registry with databases to be served, and gateways as processes.

use std::{
    fs, io,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use iasql::gateway::startup::{Hello, Startup, encode};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::time::sleep;

use super::{
    FOLDER, PARKED, PATIENCE, SLEEPERS, authority,
    client::{Client, Way, clear},
};
use crate::{ground::Ground, support};

/// All that is measured on.
pub(super) struct Place {
    pub(super) folder: PathBuf,
    metadata: String,
    pub(super) gateway: Gateway,
}

/// A gateway as a process.
pub(super) struct Gateway {
    child: Child,
    pub(super) home: PathBuf,
    pub(super) port: u16,
}

impl Place {
    pub(super) async fn of(ground: &Ground) -> Self {
        let (metadata, mut user) = ground.registered(&["gateway"]).await;
        let folder = PathBuf::from(format!("/tmp/iasql-bench-gw-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let (name, (parked, _)) = (user.database.name().to_owned(), PARKED);
        // the first one lays the engine's key, which passwords are sealed to
        check(&name, &metadata);
        user.sql(&include_str!("rows.sql").replace(":sleepers", &SLEEPERS.to_string()).replace(":parked", &parked.to_string())).await;
        check(&name, &metadata);
        let gateway = Gateway::start(&metadata, &folder.join("a"), &[]);
        FOLDER.set(gateway.home.clone()).expect("one place");
        Self { folder, metadata, gateway }
    }

    /// One more, with a bucket.
    pub(super) fn another(&self, name: &str, bucket: &str) -> Gateway {
        let shown = authority().issue("db.localhost", chrono::Utc::now()).expect("a certificate");
        let file = self.folder.join(format!("{name}.pem"));
        fs::write(&file, shown.pem.expose()).expect("a file");
        let file = file.to_str().expect("a text");
        Gateway::start(&self.metadata, &self.folder.join(name), &["--bucket", bucket, "--certificate", file])
    }

    pub(super) async fn stop(mut self) {
        self.gateway.stop();
        fs::remove_dir_all(self.folder).expect("the folder");
    }
}

fn check(name: &str, metadata: &str) {
    let status = iasql(&["check", name], metadata).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.expect("the binary runs").success());
}

fn iasql(words: &[&str], metadata: &str) -> Command {
    let mut command = Command::new(support::binary());
    command.args(words).args(["--database-url", metadata]).env_clear().env("PATH", "/usr/bin:/bin").env("IASQL_LOG", "error");
    // no cloud is called: databases that are served stand in a book of the engine's own
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test").env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    command.env("IASQL_KEY_FILE", support::key_file()).stdin(Stdio::null());
    command
}

impl Gateway {
    fn start(metadata: &str, home: &Path, more: &[&str]) -> Self {
        let mut command = iasql(&[&["gateway", "--json", "--listen", "127.0.0.1:0"], more].concat(), metadata);
        let mut child = command.arg("--home").arg(home).stdout(Stdio::piped()).spawn().expect("the binary runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("the gateway did not start: {line}"));
        let port = ready["port"].as_u64().and_then(|port| port.try_into().ok()).expect("a port");
        Self { child, home: home.to_owned(), port }
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// From nothing to a session that is ready.
    pub(super) async fn enter(&self, name: &str) -> io::Result<Client> {
        enter(self.port, name).await
    }

    /// How many servers run for it.
    pub(super) fn servers(&self) -> usize {
        servers(&self.home).len()
    }

    /// How many databases have files on its disk.
    pub(super) fn databases(&self) -> usize {
        fs::read_dir(self.home.join("node/d")).map(Iterator::count).unwrap_or_default()
    }

    /// Until there is a copy of the template for the next database.
    pub(super) async fn has_a_copy(&self) {
        let began = Instant::now();
        while !self.home.join("node/spare").exists() {
            assert!(began.elapsed() < PATIENCE, "no copy is made");
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// Until every server has ended.
    pub(super) async fn is_quiet(&self) {
        let began = Instant::now();
        while self.servers() > 0 {
            assert!(began.elapsed() < PATIENCE, "its servers go on");
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Ends it, where it has not ended.
    pub(super) fn stop(&mut self) {
        if self.child.try_wait().expect("a child").is_some() {
            return;
        }
        kill(Pid::from_raw(self.id().try_into().expect("a number")), Signal::SIGTERM).expect("a signal");
        self.child.wait().expect("an end");
    }
}

/// The same at another port.
pub(super) async fn enter(port: u16, name: &str) -> io::Result<Client> {
    let mut client = Client::calling(&format!("{name}.db.localhost"), clear(port).await, Way::Asked).await?;
    client.enter(&packet()).await;
    Ok(client)
}

fn packet() -> Vec<u8> {
    let parameters = [("user", "app"), ("database", "app")].map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()));
    encode(&Hello::Startup(Startup { minor: 0, parameters: parameters.to_vec() }))
}

/// The first processes of the servers below a folder, and the folders of their data.
pub(super) fn servers(below: &Path) -> Vec<(i32, PathBuf)> {
    let listed = fs::read_dir("/proc").expect("processes").flatten();
    let of = |process: fs::DirEntry| {
        let pid = process.file_name().into_string().ok()?.parse().ok()?;
        let line = fs::read_to_string(process.path().join("cmdline")).ok()?;
        let words: Vec<&str> = line.split('\0').collect();
        let data = words.iter().skip_while(|word| **word != "-D").nth(1)?;
        (words[0].ends_with("/postgres") && Path::new(data).starts_with(below)).then(|| (pid, PathBuf::from(data)))
    };
    listed.filter_map(of).collect()
}
