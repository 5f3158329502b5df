//! Every resource that the engine knows, with its type forgotten, so that one engine can drive them all.

use std::{collections::BTreeMap, future::Future, pin::Pin};

use serde_json::Value;

use super::{Cloud, Error, Kind, Observed, Owner, Reads, Resource, Scope};

/// What a driver's work ends with.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// One change to one row; every value is a row as [`Resource`] says.
///
/// Not printable on purpose: a desired row may hold secrets.
#[derive(Clone, PartialEq)]
pub enum Change {
    /// Make it.
    Create {
        /// The row as it should be.
        desired: Value,
    },
    /// Change it in place, or take it over.
    Update {
        /// The row as it should be.
        desired: Value,
        /// The row as it was seen.
        observed: Value,
    },
    /// Remove it.
    Delete {
        /// The row as it was seen.
        observed: Value,
    },
}

/// A resource with its type forgotten.
pub trait Driver: Send + Sync {
    /// Where the service keeps its things.
    fn scope(&self) -> Scope;
    /// How they can be read.
    fn reads(&self) -> Reads;
    /// In which other tables a change of it shows.
    fn shows_in(&self) -> &'static [&'static str] {
        &[]
    }
    /// What the cloud has, at most `named` where they can't be listed.
    fn list<'a>(&'a self, region: &str, named: Vec<Value>) -> Answer<'a, Vec<Value>>;
    /// Carries out one change; answers how the cloud shows the row then, `None` where it is gone.
    fn apply<'a>(&'a self, region: &str, change: Change, owner: &'a Owner) -> Answer<'a, Option<Value>>;
}

/// Every resource that the engine knows, bound to one account.
#[derive(Default)]
pub struct Registry(BTreeMap<&'static str, Box<dyn Driver>>);

impl Registry {
    /// Adds one resource.
    #[must_use]
    pub fn with<R: Resource>(mut self, cloud: &R::Cloud) -> Self {
        self.0.insert(R::TABLE, Box::new(Bound::<R>(cloud.clone())));
        self
    }

    /// Adds what drives the rows of one table.
    #[must_use]
    pub fn driven_by(mut self, table: &'static str, driver: impl Driver + 'static) -> Self {
        self.0.insert(table, Box::new(driver));
        self
    }

    /// The tables, in alphabetical order.
    pub fn tables(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }

    /// What drives the rows of one table, if this engine knows it.
    pub fn driver(&self, table: &str) -> Option<&dyn Driver> {
        self.0.get(table).map(AsRef::as_ref)
    }
}

struct Bound<R: Resource>(R::Cloud);

impl<R: Resource> Driver for Bound<R> {
    fn scope(&self) -> Scope {
        R::SCOPE
    }

    fn reads(&self) -> Reads {
        R::READS
    }

    fn shows_in(&self) -> &'static [&'static str] {
        R::SHOWS_IN
    }

    fn list<'a>(&'a self, region: &str, named: Vec<Value>) -> Answer<'a, Vec<Value>> {
        let (cloud, region) = (self.0.at(region), region.to_owned());
        Box::pin(async move {
            let named = named.into_iter().map(row::<R>).collect::<Result<Vec<_>, _>>()?;
            let listed = match R::list(&cloud, &named).await {
                Err(error) if error.kind == Kind::Expired && cloud.renewed().await => R::list(&self.0.at(&region), &named).await,
                listed => listed,
            };
            listed?.iter().map(value).collect()
        })
    }

    fn apply<'a>(&'a self, region: &str, change: Change, owner: &'a Owner) -> Answer<'a, Option<Value>> {
        let cloud = self.0.at(region);
        Box::pin(async move {
            match change_to::<R>(change, owner, &cloud).await {
                // a change may be several calls: what was done of it is seen before the rest is
                Err(error) if error.kind == Kind::Expired && cloud.renewed().await => Err(Error { kind: Kind::Renewed, ..error }),
                now => now?.as_ref().map(value).transpose(),
            }
        })
    }
}

async fn change_to<R: Resource>(change: Change, owner: &Owner, cloud: &R::Cloud) -> Result<Option<Observed<R>>, Error> {
    Ok(match change {
        Change::Create { desired } => Some(row::<R>(desired)?.create(owner, cloud).await?),
        Change::Update { desired, observed } => Some(row::<R>(desired)?.update(row::<Observed<R>>(observed)?, owner, cloud).await?),
        Change::Delete { observed } => row::<R>(observed)?.delete(cloud).await?,
    })
}

fn row<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, Error> {
    // serde's own message may quote the value, and with it a secret
    serde_json::from_value(value).map_err(|error| {
        Error::new("reading a row", Kind::Row, format!("{} does not fit ({:?})", std::any::type_name::<T>(), error.classify()))
    })
}

fn value<R: Resource>(row: &Observed<R>) -> Result<Value, Error> {
    serde_json::to_value(row).map_err(|error| Error::new("writing a row", Kind::Row, error.to_string()))
}
