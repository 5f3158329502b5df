//! The pooler before a real primary and two real standbys.

mod buffers;
#[expect(dead_code, reason = "the gateway's tests use more of it")]
#[expect(clippy::duplicate_mod, reason = "it has the password and the authority of whose tests it is in")]
#[path = "../gateway/client.rs"]
mod client;
mod cluster;
mod doors;
mod pins;
mod prepared;
mod reads;
mod tricks;

use std::{
    fs,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::Utc;
use client::{Client, Way};
use cluster::Cluster;
use iasql::{
    gateway::{
        self, Authority, Deadlines, Domain, Limits,
        pool::{self, Pooler, Settings, Told, Ways, control},
        startup::{Hello, Startup, encode},
    },
    resource::Secret,
};
use serde_json::Value;
use sqlx::{
    ConnectOptions, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio::{sync::OnceCell, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

/// How long any step of a test may take.
const PATIENCE: Duration = Duration::from_secs(60);
const DOMAIN: &str = "db.localhost";
/// The pooler's user's password.
const PASSWORD: &str = "sésame, ouvre-toi";
const KEY: &str = "a key of more than sixteen signs";

/// A cluster whose primary stays, for all tests that change nothing of it.
static SHARED: OnceCell<Arc<Cluster>> = OnceCell::const_new();

async fn within<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("in time")
}

/// The authority of this run.
fn authority() -> Authority {
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("pool-authority-{}", std::process::id()));
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    Authority::open(folder, Utc::now()).unwrap()
}

fn domain() -> Domain {
    authority().issue(DOMAIN, Utc::now()).unwrap()
}

/// A pooler that serves, and what it stands before.
struct Site {
    cluster: Arc<Cluster>,
    port: u16,
    control: u16,
    folder: PathBuf,
    shutdown: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

/// As a pooler is set up unless a test says otherwise.
fn ways() -> Ways {
    Ways { pool_size: 5, wait: Duration::from_secs(20), lag_limit: Duration::from_secs(5) }
}

impl Site {
    /// Before the cluster that all share.
    async fn shared() -> Self {
        Self::shared_in(ways()).await
    }

    async fn shared_in(ways: Ways) -> Self {
        let cluster = SHARED.get_or_init(async || Arc::new(Cluster::start().await)).await;
        Self::before(Arc::clone(cluster), ways).await
    }

    /// Before a cluster of its own.
    async fn own() -> Self {
        Self::own_in(ways()).await
    }

    async fn own_in(ways: Ways) -> Self {
        Self::before(Arc::new(Cluster::start().await), ways).await
    }

    async fn before(cluster: Arc<Cluster>, ways: Ways) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("pool-{}", uuid::Uuid::new_v4().simple()));
        fs::create_dir(&folder).expect("a folder");
        let (file, certificate) = (folder.join("members.json"), folder.join("pooler.pem"));
        fs::write(&file, cluster.book().await.to_string()).expect("a file");
        fs::write(&certificate, domain().pem.expose()).expect("a file");
        let (limits, deadlines, guesses) = (Limits::default(), Deadlines::default(), Arc::default());
        let settings = Settings { told: Told::Files { file, certificate }, limits, deadlines, ways, grace: PATIENCE, guesses };
        let pooler = Arc::new(Pooler::new(settings).expect("a pooler"));
        let listener = gateway::listen("127.0.0.1:0".parse().unwrap()).expect("a door");
        let port = listener.local_addr().unwrap().port();
        let door = control::Door::open(&"127.0.0.1:0".parse().unwrap(), Some(Secret::new(KEY))).await.expect("a door");
        let (control, shutdown) = (door.port().expect("a port"), CancellationToken::new());
        let serving = tokio::spawn(pool::serve(listener, Arc::clone(&pooler), shutdown.clone()));
        let stopping = shutdown.clone();
        let controlled = tokio::spawn(async move { control::serve(door, pooler, stopping).await.expect("it serves") });
        let site = Self { cluster, port, control, folder, shutdown, tasks: vec![serving, controlled] };
        site.until(|status| status["members"].as_array().is_some_and(|all| all.iter().all(is_seen))).await;
        site
    }

    /// What the control door answers to this.
    async fn asks(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let client = reqwest::Client::new();
        let url = format!("http://127.0.0.1:{}{path}", self.control);
        let request = client.request(method.parse().expect("a method"), url).bearer_auth(KEY).json(body);
        let response = within(request.send()).await.expect("an answer");
        let status = response.status().as_u16();
        let text = within(response.text()).await.expect("its text");
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn status(&self) -> Value {
        self.asks("GET", "/status", &Value::Null).await.1
    }

    /// Until it says so of itself.
    async fn until(&self, so: impl Fn(&Value) -> bool) {
        let begin = Instant::now();
        loop {
            let status = self.status().await;
            if so(&status) {
                return;
            }
            assert!(begin.elapsed() < PATIENCE, "it never came to be: {status}");
        }
    }

    /// What it says of one member.
    async fn member(&self, name: &str, what: &str) -> Value {
        let status = self.status().await;
        let members = status["members"].as_array().expect("members");
        members.iter().find(|member| member["name"] == name).expect("the member")[what].clone()
    }

    fn options(&self) -> PgConnectOptions {
        let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(self.port).username("pooler").password(PASSWORD);
        options.database("main").ssl_mode(PgSslMode::VerifyCa).ssl_root_cert(authority().certificate())
    }

    /// A client that prepares its statements.
    async fn client(&self) -> PgConnection {
        within(self.options().connect()).await.expect("a session")
    }

    /// A client of our own.
    async fn raw(&self) -> Client {
        self.raw_with(&[]).await
    }

    async fn raw_with(&self, more: &[(&str, &str)]) -> Client {
        let mut client = Client::secured(self.port, Way::Asked).await.expect("a line");
        client.enter(&packet(more)).await;
        client
    }

    async fn close(self) {
        self.shutdown.cancel();
        for task in self.tasks {
            within(task).await.expect("an end");
        }
        fs::remove_dir_all(self.folder).expect("its folder");
    }
}

/// The startup packet of the pooler's user.
fn packet(more: &[(&str, &str)]) -> Vec<u8> {
    let all = [("user", "pooler"), ("database", "main")].iter().chain(more);
    let parameters = all.map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect();
    encode(&Hello::Startup(Startup { minor: 0, parameters }))
}

/// Whether all is known of this member that reads need.
fn is_seen(member: &Value) -> bool {
    member["answers"] == true && (member["role"] == "primary" || member["lag_seconds"].is_number())
}

/// Reads until a standby answers: one that is late or silent, on a busy machine, is left out for a while.
async fn at_a_standby(client: &mut Client) {
    let begin = Instant::now();
    while simple(client, "select standby from place").await != Ok(Some("t".to_owned())) {
        assert!(begin.elapsed() < PATIENCE, "no standby answers");
    }
}

/// Asks by a simple query, for the first field of the last row as text.
async fn simple(client: &mut Client, sql: &str) -> Result<Option<String>, String> {
    client.begin(sql).await;
    let (mut found, mut failed) = (None, None);
    for (kind, body) in client.hear_until(b'Z').await {
        match kind {
            b'D' => {
                let length = usize::try_from(i32::from_be_bytes(body[2..6].try_into().expect("a length"))).unwrap_or_default();
                found = Some(String::from_utf8_lossy(&body[6..6 + length]).into_owned());
            }
            b'E' => failed = Some(client::sqlstate(&body)),
            _ => {}
        }
    }
    failed.map_or(Ok(found), Err)
}
