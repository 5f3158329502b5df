//! What the engine says of the cloud: lists taken in whole, and what can't be seen.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, types::Json};

use super::{Database, Error};

/// A list to be read: one resource type in one region.
#[derive(Clone, Debug, PartialEq, Eq, Hash, FromRow)]
pub struct Listing {
    /// The resource type.
    pub resource: String,
    /// The region; empty for a service without regions.
    pub region: String,
}

/// A list that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Blind {
    /// The resource type.
    pub resource: String,
    /// The region; empty for a service without regions.
    pub region: String,
    /// Why.
    pub blind: String,
}

impl Database {
    /// The lists that tell all this database is about.
    pub async fn listings(&self) -> Result<Vec<Listing>, Error> {
        sqlx::query_as("select resource, region from iasql.listings()")
            .fetch_all(self.pool())
            .await
            .map_err(Error::of("reading which lists to read"))
    }

    /// The lists on which something stands that the cloud is busy with.
    pub async fn busy_listings(&self) -> Result<Vec<Listing>, Error> {
        let busy = sqlx::query_as(include_str!("sql/busy.sql"));
        busy.fetch_all(self.pool()).await.map_err(Error::of("reading what to wait for"))
    }

    /// The lists that were never read.
    pub async fn unread_listings(&self) -> Result<Vec<Listing>, Error> {
        sqlx::query_as(include_str!("sql/unread.sql"))
            .fetch_all(self.pool())
            .await
            .map_err(Error::of("reading which lists were never read"))
    }

    /// The lists that could not be read the last time.
    pub async fn blind_listings(&self) -> Result<Vec<Blind>, Error> {
        let blind = sqlx::query_as("select resource, region, blind from iasql.listing where blind is not null order by resource, region");
        blind.fetch_all(self.pool()).await.map_err(Error::of("reading what can't be seen"))
    }

    /// The rows of a type that somebody manages, as a provider takes them. May hold secrets.
    pub async fn named(&self, resource: &str) -> Result<Vec<Value>, Error> {
        let rows: Vec<Json<Value>> = sqlx::query_scalar("select iasql.named($1)")
            .bind(resource)
            .fetch_all(self.pool())
            .await
            .map_err(Error::of("reading what is managed"))?;
        Ok(rows.into_iter().map(|Json(row)| row).collect())
    }

    /// The database's own time, to tell what was made after a list was begun.
    pub async fn now(&self) -> Result<DateTime<Utc>, Error> {
        sqlx::query_scalar("select clock_timestamp()").fetch_one(self.pool()).await.map_err(Error::of("reading the clock"))
    }

    /// Takes in a whole list, begun at `started`; answers how many observed rows it changed.
    pub async fn observe(&self, counter: i64, listing: &Listing, rows: &[Value], started: DateTime<Utc>) -> Result<i64, Error> {
        let observed = sqlx::query_scalar("select iasql.observe($1, $2, $3, $4, $5)");
        let observed = observed.bind(counter).bind(&listing.resource).bind(&listing.region).bind(Json(rows)).bind(started);
        observed.fetch_one(self.pool()).await.map_err(Error::of("taking in a list"))
    }

    /// Notes that a list could not be read.
    pub async fn blind(&self, counter: i64, listing: &Listing, said: &str) -> Result<(), Error> {
        let blind =
            sqlx::query("select iasql.blind($1, $2, $3, $4)").bind(counter).bind(&listing.resource).bind(&listing.region).bind(said);
        blind.execute(self.pool()).await.map(drop).map_err(Error::of("noting what can't be seen"))
    }

    /// Fills the `@cloud` columns of one type's desired rows, past those that somebody holds.
    pub async fn fill(&self, counter: i64, resource: &str) -> Result<i64, Error> {
        sqlx::query_scalar("select iasql.fill($1, $2)")
            .bind(counter)
            .bind(resource)
            .fetch_one(self.pool())
            .await
            .map_err(Error::of("filling in what the cloud decided"))
    }
}
