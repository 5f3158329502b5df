//! Many tenants on several servers, and several engines: nobody is in anybody's way, and whoever moves loses nothing.

mod connections;
mod engines;
mod fair;
mod moving;
mod ready;
mod servers;

use std::{env, fs, os::unix::fs::PermissionsExt, path::PathBuf, process, time::Duration};

use iasql::{
    control::{Control, Made, Setup},
    local::{LocalPostgres, Options},
    worker::{self, Limits},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::{
    sync::OnceCell,
    time::{interval, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    control::{Own, own},
    support,
};

/// A second server, and the file with its password.
struct Second {
    _server: LocalPostgres,
    admin_url: String,
    /// The same without the password, as the registry has it.
    url: String,
    passwords: PathBuf,
}

static SECOND: OnceCell<Second> = OnceCell::const_new();

async fn second() -> &'static Second {
    SECOND.get_or_init(start).await
}

async fn start() -> Second {
    let folder = env::temp_dir().join(format!("iasql-second-{}", process::id()));
    let options = Options { port: None, lasting: false, binary: Some(support::binary()) };
    let server = LocalPostgres::start(&folder, options).await.unwrap_or_else(|error| panic!("{error}"));
    let (admin_url, port) = (server.admin_url(), server.port());
    let password = admin_url.split([':', '@']).nth(2).expect("a password").to_owned();
    let passwords = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("pgpass-{}", process::id()));
    fs::write(&passwords, format!("127.0.0.1:{port}:*:postgres:{password}\n")).expect("a file");
    fs::set_permissions(&passwords, fs::Permissions::from_mode(0o600)).expect("a file of one's own");
    Second { _server: server, admin_url, url: format!("postgres://postgres@127.0.0.1:{port}/postgres"), passwords }
}

/// A registry that knows both servers: `home` and `b`.
async fn two() -> Own {
    let (Own { control, url }, second) = (own().await, second().await);
    let control = control.with_password_file(&second.passwords);
    control.add_shard("b", &second.url, None, None).await.unwrap_or_else(|error| panic!("{error:?}"));
    Own { control, url }
}

/// A database with these modules.
async fn made(control: &Control, modules: &[&str]) -> Made {
    let setup = Setup { modules: Some(modules.iter().map(ToString::to_string).collect()), ..Setup::default() };
    control.setup(&support::database_name(), setup).await.unwrap_or_else(|error| panic!("{error:?}"))
}

/// Which server a database is on.
async fn server_of(own: &Own, name: &str) -> String {
    let query = sqlx::query_scalar("select shard from control.database where name = $1").bind(name);
    query.fetch_one(own.control.pool()).await.expect("a database")
}

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap_or_else(|error| panic!("{error}"))
}

async fn sql(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// An engine that ends with the test.
struct Working {
    shutdown: CancellationToken,
    task: tokio::task::JoinHandle<Result<(), worker::Error>>,
}

fn work(control: &Control, limits: Limits) -> Working {
    let shutdown = CancellationToken::new();
    Working { task: tokio::spawn(worker::run_within(control.clone(), limits, shutdown.clone())), shutdown }
}

impl Working {
    async fn stop(self) {
        self.shutdown.cancel();
        timeout(Duration::from_secs(20), self.task).await.expect("the worker stops in time").unwrap().unwrap();
    }

    /// Ends it without a farewell.
    async fn kill(self) {
        self.task.abort();
        drop(self.task.await);
    }
}

/// Looks until something is so.
async fn until<T, F: Future<Output = Option<T>>>(what: &str, look: impl Fn() -> F) -> T {
    until_within(Duration::from_secs(40), what, look).await
}

async fn until_within<T, F: Future<Output = Option<T>>>(limit: Duration, what: &str, look: impl Fn() -> F) -> T {
    let mut ticks = interval(Duration::from_millis(50));
    let found = async {
        loop {
            ticks.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    };
    timeout(limit, found).await.unwrap_or_else(|_| panic!("{what} never came"))
}
