//! Cloud to observed tables: lists, side by side, taken in whole.

use std::time::Instant;

use futures::{StreamExt, stream};
use serde_json::Value;

use super::{Error, Progress, Watch};
use crate::{
    database::{Database, Listing},
    resource::{self, Kind, Reads, Registry},
};

/// How many lists are read at the same time.
const AT_ONCE: usize = 8;

/// Whose names are asked for where things can't be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// Those of rows that somebody manages.
    Managed,
    /// Those of all that may be there.
    All,
}

/// Reads these lists into the database; what can't be read is noted as blind, and the others go on.
///
/// Answers why lists could not be read that may not stay unread: all but those that are denied or unknown.
pub(super) async fn refresh(
    database: &Database,
    registry: &Registry,
    counter: i64,
    listings: Vec<Listing>,
    names: Names,
    watch: &Watch<'_>,
) -> Result<Vec<resource::Error>, Error> {
    let started = Instant::now();
    let resources = listings.len();
    watch(Progress::Refreshing { listings: resources });
    let mut reading =
        stream::iter(listings).map(|listing| read(database, registry, counter, listing, names, watch)).buffer_unordered(AT_ONCE);
    let (mut rows, mut failures) = (0, Vec::new());
    while let Some(read) = reading.next().await {
        match read? {
            Ok(count) => rows += count as u64,
            Err(error) if matches!(error.kind, Kind::Denied | Kind::Unsupported) => {}
            Err(error) => failures.push(error),
        }
    }
    watch(Progress::Refreshed { resources, rows, millis: millis(started) });
    Ok(failures)
}

/// Milliseconds since then.
pub(super) fn millis(since: Instant) -> u64 {
    since.elapsed().as_millis().try_into().unwrap_or(u64::MAX)
}

async fn read(
    database: &Database,
    registry: &Registry,
    counter: i64,
    listing: Listing,
    names: Names,
    watch: &Watch<'_>,
) -> Result<Result<usize, resource::Error>, Error> {
    match whole(database, registry, counter, &listing, names).await? {
        Ok(count) => Ok(Ok(count)),
        Err(error) => {
            let said = error.to_string();
            database.blind(counter, &listing, &said).await?;
            watch(Progress::Blind { resource: listing.resource, region: listing.region, said });
            Ok(Err(error))
        }
    }
}

/// Takes a list in; answers how long it was.
///
/// What is gone from it is gone when it is not in a second one either: lists lag behind, and pages change while they are read.
async fn whole(
    database: &Database,
    registry: &Registry,
    counter: i64,
    listing: &Listing,
    names: Names,
) -> Result<Result<usize, resource::Error>, Error> {
    let started = database.now().await?;
    let rows = match list(database, registry, listing, names).await? {
        Ok(rows) => rows,
        Err(error) => return Ok(Err(error)),
    };
    let (count, rows) = (rows.len(), Value::Array(rows));
    if database.observe_unless_missing(counter, listing, &rows, started).await?.is_some() {
        return Ok(Ok(count));
    }
    let started = database.now().await?;
    let again = match list(database, registry, listing, names).await? {
        Ok(again) => again,
        Err(error) => return Ok(Err(error)),
    };
    let Value::Array(mut both) = rows else { return Ok(Ok(count)) };
    both.extend(again);
    database.observe(counter, listing, &Value::Array(both), started).await?;
    Ok(Ok(count))
}

type Rows = Result<Vec<Value>, resource::Error>;

async fn list(database: &Database, registry: &Registry, listing: &Listing, names: Names) -> Result<Rows, Error> {
    let Some(driver) = registry.driver(&listing.resource) else {
        return Ok(Err(resource::Error::new("listing", Kind::Unsupported, format!("this engine does not know {}", listing.resource))));
    };
    let named = match driver.reads() {
        Reads::All => Vec::new(),
        Reads::Named => named(database, listing, names).await?,
    };
    match driver.list(&listing.region, named).await {
        // who has no account there, and no row either, need not be told so each time
        Err(error) if error.kind == Kind::Anonymous && self::named(database, listing, Names::All).await?.is_empty() => Ok(Ok(vec![])),
        listed => Ok(listed),
    }
}

/// What to ask for where things can't be listed.
async fn named(database: &Database, listing: &Listing, names: Names) -> Result<Vec<Value>, Error> {
    let mut named = database.named(&listing.resource).await?;
    if names == Names::All {
        named.extend(database.skeletons(&listing.resource).await?);
    }
    // each region is asked for what is in it
    named.retain(|row| listing.region.is_empty() || row.get("region").and_then(Value::as_str) == Some(&listing.region));
    Ok(named)
}
