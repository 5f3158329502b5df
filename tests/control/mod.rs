//! The registry and the worker, against a real Postgres.

mod credentials;
mod leases;
mod roles;
mod rotation;
mod runs;
mod schedules;
mod services;
mod setup;
mod worker;

use iasql::control::{self, Control, Setup};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, postgres::PgPoolOptions};
use tokio::sync::OnceCell;

use crate::support;

/// A registry of its own, in a metadata database that no other test uses.
pub(crate) struct Own {
    pub(crate) control: Control,
    pub(crate) url: String,
}

/// The superuser's connection to a database of the test server.
pub(crate) async fn admin(database: &str) -> PgConnection {
    PgConnection::connect(&url_of(database).await).await.expect("the test server")
}

pub(crate) async fn url_of(database: &str) -> String {
    let server = support::postgres().await;
    let (before, _) = server.rsplit_once('/').expect("a URL with a database");
    format!("{before}/{database}")
}

/// Whoever owns what is ours in a user's database.
pub(crate) async fn owner(database: &str) -> PgPool {
    let role = format!("set role \"{database}_owner\"");
    let pool = PgPoolOptions::new().max_connections(2).after_connect(move |connection, _| {
        let role = AssertSqlSafe(role.clone());
        Box::pin(async move { sqlx::Executor::execute(connection, role).await.map(drop) })
    });
    pool.connect_lazy(&url_of(database).await).expect("a URL")
}

/// A migrated metadata database that nobody is connected to: copying it is quicker than migrating each test's own.
static MIGRATED: OnceCell<String> = OnceCell::const_new();

/// Connects a registry to a new metadata database.
pub(crate) async fn own() -> Own {
    let migrated = MIGRATED.get_or_init(migrate).await;
    let name = format!("meta_{}", support::database_name());
    create(&format!("create database {name} template {migrated}")).await;
    let url = url_of(&name).await;
    let control = Control::connect(&url).await.unwrap_or_else(|error| panic!("{error:?}"));
    // nothing listens there: without a module there is nothing to call
    let cloud = control::emulated("http://127.0.0.1:9").await;
    Own { control: support::keyed(control.with_cloud(Some(cloud))).await, url }
}

async fn migrate() -> String {
    let name = format!("migrated_{}", support::database_name());
    create(&format!("create database {name}")).await;
    let control = Control::connect(&url_of(&name).await).await.unwrap_or_else(|error| panic!("{error:?}"));
    control.close().await;
    create(&format!("alter database {name} with allow_connections false")).await;
    name
}

async fn create(sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin("postgres").await).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

impl Own {
    /// A database without any module: it is quick to make.
    pub(crate) async fn bare(&self) -> String {
        let name = support::database_name();
        let setup = Setup { modules: Some(vec![]), ..Setup::default() };
        self.control.setup(&name, setup).await.unwrap_or_else(|error| panic!("{error:?}"));
        name
    }

    /// One value from the metadata database.
    pub(crate) async fn ask<T>(&self, sql: &'static str) -> T
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
    {
        sqlx::query_scalar(sql).fetch_one(self.control.pool()).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Changes something in the metadata database.
    pub(crate) async fn run(&self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(self.control.pool()).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}
