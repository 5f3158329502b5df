//! Postgres instances of this machine that sleep: each test has a node of its own, and all share one template.

mod accept;
mod begin;
mod crash;
mod leases;
mod many;
mod pglite;
mod rest;
mod shelf;
mod wake;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    time::Duration,
};

use iasql::{
    node::{First, Idle, Node, Options, PORT, Session, Tier},
    resource::Secret,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// How long anything may take here: the machine may be busy with other things.
const PATIENCE: Duration = Duration::from_secs(60);
/// Of the password `pencil`, as RFC 7677 calculates it.
const VERIFIER: &str =
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
/// Nothing happens by itself.
const NEVER: Idle = Idle { freeze: None, stop: None, evict: None };

/// A node and its folder.
struct Site {
    node: Node,
    home: PathBuf,
}

/// How a test's node is run: in a folder of its own.
fn options(name: &str) -> Options {
    let home = env::temp_dir().join(format!("iasql-node-{}-{name}", process::id()));
    Options { templates: Some(env::temp_dir().join("iasql-node-templates")), ..Options::new(home) }
}

impl Site {
    async fn open(name: &str) -> Self {
        Self::of(options(name)).await
    }

    async fn of(options: Options) -> Self {
        let home = options.home.clone();
        let node = in_time(Node::open(options)).await.unwrap_or_else(|error| panic!("{error}"));
        Self { node, home }
    }

    /// Makes a database with a table in it.
    async fn create(&self, id: &str, idle: Idle) -> Session {
        let session = in_time(self.node.create(id, first(), idle)).await.unwrap_or_else(|error| panic!("{error}"));
        said(&session, "create table public.kept (k int)").await;
        session
    }

    async fn wake(&self, id: &str, idle: Idle) -> Session {
        in_time(self.node.wake(id, idle)).await.unwrap_or_else(|error| panic!("{error}"))
    }

    fn tier(&self, id: &str) -> Option<Tier> {
        self.node.status().into_iter().find(|status| status.id == id).map(|status| status.tier)
    }

    fn data(&self, id: &str) -> PathBuf {
        self.home.join("d").join(id).join("data")
    }

    async fn end(self) {
        in_time(self.node.shutdown()).await;
        drop(self.node);
        fs::remove_dir_all(self.home).expect("a stopped node's folder");
    }
}

/// Whose the databases of these tests are.
fn first() -> First {
    First { role: "app".to_owned(), database: "app".to_owned(), verifier: Secret::new(VERIFIER) }
}

async fn in_time<T>(work: impl Future<Output = T>) -> T {
    timeout(PATIENCE, work).await.expect("it takes too long")
}

/// Waits until it is so.
async fn until(what: &str, mut so: impl FnMut() -> bool) {
    let mut looks = interval(Duration::from_millis(5));
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let wait = async {
        while !so() {
            looks.tick().await;
        }
    };
    timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("{what}: that never came about"));
}

async fn connect(folder: &Path) -> Result<PgConnection, sqlx::Error> {
    let options = PgConnectOptions::new_without_pgpass().socket(folder).port(PORT).username("app").database("app");
    in_time(PgConnection::connect_with(&options)).await
}

async fn said(session: &Session, sql: &str) {
    let mut connection = connect(session.folder()).await.expect("a connection");
    in_time(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection)).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    connection.close().await.expect("a good end");
}

/// How many rows the table has.
async fn kept(session: &Session) -> i64 {
    let mut connection = connect(session.folder()).await.expect("a connection");
    let rows =
        in_time(sqlx::query_scalar("select pg_catalog.count(*) from public.kept").fetch_one(&mut connection)).await.expect("a number");
    connection.close().await.expect("a good end");
    rows
}

/// The processes that stand in a folder, each with its state: `T` is stopped.
fn processes(data: &Path) -> Vec<(i32, char)> {
    let numbers = fs::read_dir("/proc").expect("processes").filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    let standing = numbers.filter(|pid| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == data));
    let state = |pid: i32| fs::read_to_string(format!("/proc/{pid}/stat")).ok()?.rsplit_once(") ")?.1.chars().next();
    standing.filter_map(|pid| Some((pid, state(pid)?))).collect()
}
