//! A user's database from inside, as its owner role.

mod error;
mod ledger;
pub mod modules;
mod observe;
pub mod password;
pub mod plan;
mod requests;
pub mod server;
pub mod setup;
mod template;
mod unmade;

use std::{str::FromStr, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

pub use error::Error;
pub use ledger::{Ending, Intent, SoFar};
pub use observe::Listing;
pub use requests::Request;

/// How many connections one engine keeps to one user's database.
const CONNECTIONS: u32 = 4;
/// How long a connection may be idle: they are per database, and there are many databases.
const IDLE: Duration = Duration::from_secs(10);
/// After how long of doing nothing a connection is asked whether it still lives: asking each time would double the round trips.
const TRUSTED: Duration = Duration::from_secs(1);

/// How long a lock is waited for: a tenant may LOCK what he may write, and must not hold an engine up for ever.
const LOCK_TIMEOUT: &str = "20s";

/// One user's database, as its owner role. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    name: String,
    pool: PgPool,
}

impl Database {
    /// The database `name` on the server of `admin_url`; every connection works as the role `<name>_owner`. Connects lazily.
    pub async fn open(admin_url: &str, name: &str) -> Result<Self, Error> {
        let options = PgConnectOptions::from_str(admin_url).map_err(Error::of("reading the server's address"))?;
        // a failing statement is logged with its values: keep ours out of the client's log too
        let options = options.database(name).application_name("iasql").log_statements(tracing::log::LevelFilter::Trace);
        // what the user has made in public is never taken for something of ours
        let options = options.options([("search_path", "pg_catalog,pg_temp"), ("lock_timeout", LOCK_TIMEOUT)]);
        let role = format!("set role \"{name}_owner\"");
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .idle_timeout(IDLE)
            .test_before_acquire(false)
            .before_acquire(|connection, so_far| Box::pin(async move { answers(connection, so_far.idle_for).await }))
            .after_connect(move |connection, _| {
                let role = AssertSqlSafe(role.clone());
                Box::pin(async move { connection.execute(role).await.map(drop) })
            });
        Ok(Self { name: name.to_owned(), pool: pool.connect_lazy_with(options) })
    }

    /// Its name, which is also the name of the login that owns it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The connections.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// One of its settings.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, Error> {
        sqlx::query_scalar("select iasql.setting($1)").bind(name).fetch_one(&self.pool).await.map_err(Error::of("reading a setting"))
    }
}

/// Whether a connection can be used; an error closes it, and another one is made.
async fn answers(connection: &mut PgConnection, idle: Duration) -> Result<bool, sqlx::Error> {
    if idle > TRUSTED {
        connection.ping().await?;
    }
    Ok(true)
}
