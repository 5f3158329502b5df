//! Whether a database is what its version says, and the easy way up and down for one that is reached by its address.

use std::{collections::BTreeMap, str::FromStr};

use sqlx::{Acquire, AssertSqlSafe, ConnectOptions, PgConnection, postgres::PgConnectOptions};

use super::{
    Done, Drift, Error, Golden, How, Schema, downgrade, fingerprint,
    golden::{Scratch, owner},
    grants, installed,
    quoted::fill,
    upgrade,
};

/// In what the catalog differs from what the installed version should be, and the grants from `access`. Changes nothing.
///
/// # Errors
/// Where the database can't be asked.
pub async fn drift(connection: &mut PgConnection, schema: &Schema, how: &How<'_>) -> Result<Vec<Drift>, Error> {
    let looking = "looking for drift";
    let mut inside = connection.begin().await.map_err(Error::of(looking))?;
    let settings = fill(include_str!("sql/settings.sql"), &[("lock_timeout", "2s")]);
    sqlx::raw_sql(AssertSqlSafe(settings)).execute(&mut *inside).await.map_err(Error::of(looking))?;
    let version = installed(&mut inside, schema.name()).await?;
    let owner = owner(&mut inside, how.owner).await?;
    let names = how.names.iter().copied().chain([(owner.as_str(), ":owner")]).collect::<Vec<_>>();
    let mut drifts = BTreeMap::new();
    if version > 0 {
        let due = grants::due(&mut inside, schema).await?.into_iter().map(Drift::from);
        drifts.extend(due.map(|drift| (drift.object.clone(), drift)));
    }
    if let Some(expected) = how.golden.and_then(|golden| golden.at(version)) {
        let found = fingerprint::read(&mut inside, schema, &names).await?;
        drifts.extend(found.differences(expected).into_iter().map(|drift| (drift.object.clone(), drift)));
    }
    inside.rollback().await.map_err(Error::of(looking))?;
    Ok(drifts.into_values().collect())
}

impl Schema {
    /// Upgrades one database; after each version it looks like a fresh one, or the version is not made. `None`: to the newest.
    ///
    /// # Errors
    /// Where a version can't be made: the database then is at the one before it.
    pub async fn upgrade(&self, admin_url: &str, to: Option<i32>) -> Result<Done, Error> {
        let golden = self.golden(admin_url).await?;
        let how = How { golden: golden.as_ref(), ..How::default() };
        upgrade(&mut connect(admin_url).await?, self, to.unwrap_or_else(|| self.newest()), &how).await
    }

    /// Takes one database back to a version.
    ///
    /// # Errors
    /// Where a version can't be taken back: the database then is still at it.
    pub async fn downgrade(&self, admin_url: &str, to: i32) -> Result<Done, Error> {
        let golden = self.golden(admin_url).await?;
        let how = How { golden: golden.as_ref(), ..How::default() };
        downgrade(&mut connect(admin_url).await?, self, to, &how).await
    }

    /// In what one database differs from what its version should be.
    ///
    /// # Errors
    /// Where the database can't be asked.
    pub async fn check(&self, admin_url: &str) -> Result<Vec<Drift>, Error> {
        let golden = self.golden(admin_url).await?;
        drift(&mut connect(admin_url).await?, self, &How { golden: golden.as_ref(), ..How::default() }).await
    }

    /// Nobody here knows what a schema looks like that needs others; whoever does lays a [`Golden`] with all of them.
    async fn golden(&self, admin_url: &str) -> Result<Option<Golden>, Error> {
        if !self.head.needs.is_empty() {
            return Ok(None);
        }
        Golden::lay(admin_url, &[self], &Scratch::default()).await.map(Some)
    }
}

async fn connect(admin_url: &str) -> Result<PgConnection, Error> {
    let options = PgConnectOptions::from_str(admin_url).map_err(Error::of("reading the database's address"))?;
    options.connect().await.map_err(Error::of("connecting to the database"))
}
