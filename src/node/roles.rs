//! Who may log in to a database: its first role is made here, and what the gateway asks a password against is read here.
//!
//! All of it is said over the socket as the instance's superuser, in `template1`: nothing there is a tenant's, so no trigger or
//! function of theirs runs with our rights.

use std::{path::Path, time::Duration};

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Connection, FromRow, PgConnection, postgres::PgConnectOptions};
use tokio::time::{interval, timeout};

use super::{Error, PORT};
use crate::resource::Secret;

/// How often it is looked how far a standby is.
const LOOK: Duration = Duration::from_millis(5);

/// Whose database a new instance is.
#[derive(Clone, Debug)]
pub struct First {
    /// The role that owns the database and may log in.
    pub role: String,
    /// The database's name inside its instance.
    pub database: String,
    /// `SCRAM-SHA-256$<rounds>:<salt>$<stored key>:<server key>`, so that no password reaches a log.
    pub verifier: Secret,
}

/// A role that may log in with a password.
#[derive(Clone, Debug, FromRow)]
pub struct Login {
    /// Its name.
    pub name: String,
    /// What Postgres keeps of the password (`pg_authid.rolpassword`): SCRAM, or MD5 where the files came from elsewhere.
    #[sqlx(try_from = "String")]
    pub verifier: Verifier,
    /// Whether it may do anything, and so run programs as the database's user.
    pub superuser: bool,
    /// From when on the password is refused; `None`: never.
    pub valid_until: Option<DateTime<Utc>>,
}

/// What Postgres keeps of a password.
#[derive(Clone, Debug)]
pub struct Verifier(pub Secret);

impl From<String> for Verifier {
    fn from(text: String) -> Self {
        Self(Secret::new(text))
    }
}

/// Makes the first role, and gives it the database: the empty one that initdb made, under its name.
///
/// # Errors
/// When a name can't be one: `postgres` as a role, `template1` as a database.
pub(super) async fn first(id: &str, sockets: &Path, first: &First) -> Result<(), Error> {
    const DOING: &str = "make the first role";
    let mut connection = connect(id, sockets).await?;
    let words = sqlx::query_scalar(include_str!("sql/words.sql")).bind(&first.role).bind(&first.database).bind(first.verifier.expose());
    let words: String = words.fetch_one(&mut connection).await.map_err(Error::query(DOING, id))?;
    // in one transaction: there is a role with its database, or neither
    sqlx::raw_sql(AssertSqlSafe(words)).execute(&mut connection).await.map_err(Error::query(DOING, id))?;
    connection.close().await.map_err(Error::query(DOING, id))
}

/// Reads who may log in with a password, and what it is compared with.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn logins(id: &str, sockets: &Path) -> Result<Vec<Login>, Error> {
    let mut connection = connect(id, sockets).await?;
    let found = sqlx::query_as(include_str!("sql/verifiers.sql")).fetch_all(&mut connection).await;
    drop(connection.close().await);
    found.map_err(Error::query("read the roles", id))
}

/// Whether there are prepared transactions: they are sessions without a connection.
pub(super) async fn has_prepared(id: &str, sockets: &Path) -> Result<bool, Error> {
    let mut connection = connect(id, sockets).await?;
    let found = sqlx::query_scalar(include_str!("sql/prepared.sql")).fetch_one(&mut connection).await;
    drop(connection.close().await);
    found.map_err(Error::query("look for prepared transactions", id))
}

/// Whether somebody is in a transaction: only reading, it may be.
pub(super) async fn has_transactions(id: &str, sockets: &Path) -> Result<bool, Error> {
    let mut connection = connect(id, sockets).await?;
    let found = sqlx::query_scalar(include_str!("sql/transactions.sql")).fetch_one(&mut connection).await;
    drop(connection.close().await);
    found.map_err(Error::query("look for transactions", id))
}

/// Waits until a standby has replayed all that was laid before it, as far as it gets there in that time, and while it can.
pub(super) async fn catch_up(id: &str, sockets: &Path, within: Duration, can: impl Fn() -> bool) -> Result<(), Error> {
    let (mut connection, mut looks) = (connect(id, sockets).await?, interval(LOOK));
    let caught_up = async {
        loop {
            looks.tick().await;
            let found: bool = sqlx::query_scalar(include_str!("sql/caught_up.sql")).fetch_one(&mut connection).await?;
            if found || !can() {
                return Ok(());
            }
        }
    };
    let caught_up = timeout(within, caught_up).await.unwrap_or(Ok(()));
    drop(connection.close().await);
    caught_up.map_err(Error::query("look how far it has read the log", id))
}

async fn connect(id: &str, sockets: &Path) -> Result<PgConnection, Error> {
    session(id, sockets, "template1").await
}

/// A session of the instance's superuser.
pub(super) async fn session(id: &str, sockets: &Path, database: &str) -> Result<PgConnection, Error> {
    let options = PgConnectOptions::new_without_pgpass().socket(sockets).port(PORT).username("postgres").database(database);
    let options = options.application_name("iasql node");
    PgConnection::connect_with(&options).await.map_err(Error::query("open a session", id))
}
