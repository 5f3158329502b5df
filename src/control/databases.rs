//! The databases of the users: which there are, and the way into each.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, Row, postgres::PgRow};

use super::{Control, Credentials, Error, error::asking, name, shard::Shard};
use crate::database::{Database, setup};

/// What is known about one database.
#[derive(Clone, Debug, Serialize)]
pub struct DatabaseInfo {
    /// Its name; the login has the same.
    pub name: String,
    /// The host to connect to: a name, an address, or the folder of a unix socket.
    pub host: String,
    /// The port to connect to.
    pub port: u16,
    /// The connection string, without the password.
    pub url: String,
    /// The region that rows have which name none.
    pub region: String,
    /// The modules it has.
    pub modules: Vec<String>,
    /// `manual`, or `on_commit`: a commit starts a check. As last seen.
    pub mode: String,
    /// When it is checked by the clock: five Unix fields in UTC.
    pub schedule: Option<String>,
    /// Where its credentials are looked for.
    pub credentials: Credentials,
    /// Whether it may be used: its setup has ended.
    pub ready: bool,
    /// When it was first asked for.
    pub made_at: DateTime<Utc>,
    /// When somebody last asked for something in it.
    pub active_at: DateTime<Utc>,
}

/// A row of the registry, with the server it names.
pub(super) struct Found {
    pub(super) info: DatabaseInfo,
    pub(super) shard: Shard,
}

/// The databases this process has open.
#[derive(Clone, Default)]
pub(super) struct Opened(Arc<Mutex<HashMap<String, Database>>>);

impl Opened {
    fn get(&self, name: &str) -> Option<Database> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    fn keep(&self, name: &str, database: Database) -> Database {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(name.to_owned()).or_insert(database).clone()
    }

    pub(super) fn forget(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

impl Control {
    /// All databases, by name.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn databases(&self) -> Result<Vec<DatabaseInfo>, Error> {
        Ok(self.look(None).await?.into_iter().map(|found| found.info).collect())
    }

    /// One database.
    ///
    /// # Errors
    /// [`Error::Unknown`] with the nearest name where there is none.
    pub async fn database(&self, name: &str) -> Result<DatabaseInfo, Error> {
        Ok(self.find(name).await?.info)
    }

    /// The way into one database, kept open while it is used.
    ///
    /// # Errors
    /// [`Error::Unknown`], [`Error::Unready`], or that its server does not answer.
    pub async fn open(&self, name: &str) -> Result<Database, Error> {
        if let Some(database) = self.opened.get(name) {
            return Ok(database);
        }
        let found = self.find_ready(name).await?;
        let opened = Database::open(found.shard.admin_url(&self.url), name).await;
        Ok(self.opened.keep(name, opened.map_err(|source| Error::Open { name: name.to_owned(), source })?))
    }

    /// Removes a database, its roles and everything we know about it. What it described in the cloud stays.
    ///
    /// # Errors
    /// [`Error::Unknown`], or that its server refuses.
    pub async fn drop_database(&self, name: &str) -> Result<(), Error> {
        let found = self.find(name).await?;
        self.opened.forget(name);
        self.registries.forget(name);
        let removed = setup::remove(found.shard.admin_url(&self.url), name).await;
        removed.map_err(|source| Error::Setup { name: name.to_owned(), source })?;
        sqlx::query("delete from control.database where name = $1")
            .bind(name)
            .execute(&self.pool)
            .await
            .map_err(asking("forgetting a database"))?;
        self.changed.notify_waiters();
        Ok(())
    }

    /// The databases that can be listened to: those that wait for commits first, then the lately active ones.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn worth_listening(&self) -> Result<Vec<String>, Error> {
        let query = sqlx::query_scalar(include_str!("sql/databases_worth_listening.sql"));
        query.fetch_all(&self.pool).await.map_err(asking("looking for databases to listen to"))
    }

    /// Remembers in which mode a database was last seen.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn saw_mode(&self, name: &str, mode: &str) -> Result<(), Error> {
        let query = sqlx::query(include_str!("sql/database_mode.sql")).bind(name).bind(mode);
        query.execute(&self.pool).await.map(drop).map_err(asking("remembering a database's mode"))
    }

    pub(super) async fn find(&self, name: &str) -> Result<Found, Error> {
        // what can be no name is no database's, and some of it (a NUL) Postgres would not even take
        name::check(name)?;
        match self.look(Some(name)).await?.pop() {
            Some(found) => Ok(found),
            None => Err(self.unknown(name).await?),
        }
    }

    pub(super) async fn find_ready(&self, name: &str) -> Result<Found, Error> {
        let found = self.find(name).await?;
        if found.info.ready { Ok(found) } else { Err(Error::Unready(name.to_owned())) }
    }

    async fn unknown(&self, name: &str) -> Result<Error, Error> {
        name::check(name)?;
        let names: Vec<String> =
            sqlx::query_scalar("select name from control.database").fetch_all(&self.pool).await.map_err(asking("listing databases"))?;
        let similar = names.into_iter().map(|known| (strsim::jaro_winkler(&known, name), known)).filter(|(likeness, _)| *likeness > 0.8);
        let nearest = similar.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, known)| known);
        Ok(Error::Unknown { name: name.to_owned(), nearest })
    }

    pub(super) async fn look(&self, name: Option<&str>) -> Result<Vec<Found>, Error> {
        let query = sqlx::query(include_str!("sql/database_find.sql")).bind(name);
        let rows = query.fetch_all(&self.pool).await.map_err(asking("looking for a database"))?;
        rows.iter().map(|row| found(row, &self.url)).collect::<Result<_, _>>().map_err(asking("reading the registry"))
    }
}

fn found(row: &PgRow, metadata_url: &str) -> Result<Found, sqlx::Error> {
    let shard = Shard::from_row(row)?;
    let (host, port) = shard.address(metadata_url);
    let name: String = row.try_get("name")?;
    let info = DatabaseInfo {
        url: address(&name, None, &host, port),
        host,
        port,
        region: row.try_get("region")?,
        modules: row.try_get("modules")?,
        mode: row.try_get("mode")?,
        schedule: row.try_get("cron")?,
        credentials: Credentials::from_row(row)?,
        ready: row.try_get("ready")?,
        made_at: row.try_get("made_at")?,
        active_at: row.try_get("active_at")?,
        name,
    };
    Ok(Found { info, shard })
}

/// A connection string as psql takes it.
pub(super) fn address(name: &str, password: Option<&str>, host: &str, port: u16) -> String {
    let login = password.map_or_else(|| name.to_owned(), |password| format!("{name}:{password}"));
    if host.starts_with('/') {
        return format!("postgres://{login}@/{name}?host={host}&port={port}");
    }
    format!("postgres://{login}@{host}:{port}/{name}")
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn a_connection_string_is_one_that_psql_takes() {
        assert_eq!(address("shop", None, "db.example.com", 5432), "postgres://shop@db.example.com:5432/shop");
        assert_eq!(address("shop", Some("pw"), "/run/pg", 5433), "postgres://shop:pw@/shop?host=/run/pg&port=5433");
    }
}
