//! A real PostgreSQL on a unix socket that asks nobody who he is, and a world of databases that all are this one.

use std::{
    collections::HashMap,
    fs,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures::future::BoxFuture;
use iasql::gateway::{Awake, Backends, Unavailable};
use nix::unistd::{User, chown, geteuid};
use sqlx::{ConnectOptions, PgConnection, postgres::PgConnectOptions};
use tokio::sync::OnceCell;

static SERVER: OnceCell<Server> = OnceCell::const_new();

/// A user's password in every database.
pub(super) const PASSWORD: &str = "sésame, ouvre-toi";

/// The server of this run. It ends when its standard input closes, which is with this process.
pub(super) struct Server {
    _child: Child,
    folder: PathBuf,
    /// What it keeps of ann's password.
    verifier: String,
}

impl Server {
    fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("iasql-gateway-test-{}", process::id()));
        fs::create_dir(&folder).expect("a folder");
        let mut command = Command::new("sh");
        command.args(["-c", include_str!("postgres.sh"), "postgres.sh"]).arg(&folder).arg(iasql::local::tools().expect("a PostgreSQL"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        if geteuid().is_root() {
            let user =
                ["postgres", "nobody"].into_iter().find_map(|name| User::from_name(name).ok().flatten()).expect("a user without rights");
            chown(&folder, Some(user.uid), Some(user.gid)).expect("a folder given away");
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        let mut child = command.spawn().expect("a shell");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        assert_eq!(line, "ready\n", "{}", fs::read_to_string(folder.join("log")).unwrap_or_default());
        Self { _child: child, folder, verifier: String::new() }
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }
}

/// The server, with the user ann and her database shop.
pub(super) async fn server() -> &'static Server {
    let start = async || {
        let mut server = tokio::task::spawn_blocking(Server::start).await.expect("a server");
        let mut sql = past(&server.folder).await;
        let made = format!("create role ann login createdb replication password '{PASSWORD}'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(made)).execute(&mut sql).await.expect("a role");
        sqlx::raw_sql("create database shop owner ann").execute(&mut sql).await.expect("a database");
        let kept = sqlx::query_scalar("select rolpassword from pg_authid where rolname = 'ann'");
        server.verifier = kept.fetch_one(&mut sql).await.expect("a verifier");
        server
    };
    SERVER.get_or_init(start).await
}

/// The superuser's way to it, past any gateway.
pub(super) async fn past(folder: &Path) -> PgConnection {
    let options = PgConnectOptions::new_without_pgpass().socket(folder).username("postgres").database("postgres");
    options.connect().await.expect("a way past the gateway")
}

/// What a gateway knows of the world: the databases 12345 and 678, in which ann is known, and two that can't be woken, or not in time.
pub(super) struct World {
    socket: PathBuf,
    verifiers: HashMap<(&'static str, &'static str), String>,
    /// Which were woken, in order.
    woken: Mutex<Vec<String>>,
    /// How many sessions keep them awake.
    pub(super) sessions: Arc<AtomicUsize>,
}

impl World {
    pub(super) async fn new() -> Self {
        let server = server().await;
        let verifiers = ["12345", "678", "broken", "slow"].map(|id| ((id, "ann"), server.verifier.clone())).into();
        Self { socket: server.socket(), verifiers, woken: Mutex::default(), sessions: Arc::default() }
    }

    pub(super) fn woken(&self) -> Vec<String> {
        self.woken.lock().unwrap().clone()
    }
}

/// One session in a database.
struct Held(Arc<AtomicUsize>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Backends for World {
    fn verifier(&self, database: &str, user: &str) -> BoxFuture<'_, Result<Option<String>, Unavailable>> {
        let found = self.verifiers.iter().find(|((id, name), _)| *id == database && *name == user);
        let found = found.map(|(_, verifier)| verifier.clone());
        Box::pin(async { Ok(found) })
    }

    fn wake(&self, database: &str) -> BoxFuture<'_, Result<Awake, Unavailable>> {
        self.woken.lock().unwrap().push(database.to_owned());
        let (broken, slow) = (database == "broken", database == "slow");
        Box::pin(async move {
            if broken {
                return Err(Unavailable::ForNow { doing: "starting it", source: "the disk is on fire".into() });
            }
            if slow {
                std::future::pending::<()>().await;
            }
            self.sessions.fetch_add(1, Ordering::SeqCst);
            Ok(Awake {
                socket: self.socket.clone(),
                session: Box::new(Held(Arc::clone(&self.sessions))),
                read_only: false,
                hold: None,
                alone: false,
                most: None,
                lasting: None,
            })
        })
    }
}
