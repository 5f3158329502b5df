//! What the engine says of the cloud: lists taken in whole, and what can't be seen.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::FromRow;

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
        let lists = self.reconciler.procs.listings().await?;
        Ok(lists.into_iter().map(|list| Listing { resource: list.resource, region: list.region }).collect())
    }

    /// The lists on which something stands that the cloud is busy with.
    pub async fn busy_listings(&self) -> Result<Vec<Listing>, Error> {
        if let Some(before) = &self.before {
            return before.busy_listings().await;
        }
        let lists = self.reconciler.procs.busy_listings().await?;
        Ok(lists.into_iter().map(|list| Listing { resource: list.resource, region: list.region }).collect())
    }

    /// The lists that were never read.
    pub async fn unread_listings(&self) -> Result<Vec<Listing>, Error> {
        if let Some(before) = &self.before {
            return before.unread_listings().await;
        }
        let lists = self.reconciler.procs.unread_listings().await?;
        Ok(lists.into_iter().map(|list| Listing { resource: list.resource, region: list.region }).collect())
    }

    /// The lists that could not be read the last time.
    pub async fn blind_listings(&self) -> Result<Vec<Blind>, Error> {
        if let Some(before) = &self.before {
            return before.blind_listings().await;
        }
        let lists = self.reconciler.procs.blind_listings().await?;
        Ok(lists.into_iter().map(|list| Blind { resource: list.resource, region: list.region, blind: list.blind }).collect())
    }

    /// The rows of a type that somebody manages, as a provider takes them. May hold secrets.
    pub async fn named(&self, resource: &str) -> Result<Vec<Value>, Error> {
        Ok(self.reconciler.procs.named(resource).await?)
    }

    /// The database's own time, to tell what was made after a list was begun.
    pub async fn now(&self) -> Result<DateTime<Utc>, Error> {
        match &self.before {
            Some(before) => before.clock().await,
            None => Ok(self.reconciler.procs.clock().await?),
        }
    }

    /// Takes in a whole list, begun at `started`; answers how many observed rows it changed.
    pub async fn observe(&self, counter: i64, listing: &Listing, rows: &Value, started: DateTime<Utc>) -> Result<i64, Error> {
        let Listing { resource, region } = listing;
        Ok(self.reconciler.procs.observe(counter, resource, region, rows, started).await?)
    }

    /// The same, unless something that somebody manages is not in it any more: then nothing is taken in, and `None` says so.
    ///
    /// What release 0.1 laid has no such question: there the list counts.
    pub async fn observe_unless_missing(
        &self,
        counter: i64,
        listing: &Listing,
        rows: &Value,
        started: DateTime<Utc>,
    ) -> Result<Option<i64>, Error> {
        let Listing { resource, region } = listing;
        if self.before.is_some() {
            return Ok(Some(self.reconciler.procs.observe(counter, resource, region, rows, started).await?));
        }
        Ok(self.reconciler.procs.observe_unless_missing(counter, resource, region, rows, started).await?)
    }

    /// Notes that a list could not be read.
    pub async fn blind(&self, counter: i64, listing: &Listing, said: &str) -> Result<(), Error> {
        Ok(self.reconciler.procs.blind(counter, &listing.resource, &listing.region, said).await?)
    }

    /// Fills the `@cloud` columns of one type's desired rows, past those that somebody holds.
    pub async fn fill(&self, counter: i64, resource: &str) -> Result<i64, Error> {
        Ok(self.reconciler.procs.fill(counter, resource).await?)
    }
}
