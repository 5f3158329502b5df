//! Cloud to observed tables: lists, side by side, taken in whole.

use std::time::Instant;

use futures::{StreamExt, stream};

use super::{Error, Progress, Watch};
use crate::{
    database::{Database, Listing},
    resource::{self, Reads, Registry},
};

/// How many lists are read at the same time.
const AT_ONCE: usize = 8;

/// Reads these lists into the database; what can't be read is noted as blind, and the others go on.
pub(super) async fn refresh(database: &Database, registry: &Registry, counter: i64, listings: Vec<Listing>, watch: &Watch<'_>) -> Result<(), Error> {
    let started = Instant::now();
    let resources = listings.len();
    watch(Progress::Refreshing { listings: resources });
    let mut reading = stream::iter(listings).map(|listing| read(database, registry, counter, listing, watch)).buffer_unordered(AT_ONCE);
    let mut rows = 0;
    while let Some(read) = reading.next().await {
        rows += read? as u64;
    }
    watch(Progress::Refreshed { resources, rows, millis: millis(started) });
    Ok(())
}

/// Milliseconds since then.
pub(super) fn millis(since: Instant) -> u64 {
    since.elapsed().as_millis().try_into().unwrap_or(u64::MAX)
}

async fn read(database: &Database, registry: &Registry, counter: i64, listing: Listing, watch: &Watch<'_>) -> Result<usize, Error> {
    let started = database.now().await?;
    match list(database, registry, &listing).await? {
        Ok(rows) => {
            database.observe(counter, &listing, &rows, started).await?;
            Ok(rows.len())
        }
        Err(error) => {
            let said = error.to_string();
            database.blind(counter, &listing, &said).await?;
            watch(Progress::Blind { resource: listing.resource, region: listing.region, said });
            Ok(0)
        }
    }
}

type Rows = Result<Vec<serde_json::Value>, resource::Error>;

async fn list(database: &Database, registry: &Registry, listing: &Listing) -> Result<Rows, Error> {
    let Some(driver) = registry.driver(&listing.resource) else {
        return Ok(Err(resource::Error::new("listing", resource::Kind::Unsupported, format!("this engine does not know {}", listing.resource))));
    };
    let named = match driver.reads() {
        Reads::All => Vec::new(),
        Reads::Named => database.named(&listing.resource).await?,
    };
    Ok(driver.list(&listing.region, named).await)
}
