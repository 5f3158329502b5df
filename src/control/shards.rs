//! The servers that databases of users are on: adding one adds room.

use std::str::FromStr;

use serde::Serialize;
use sqlx::postgres::PgConnectOptions;
use url::Url;

use super::{Control, Error, shard::Shard};
use crate::database::{server, services};

/// A server, as its operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShardInfo {
    /// What it is called; `home` is the one that the metadata database is on.
    pub name: String,
    /// How an administrator reaches it, without the password; nothing for `home`.
    pub url: Option<String>,
    /// The host that users are told.
    pub host: String,
    /// The port that users are told.
    pub port: u16,
    /// How many databases it holds.
    pub databases: i64,
    /// How many it may hold.
    pub at_most: u64,
}

/// What a server can't be, or can't be done with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadShard {
    /// Its name is none.
    #[error("{0:?} can't be the name of a server: small letters, digits, _ and -, a letter first, 40 at most")]
    Name(String),
    /// Its address is none.
    #[error("the address of a server looks like postgres://administrator@host:5432/postgres")]
    Address,
    /// Its address has a password in it.
    #[error(
        "the address holds a password, and the registry keeps none: leave it out, and put a line host:port:*:user:password into \
         libpq's password file (~/.pgpass, or the file that PGPASSFILE names) wherever an engine runs"
    )]
    Password,
    /// There is none of that name.
    #[error("there is no server {0}: iasql shard list names all")]
    Unknown(String),
    /// It holds databases.
    #[error("the server {name} holds {databases}: move them first (iasql move)")]
    Holds {
        /// Its name.
        name: String,
        /// `one database` or `3 databases`.
        databases: String,
    },
    /// Databases are on it, and it may not become another one meanwhile.
    #[error("databases are on the server {0}, which has another address: give the new server a name of its own")]
    Elsewhere(String),
    /// The metadata database is on it.
    #[error("home is the server that the metadata database is on: it can't be added again")]
    Home,
    /// No further database fits.
    #[error(
        "every server is full, with {0} databases on each: iasql shard add adds one, the setting databases_per_server says how many fit"
    )]
    Full(u64),
}

/// How many databases a server takes, unless its operator says otherwise.
const DATABASES: u64 = 400;

impl Control {
    /// Adds a server, when it answers and takes us as its administrator. Doing it again may change what users are told.
    ///
    /// # Errors
    /// [`Error::Shard`], which says what is wrong with it; that it does not answer.
    pub async fn add_shard(&self, name: &str, url: &str, public_host: Option<&str>, public_port: Option<u16>) -> Result<(), Error> {
        check(name, url)?;
        let admin_url = self.admin_url(Some(url));
        let failed = |server::Failed { step, source }| Error::Metadata { doing: step, source };
        server::is_administered(&admin_url).await.map_err(failed)?;
        services::ensure(&admin_url).await.map_err(failed)?;
        let added = self.services.http.procs.shard_add(name, url, public_host, public_port.map(i32::from)).await?;
        if added { Ok(()) } else { Err(BadShard::Elsewhere(name.to_owned()).into()) }
    }

    /// All servers, by name.
    ///
    /// # Errors
    /// When the metadata database fails.
    pub async fn shards(&self) -> Result<Vec<ShardInfo>, Error> {
        let at_most = self.databases_per_server().await?;
        let rows = self.services.http.procs.shard_list().await?;
        let info = |row: super::procs::ShardList| {
            let shard = Shard { name: row.shard, url: row.shard_url, public_host: row.public_host, public_port: row.public_port };
            let (host, port) = shard.address(&self.url);
            ShardInfo { name: shard.name, url: shard.url, host, port, databases: row.databases, at_most }
        };
        Ok(rows.into_iter().map(info).collect())
    }

    /// Forgets a server that holds no database. Nothing on it is touched.
    ///
    /// # Errors
    /// [`Error::Shard`] where it holds some, or is not there.
    pub async fn remove_shard(&self, name: &str) -> Result<(), Error> {
        match self.services.http.procs.shard_remove(name).await? {
            None => Err(BadShard::Unknown(name.to_owned()).into()),
            Some(0) => Ok(()),
            Some(1) => Err(BadShard::Holds { name: name.to_owned(), databases: "one database".to_owned() }.into()),
            Some(held) => Err(BadShard::Holds { name: name.to_owned(), databases: format!("{held} databases") }.into()),
        }
    }

    /// The server that takes the next database.
    pub(super) async fn shard_with_room(&self) -> Result<Shard, Error> {
        let at_most = self.databases_per_server().await?;
        let found = self.services.http.procs.shard_with_room(i64::try_from(at_most).unwrap_or(i64::MAX)).await?.pop();
        let Some(row) = found else { return Err(BadShard::Full(at_most).into()) };
        Ok(Shard { name: row.shard, url: row.shard_url, public_host: row.public_host, public_port: row.public_port })
    }

    async fn databases_per_server(&self) -> Result<u64, Error> {
        self.number("databases_per_server", DATABASES).await
    }
}

/// Refuses what can be no server, before anybody connects.
fn check(name: &str, url: &str) -> Result<(), BadShard> {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    if name == "home" {
        return Err(BadShard::Home);
    }
    if name.len() > 40 || !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(letters) {
        return Err(BadShard::Name(name.chars().take(60).collect()));
    }
    let parsed = Url::parse(url).ok().filter(|url| ["postgres", "postgresql"].contains(&url.scheme()) && !url.username().is_empty());
    let Some(parsed) = parsed.filter(|_| PgConnectOptions::from_str(url).is_ok()) else { return Err(BadShard::Address) };
    let in_query = parsed.query_pairs().any(|(key, _)| key == "password");
    if parsed.password().is_some() || in_query { Err(BadShard::Password) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_a_name_and_an_address_without_a_password() {
        assert_eq!(check("b-2", "postgres://root@b.internal/postgres"), Ok(()));
        assert_eq!(check("B", "postgres://root@b.internal/postgres"), Err(BadShard::Name("B".into())));
        assert_eq!(check("home", "postgres://root@b.internal/postgres"), Err(BadShard::Home));
        assert_eq!(check("b", "postgres://b.internal/postgres"), Err(BadShard::Address));
        for url in ["postgres://root:hunter2@b.internal/postgres", "postgres://root@b.internal/postgres?password=hunter2"] {
            let said = check("b", url).unwrap_err().to_string();
            assert!(said.contains("pgpass") && !said.contains("hunter2"), "{said}");
        }
    }
}
