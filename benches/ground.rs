//! What the figures stand on: one Postgres server that keeps what it commits, users' databases on it, and a registry of them.

use std::{env, fs, path::PathBuf, process};

use iasql::{
    aws::{Aws, register},
    control::{Control, Setup},
    database::{Database, modules::Library, setup},
    engine::{self, Ask, Kind, Outcome},
    local::{LocalPostgres, Options},
    resource::Registry,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

use crate::support;

/// A running Postgres server, durable as one's own would be.
pub(crate) struct Ground {
    server: LocalPostgres,
    folder: PathBuf,
}

/// One user: their database, and their own connection to it.
pub(crate) struct User {
    pub(crate) database: Database,
    pub(crate) connection: PgConnection,
    /// The administrator's way to the database.
    url: String,
}

impl Ground {
    pub(crate) async fn start() -> Self {
        Self::start_in("iasql-bench", true).await
    }

    /// One that never waits for the disk: making hundreds of databases would take many minutes elsewhere.
    pub(crate) async fn hasty() -> Self {
        Self::start_in("iasql-bench-hasty", false).await
    }

    /// The same beside another one.
    pub(crate) async fn hasty_as(name: &str) -> Self {
        Self::start_in(&format!("iasql-bench-{name}"), false).await
    }

    async fn start_in(name: &str, lasting: bool) -> Self {
        let folder = env::temp_dir().join(format!("{name}-{}", process::id()));
        let options = Options { port: None, lasting, binary: Some(support::binary()) };
        let server = LocalPostgres::start(&folder, options).await.unwrap_or_else(|error| panic!("{error}"));
        Self { server, folder }
    }

    /// Stops the server and removes what it kept.
    pub(crate) async fn stop(self) {
        self.server.stop().await;
        let folder = fs::canonicalize(&self.folder).unwrap_or(self.folder.clone());
        drop(fs::remove_dir_all(folder));
        drop(fs::remove_file(self.folder));
    }

    pub(crate) fn url(&self, database: &str) -> String {
        self.server.url(database)
    }

    /// A new user's database with these modules.
    pub(crate) async fn user(&self, names: &[&str]) -> User {
        let name = support::database_name();
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let library = Library::carried().expect("modules");
        let modules = library.chosen(Some(&names)).expect("modules");
        let verifier = "md500000000000000000000000000000000";
        let plan = setup::Plan { name: &name, region: "us-east-1", base: library.base(), modules: &modules, verifier };
        setup::make(&self.server.admin_url(), &plan).await.unwrap_or_else(|error| panic!("{error:?}"));
        self.enter(&name).await
    }

    /// A registry in a metadata database of its own, with one user's database in it: what `iasql serve` has.
    pub(crate) async fn registered(&self, names: &[&str]) -> (String, User) {
        let url = self.empty().await;
        let control = Control::connect(&url).await.unwrap_or_else(|error| panic!("{error:?}"));
        let name = support::database_name();
        let asked = Setup { modules: Some(names.iter().map(ToString::to_string).collect()), ..Setup::default() };
        control.setup(&name, asked).await.unwrap_or_else(|error| panic!("{error:?}"));
        control.close().await;
        (url, self.enter(&name).await)
    }

    /// The way to a new and empty database.
    pub(crate) async fn empty(&self) -> String {
        let name = format!("meta_{}", support::database_name());
        run(&mut connect(&self.server.admin_url()).await, &format!("create database {name}")).await;
        self.url(&name)
    }

    async fn enter(&self, name: &str) -> User {
        let database = Database::open(&self.server.admin_url(), name).await.expect("the database");
        let mut connection = connect(&self.url(name)).await;
        run(&mut connection, &format!("set session authorization {name}")).await;
        let user = User { database, connection, url: self.url(name) };
        user.as_owner("update iasql.setting set value = '0' where name = 'list_delay_seconds'").await;
        user
    }
}

impl User {
    /// What the user types.
    pub(crate) async fn sql(&mut self, sql: &str) {
        run(&mut self.connection, sql).await;
    }

    /// What only the database's owner may do.
    pub(crate) async fn as_owner(&self, sql: &str) {
        let sql = format!("set role {}_owner; {sql}", self.database.name());
        run(&mut connect(&self.url).await, &sql).await;
    }

    /// A run of the engine in this process that does what it is to do.
    pub(crate) async fn run(&self, kind: Kind, aws: &Aws) -> Outcome {
        let registry = register(Registry::default(), aws);
        let ask = Ask { run: Uuid::new_v4(), kind, asked_by: "a benchmark".into() };
        let outcome = engine::run(&self.database, &registry, 1, &ask, &|_| {}).await.unwrap_or_else(|error| panic!("{error:?}"));
        assert!(outcome.errors.is_empty() && outcome.blind.is_empty(), "{:#?} {:#?}", outcome.errors, outcome.blind);
        outcome
    }
}

pub(crate) async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.expect("a connection")
}

async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap_or_else(|error| panic!("{error}"));
}
