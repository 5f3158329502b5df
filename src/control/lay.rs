//! Brings the metadata database to this binary's version, and lets our services in.

use std::{str::FromStr, sync::OnceLock, time::Duration};

use include_dir::{Dir, include_dir};
use sqlx::{
    PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{Error, error::asking, procs, queue};
use crate::{
    database::{
        server::Failed,
        services::{Way, ensure},
    },
    schema::{self, Database, Faults, Files, How, Schema, Service},
};

static MIGRATIONS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/migrations");
/// Read once: it never changes while the program runs.
static CARRIED: OnceLock<Schema> = OnceLock::new();

/// How long a connection may be waited for, and may be idle.
const PATIENCE: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_secs(60);
/// After how many milliseconds a transaction ends in which nothing goes on: an engine that stands still in one holds no others up.
const FROZEN: &str = "5000";
/// How often something is tried that another engine does at the same moment.
const TRIES: u32 = 8;

/// The metadata database as each of our services sees it.
#[derive(Clone)]
pub(super) struct Services {
    pub(super) reconciler: Database<procs::Reconciler>,
    pub(super) scheduler: Database<procs::Scheduler>,
    pub(super) http: Database<procs::Http>,
    pub(super) gateway: Database<procs::Gateway>,
    pools: [PgPool; 4],
}

impl Services {
    /// Nobody connects before something is asked.
    pub(super) fn of(url: &str) -> Result<Self, Error> {
        // a setup keeps its connection until it ends
        let pools = [
            pool::<procs::Reconciler>(url, 6)?,
            pool::<procs::Scheduler>(url, 4)?,
            pool::<procs::Http>(url, 8)?,
            pool::<procs::Gateway>(url, 4)?,
        ];
        let [reconciler, scheduler, http, gateway] = pools.clone();
        Ok(Self {
            reconciler: Database::over(reconciler.clone(), reconciler),
            scheduler: Database::over(scheduler.clone(), scheduler),
            http: Database::over(http.clone(), http),
            gateway: Database::over(gateway.clone(), gateway),
            pools,
        })
    }

    pub(super) async fn close(&self) {
        for pool in &self.pools {
            pool.close().await;
        }
    }
}

fn pool<S: Service>(url: &str, connections: u32) -> Result<PgPool, Error> {
    let options = PgConnectOptions::from_str(url).map_err(asking("reading the metadata database's address"))?;
    let database = options.get_database().unwrap_or_else(|| options.get_username());
    let way = Way::of(url, database, S::NAME).map_err(failed)?;
    // a setup keeps its turn for as long as it takes; everybody else's transactions are short
    let idle = if S::NAME == "http" { "0" } else { FROZEN };
    let options = way.options.options([("search_path", "pg_catalog,pg_temp"), ("idle_in_transaction_session_timeout", idle)]);
    Ok(Way { options, ..way }.pool(pools(connections)))
}

/// The administrator's connections, of which the queue's are some.
pub(super) async fn administrators(url: &str, connections: u32) -> Result<PgPool, Error> {
    let connecting = "connecting to the metadata database";
    let options = PgConnectOptions::from_str(url).map_err(asking(connecting))?;
    let options = options.options([("idle_in_transaction_session_timeout", FROZEN)]).application_name("iasql");
    pools(connections).connect_with(options).await.map_err(asking(connecting))
}

/// How we keep connections to the metadata database.
pub(super) fn pools(connections: u32) -> PgPoolOptions {
    PgPoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE).idle_timeout(IDLE)
}

/// The schema of the metadata database that this binary carries.
///
/// # Errors
/// When it has faults.
pub fn carried() -> Result<&'static Schema, Faults> {
    if let Some(carried) = CARRIED.get() {
        return Ok(carried);
    }
    let carried = Schema::from_files("migrations", "control", Files::embedded(&MIGRATIONS))?;
    Ok(CARRIED.get_or_init(|| carried))
}

/// Lays what is missing, on an administrator's connections. The queue comes first, for ours puts jobs into it; and the logins before
/// the procedures that they may call.
pub(super) async fn lay(pool: &PgPool, url: &str) -> Result<(), Error> {
    queue::migrate(pool).await?;
    ensure(url).await.map_err(failed)?;
    let schema = carried()?;
    let mut connection = pool.acquire().await.map_err(asking("connecting to the metadata database"))?;
    upgrade(&mut connection, schema).await?;
    let_in(&mut connection).await
}

/// One that is new enough costs a look.
async fn upgrade(connection: &mut PgConnection, schema: &Schema) -> Result<(), Error> {
    let found = schema::installed(connection, schema.name()).await.map_err(upgrading)?;
    if found >= schema.newest() {
        return Ok(());
    }
    let how = How::default();
    if found == 0 && is_of_release_0_1(connection).await? {
        schema::adopt(connection, schema, 1, &how).await.map_err(upgrading)?;
    }
    schema::upgrade(connection, schema, schema.newest(), &how).await.map(drop).map_err(upgrading)
}

/// Whether release 0.1 has laid all that it lays. It kept its own list, and kept to it.
async fn is_of_release_0_1(connection: &mut PgConnection) -> Result<bool, Error> {
    let looking = "looking what release 0.1 has laid";
    let has_list = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null").fetch_one(&mut *connection).await;
    if !has_list.map_err(asking(looking))? {
        return Ok(false);
    }
    let five = sqlx::query_scalar("select count(*) = 5 from _sqlx_migrations where success and version between 1 and 5");
    five.fetch_one(connection).await.map_err(asking(looking))
}

/// Closes the server's own databases to the public, and this one too but for our services.
async fn let_in(connection: &mut PgConnection) -> Result<(), Error> {
    for tried in 1.. {
        match sqlx::raw_sql(include_str!("sql/let_in.sql")).execute(&mut *connection).await {
            Err(error) if tried < TRIES && is_a_race(&error) => tokio::time::sleep(Duration::from_millis(20) * tried).await,
            done => return done.map(drop).map_err(asking("letting nobody in but our services")),
        }
    }
    Ok(())
}

/// Whether another engine has changed the same at the same moment: "tuple concurrently updated".
fn is_a_race(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.message() == "tuple concurrently updated")
}

fn upgrading(error: schema::Error) -> Error {
    Error::Upgrade(Box::new(error))
}

fn failed(Failed { step, source }: Failed) -> Error {
    Error::Metadata { doing: step, source }
}
