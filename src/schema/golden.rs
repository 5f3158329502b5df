//! What a fresh database looks like after each version: laid on the same server, and thrown away again.

use std::{collections::BTreeMap, str::FromStr};

use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, postgres::PgConnectOptions};
use uuid::Uuid;

use super::{
    Error, Fingerprint, How, Schema, fingerprint,
    quoted::{fill, ident},
    upgrade,
};

/// The fingerprints of a schema, from version 0 on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Golden {
    versions: BTreeMap<i32, Fingerprint>,
}

impl FromIterator<(i32, Fingerprint)> for Golden {
    fn from_iter<I: IntoIterator<Item = (i32, Fingerprint)>>(versions: I) -> Self {
        Self { versions: versions.into_iter().collect() }
    }
}

/// What a scratch database is like.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scratch<'a> {
    /// Who runs the scripts there; as [`How::owner`].
    pub owner: Option<&'a str>,
    /// As [`How::names`].
    pub names: &'a [(&'a str, &'a str)],
    /// Statements that are run first of all.
    pub before: &'a str,
}

impl Golden {
    /// Lays a chain of schemas in a fresh database on the server, those that are needed first, and keeps what the last one looks like.
    ///
    /// # Errors
    /// Where a version can't be made even in a fresh database. The scratch database is gone in any case.
    pub async fn lay(admin_url: &str, chain: &[&Schema], scratch: &Scratch<'_>) -> Result<Self, Error> {
        let server = PgConnectOptions::from_str(admin_url).map_err(Error::of("reading the server's address"))?;
        let mut connection = server.connect().await.map_err(Error::of("connecting to the server"))?;
        let name = format!("iasql_scratch_{}", Uuid::new_v4().simple());
        for sql in include_str!("sql/scratch.sql").split(';') {
            // each on its own: a database is not made in a transaction
            let made = sqlx::raw_sql(AssertSqlSafe(fill(sql, &[("name", &name)]))).execute(&mut connection).await;
            made.map_err(Error::of("making a scratch database"))?;
        }
        let laid = lay_there(server.database(&name), chain, scratch).await;
        let dropped = format!("drop database if exists {} with (force)", ident(&name));
        let dropped = sqlx::raw_sql(AssertSqlSafe(dropped)).execute(&mut connection).await;
        dropped.map_err(Error::of("dropping a scratch database")).and(laid)
    }

    /// What it looks like after a version.
    pub fn at(&self, version: i32) -> Option<&Fingerprint> {
        self.versions.get(&version)
    }
}

async fn lay_there(options: PgConnectOptions, chain: &[&Schema], scratch: &Scratch<'_>) -> Result<Golden, Error> {
    let mut connection = options.connect().await.map_err(Error::of("connecting to a scratch database"))?;
    let before = sqlx::raw_sql(AssertSqlSafe(scratch.before.to_owned())).execute(&mut connection).await;
    before.map_err(Error::of("readying a scratch database"))?;
    let how = How { owner: scratch.owner, names: scratch.names, ..How::default() };
    let Some((schema, needed)) = chain.split_last() else { return Ok(Golden::default()) };
    for needed in needed {
        upgrade(&mut connection, needed, needed.newest(), &how).await?;
    }
    let mut golden = Golden::default();
    let owner = owner(&mut connection, scratch.owner).await?;
    let names = scratch.names.iter().copied().chain([(owner.as_str(), ":owner")]).collect::<Vec<_>>();
    for version in 0..=schema.newest() {
        upgrade(&mut connection, schema, version, &how).await?;
        golden.versions.insert(version, fingerprint(&mut connection, schema, &names).await?.with_fresh_roles(schema));
    }
    Ok(golden)
}

/// Who owns what is made on a connection.
pub(super) async fn owner(connection: &mut PgConnection, owner: Option<&str>) -> Result<String, Error> {
    match owner {
        Some(owner) => Ok(owner.to_owned()),
        None => sqlx::query_scalar("select current_user::text").fetch_one(connection).await.map_err(Error::of("asking who is connected")),
    }
}
