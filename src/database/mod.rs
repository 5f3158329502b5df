//! A user's database from inside, through its stored procedures.

mod aside;
mod before;
mod blueprint;
mod drift;
mod error;
mod golden;
mod import;
mod lay;
mod ledger;
pub mod modules;
mod observe;
pub mod plan;
mod policies;
pub mod procs;
pub mod ready;
pub mod relocate;
mod requests;
mod scratch;
mod sealed;
pub mod server;
pub mod services;
pub mod setup;
mod template;
mod unmade;
pub mod upgrade;
mod visit;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use sqlx::{
    Connection, PgConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{schema, seal::Keyring};
use before::Before;
pub use drift::{Drift, Moment};
pub use error::{Error, is_cut_off};
pub use golden::Goldens;
pub use import::Adopted;
pub use ledger::{Ending, Intent, SoFar};
pub use observe::Listing;
pub use requests::Request;
pub use sealed::Resolved;
use server::{Failed, connect, step};
use services::Way;

/// How many connections one engine keeps to one user's database for its runs; others need one. With the one of whoever looks for what is asked there these
/// are the four that a run has room for.
const CONNECTIONS: u32 = 3;
/// How long a connection may be idle: they are per database, and there are many databases.
const IDLE: Duration = Duration::from_secs(15);
/// After how long of doing nothing a connection is asked whether it still lives: asking each time would double the round trips.
const TRUSTED: Duration = Duration::from_secs(1);

/// How long a lock is waited for: a tenant may LOCK what he may write, and must not hold an engine up for ever.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(20);

/// One user's database, as our services reach it. Cheap to clone; connects when it is used.
#[derive(Clone)]
pub struct Database {
    name: String,
    /// For visits as the tenant, who has no password that we know.
    admin_url: Arc<str>,
    listening: PgConnectOptions,
    reconciler: schema::Database<procs::Reconciler>,
    scheduler: schema::Database<procs::Scheduler>,
    http: schema::Database<procs::Http>,
    /// Where the database is as release 0.1 left it, and lacks some of the procedures.
    before: Option<Before>,
    /// What opens its secrets.
    keys: Keyring,
    /// The key that it is known to seal to.
    laid: Arc<Mutex<Option<String>>>,
}

impl Database {
    /// The database `name` on the server of `admin_url`: each service comes in with its own login. One that release 0.1 made, and
    /// nobody has upgraded, knows no services yet; there all come in as the owner of what is ours, as that release did.
    ///
    /// # Errors
    /// When its server does not answer.
    pub async fn open(admin_url: &str, name: &str) -> Result<Self, Error> {
        Self::open_with(admin_url, name, LOCK_TIMEOUT).await
    }

    /// The same, waiting for locks no longer than this.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with(admin_url: &str, name: &str, patience: Duration) -> Result<Self, Error> {
        let failed = |Failed { step, source }| Error::Statement { doing: step, source };
        services::ensure(admin_url).await.map_err(failed)?;
        let knows = knows_services(admin_url, name).await.map_err(failed)?;
        Self::over(admin_url, name, patience, knows).map_err(failed)
    }

    /// The same where it is known that the database lets our services in: nobody connects before something is asked.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_known(admin_url: &str, name: &str) -> Result<Self, Error> {
        let failed = |Failed { step, source }| Error::Statement { doing: step, source };
        services::ensure(admin_url).await.map_err(failed)?;
        Self::over(admin_url, name, LOCK_TIMEOUT, true).map_err(failed)
    }

    fn over(admin_url: &str, name: &str, patience: Duration, knows: bool) -> Result<Self, Failed> {
        let owner = setup::owner(name);
        let way = |service| if knows { Way::of(admin_url, name, service) } else { Way::through(admin_url, name, &owner) };
        let pool = |service, connections| Ok::<_, Failed>(ours(way(service)?, patience).pool(pools(connections)));
        let reconciler = pool("reconciler", CONNECTIONS)?;
        let scheduler = pool("scheduler", 1)?;
        let http = pool("http", 1)?;
        Ok(Self {
            name: name.to_owned(),
            admin_url: admin_url.into(),
            listening: way("scheduler")?.options,
            before: (!knows).then(|| Before::new(reconciler.clone())),
            reconciler: schema::Database::over(reconciler.clone(), reconciler),
            scheduler: schema::Database::over(scheduler.clone(), scheduler),
            http: schema::Database::over(http.clone(), http),
            keys: Keyring::default(),
            laid: Arc::default(),
        })
    }

    /// The same, whose secrets are opened with these keys.
    #[must_use]
    pub fn with_keys(self, keys: Keyring) -> Self {
        Self { keys, ..self }
    }

    /// Its name, which is also the name of the login that owns it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether our services come in as themselves: it is no database that release 0.1 made and nobody has upgraded.
    pub fn knows_services(&self) -> bool {
        self.before.is_none()
    }

    /// How to connect to it in order to listen.
    pub fn listening(&self) -> PgConnectOptions {
        self.listening.clone().application_name("iasql listening")
    }

    /// One of its settings.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, Error> {
        match &self.before {
            Some(before) => before.setting(name).await,
            None => Ok(self.reconciler.procs.setting_value(name).await?),
        }
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Database").field(&self.name).finish()
    }
}

/// Whether the database is as new as our services.
async fn knows_services(admin_url: &str, name: &str) -> Result<bool, Failed> {
    let mut inside = connect(admin_url, Some(name)).await?;
    let query = sqlx::query_scalar("select to_regprocedure('iasql.steps()') is not null");
    let knows = query.fetch_one(&mut inside).await.map_err(step("looking which version a database has"))?;
    inside.close().await.map_err(step("leaving a database"))?;
    Ok(knows)
}

/// What the user has made in public is never taken for something of ours.
fn ours(way: Way, patience: Duration) -> Way {
    let lock_timeout = patience.as_millis().to_string();
    let options = way.options.options([
        ("search_path", "pg_catalog,pg_temp"),
        ("lock_timeout", &lock_timeout),
        // what a killed engine was waiting for is not done after its death, nor a lock asked for
        ("client_connection_check_interval", "1000"),
    ]);
    Way { options, ..way }
}

fn pools(connections: u32) -> PgPoolOptions {
    let pool = PgPoolOptions::new().max_connections(connections).idle_timeout(IDLE).test_before_acquire(false);
    pool.before_acquire(|connection, so_far| Box::pin(async move { answers(connection, so_far.idle_for).await }))
}

/// Whether a connection can be used; an error closes it, and another one is made.
async fn answers(connection: &mut PgConnection, idle: Duration) -> Result<bool, sqlx::Error> {
    if idle > TRUSTED {
        connection.ping().await?;
    }
    Ok(true)
}
