//! Databases to try a schema directory on, and copies of the directory with something changed.

use std::{path::Path, sync::Mutex, time::Duration};

use iasql::schema::{Files, Golden, How, Progress, Schema, Scratch, upgrade};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::OnceCell;

use crate::support::{database_name, postgres};

/// The directory.
pub(super) fn queue() -> Schema {
    Schema::from_directory(folder()).unwrap_or_else(|faults| panic!("{faults}"))
}

pub(super) fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/queue"))
}

/// The directory with some files changed: `None` takes one away.
pub(super) fn files(changes: &[(&str, Option<&str>)]) -> Files {
    let found = Files::read(folder()).expect("the files of the queue");
    let kept = found.names().filter(|name| changes.iter().all(|(changed, _)| changed != name));
    let kept = kept.map(|name| (name.to_owned(), found.get(name).unwrap_or_default().to_owned()));
    let changed = changes.iter().filter_map(|(name, text)| Some(((*name).to_owned(), (*text)?.to_owned())));
    kept.chain(changed).collect()
}

/// The same as a schema, of which nothing was released yet.
pub(super) fn changed(changes: &[(&str, Option<&str>)]) -> Schema {
    let changes: Vec<_> = changes.iter().copied().chain([("released", None)]).collect();
    Schema::from_files("tests/queue", "queue", files(&changes)).unwrap_or_else(|faults| panic!("{faults}"))
}

/// What one file says.
pub(super) fn text(name: &str) -> String {
    files(&[]).get(name).unwrap_or_else(|| panic!("{name} is there")).to_owned()
}

/// What the queue looks like in a fresh database, found out once.
pub(super) async fn golden() -> &'static Golden {
    static GOLDEN: OnceCell<Golden> = OnceCell::const_new();
    let lay = async || Golden::lay(postgres().await, &[&queue()], &Scratch::default()).await.unwrap_or_else(|error| panic!("{error:?}"));
    GOLDEN.get_or_init(lay).await
}

/// A new database, by its administrator's address.
pub(super) async fn database() -> String {
    let (server, name) = (postgres().await, database_name());
    let mut connection = connect(server).await;
    run(&mut connection, &format!("create database {name}")).await;
    server.rsplit_once('/').map(|(way, _)| format!("{way}/{name}")).expect("an address")
}

/// A new database with the queue at a version, and an administrator's connection to it.
pub(super) async fn laid(version: i32) -> (String, PgConnection) {
    let url = database().await;
    let mut connection = connect(&url).await;
    up(&mut connection, &queue(), version).await;
    (url, connection)
}

pub(super) async fn up(connection: &mut PgConnection, schema: &Schema, version: i32) {
    let how = How { golden: Some(golden().await), ..quick() };
    upgrade(connection, schema, version, &how).await.unwrap_or_else(|error| panic!("{error}"));
}

/// Short waits, so that who is in the way is soon seen.
pub(super) fn quick() -> How<'static> {
    How { lock_timeout: Duration::from_millis(50), patience: Duration::from_secs(20), ..How::default() }
}

pub(super) async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap_or_else(|error| panic!("{error}"))
}

/// The administrator's way in as somebody else, with no more rights than that one has.
pub(super) fn as_role(url: &str, role: &str) -> String {
    format!("{url}?options=-c%20role%3D{role}")
}

pub(super) async fn run(connection: &mut PgConnection, sql: &str) {
    attempt(connection, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

pub(super) async fn attempt(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.map(drop)
}

pub(super) async fn count(connection: &mut PgConnection, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(connection).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// Keeps what is told.
#[derive(Default)]
pub(super) struct Told(Mutex<Vec<Progress>>);

impl Told {
    pub(super) fn hear(&self, progress: Progress) {
        self.0.lock().expect("nobody panicked here").push(progress);
    }

    pub(super) fn all(&self) -> Vec<Progress> {
        self.0.lock().expect("nobody panicked here").clone()
    }
}
