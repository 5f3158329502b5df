//! The databases of the users: which there are, and the way into each.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    Control, Credentials, Error, name,
    procs::{DatabaseFind, DatabaseList},
    shard::Shard,
};
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
        Ok(self.all().await?.into_iter().map(|found| found.info).collect())
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
        let keys = self.keys().await;
        if let Some(database) = self.opened.get(name) {
            return Ok(database.with_keys(keys));
        }
        name::check(name)?;
        let way = self.services.reconciler.procs.database_way(name).await?.pop();
        let Some(way) = way.filter(|way| way.ready) else { return Err(self.missing(name).await?) };
        let opened = Database::open(way.shard_url.as_deref().unwrap_or(&self.url), name).await;
        let opened = opened.map_err(|source| Error::Open { name: name.to_owned(), source: Box::new(source) })?;
        Ok(self.opened.keep(name, opened).with_keys(keys))
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
        removed.map_err(|source| Error::Setup { name: name.to_owned(), source: Box::new(source) })?;
        self.services.http.procs.database_remove(name).await?;
        self.changed.notify_waiters();
        Ok(())
    }

    /// The databases that can be listened to: those that wait for commits first, then the lately active ones.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn worth_listening(&self) -> Result<Vec<String>, Error> {
        Ok(self.services.scheduler.procs.databases_worth_listening().await?)
    }

    /// Remembers in which mode a database was last seen.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn saw_mode(&self, name: &str, mode: &str) -> Result<(), Error> {
        Ok(self.services.scheduler.procs.database_mode(name, mode).await?)
    }

    pub(super) async fn find(&self, name: &str) -> Result<Found, Error> {
        // what can be no name is no database's, and some of it (a NUL) Postgres would not even take
        name::check(name)?;
        match self.services.http.procs.database_find(name).await?.pop() {
            Some(row) => Ok(row.found(&self.url)),
            None => Err(self.unknown(name).await?),
        }
    }

    pub(super) async fn find_ready(&self, name: &str) -> Result<Found, Error> {
        let found = self.find(name).await?;
        if found.info.ready { Ok(found) } else { Err(Error::Unready(name.to_owned())) }
    }

    /// Why a database can't be used that is not there, or was not ready when it was looked for.
    pub(super) async fn missing(&self, name: &str) -> Result<Error, Error> {
        match self.services.http.procs.database_way(name).await?.is_empty() {
            true => self.unknown(name).await,
            false => Ok(Error::Unready(name.to_owned())),
        }
    }

    pub(super) async fn unknown(&self, name: &str) -> Result<Error, Error> {
        let names = self.services.http.procs.database_names().await?;
        let similar = names.into_iter().map(|known| (strsim::jaro_winkler(&known, name), known)).filter(|(likeness, _)| *likeness > 0.8);
        let nearest = similar.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, known)| known);
        Ok(Error::Unknown { name: name.to_owned(), nearest })
    }

    pub(super) async fn all(&self) -> Result<Vec<Found>, Error> {
        let rows = self.services.http.procs.database_list().await?;
        Ok(rows.into_iter().map(|row| row.found(&self.url)).collect())
    }
}

/// The rows of both procedures are what is known about a database.
macro_rules! are_found {
    ($($row:ident)*) => {$(
        impl $row {
            fn found(self, metadata_url: &str) -> Found {
                let shard = Shard { name: self.shard, url: self.shard_url, public_host: self.public_host, public_port: self.public_port };
                let (host, port) = shard.address(metadata_url);
                let info = DatabaseInfo {
                    url: address(&self.name, None, &host, port),
                    host,
                    port,
                    region: self.region,
                    modules: self.modules,
                    mode: self.mode,
                    schedule: self.cron,
                    credentials: (self.profile, self.role_arn, self.external_id, self.secret, self.secret_region).into(),
                    ready: self.ready,
                    made_at: self.made_at,
                    active_at: self.active_at,
                    name: self.name,
                };
                Found { info, shard }
            }
        }
    )*};
}

are_found!(DatabaseFind DatabaseList);

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
