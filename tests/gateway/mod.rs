//! The gateway before a real PostgreSQL, with psql, pg_dump and a client of our own in front of it.

mod acme;
mod alone;
mod attacks;
mod client;
mod clients;
mod copies;
mod drains;
mod greedy;
mod guesses;
mod handshakes;
mod https;
mod instances;
mod limits;
mod nodes;
mod orioledb;
mod parts;
mod people;
mod pglite;
mod refused_uploads;
mod registry;
mod replication;
mod rows;
mod seats;
mod server;
mod serverless_replica;
mod tarball;
mod upload_versions;
mod uploads;
mod whole;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::Utc;
use iasql::{
    gateway::{self, Authority, Certificates, Deadlines, Domain, Gateway, Limits, Settings},
    resource::Secret,
};
use server::{PASSWORD, World};
use tokio::{process::Command, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

/// How long any step of a test may take.
const PATIENCE: Duration = Duration::from_secs(60);
const DOMAIN: &str = "db.localhost";

async fn within<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("in time")
}

/// Until it is so.
async fn until(mut so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !so() {
        assert!(begin.elapsed() < PATIENCE, "it never came to be");
        tokio::task::yield_now().await;
    }
}

/// A gateway that serves, and what it stands on.
struct Site {
    port: u16,
    world: Arc<World>,
    certificates: Arc<Certificates>,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

/// As a gateway is set up unless a test says otherwise.
fn settings() -> Settings {
    let (limits, deadlines) = (Limits::default(), Deadlines::default());
    let (secret, guesses) = (Secret::new("between gateways"), Arc::default());
    Settings { limits, deadlines, trusted: vec![], grace: PATIENCE, secret, guesses }
}

/// The authority of this run.
fn authority() -> Authority {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("authority-{}", std::process::id()));
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    Authority::open(folder, Utc::now()).unwrap()
}

fn domain() -> Domain {
    authority().issue(DOMAIN, Utc::now()).unwrap()
}

impl Site {
    async fn open(settings: Settings) -> Self {
        Self::of(settings, |gateway| gateway).await
    }

    /// A gateway that is somewhat otherwise.
    async fn of(settings: Settings, otherwise: impl FnOnce(Gateway) -> Gateway) -> Self {
        let world = Arc::new(World::new().await);
        let certificates = Arc::new(Certificates::new(&[domain()]).unwrap());
        let listener = gateway::listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let port = listener.local_addr().unwrap().port();
        let gateway = otherwise(Gateway::new(Arc::clone(&certificates), Arc::clone(&world) as _, settings).unwrap());
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(gateway::serve(listener, Arc::new(gateway), shutdown.clone()));
        Self { port, world, certificates, shutdown, task }
    }

    /// A program of Postgres with ann's password, to this host.
    fn program(&self, name: &str, host: &str, more: &str) -> Command {
        let ca = authority().certificate();
        let to = format!(
            "host={host} hostaddr=127.0.0.1 port={} user=ann dbname=shop sslmode=verify-full sslrootcert={} connect_timeout=60 {more}",
            self.port,
            ca.display()
        );
        let mut command = Command::new(iasql::local::tools().unwrap().join(name));
        command.env("PGPASSWORD", PASSWORD).env("LC_ALL", "C.UTF-8").args(["-d", &to]).kill_on_drop(true);
        command
    }

    /// What psql prints, and what it complains about.
    async fn psql(&self, host: &str, more: &str, sql: &str) -> Result<String, String> {
        let mut psql = self.program("psql", host, more);
        let output = within(psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql]).output()).await.expect("psql");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim().to_owned();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }

    async fn close(self) {
        self.shutdown.cancel();
        within(self.task).await.unwrap();
    }
}
