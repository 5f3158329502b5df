//! Drivers that say where credentials are from that are no longer good, and never what they are.

use std::sync::Arc;

use serde_json::Value;

use crate::resource::{Answer, Change, Driver, Error, Kind, Owner, Reads, Registry, Scope};

/// One table's driver.
struct Naming {
    table: &'static str,
    scope: Scope,
    reads: Reads,
    shows_in: &'static [&'static str],
    all: Arc<Registry>,
    place: Arc<str>,
}

/// The same drivers, whose credentials are from this place.
pub(super) fn naming(all: Registry, place: &str) -> Registry {
    let (all, place) = (Arc::new(all), Arc::from(place));
    let tables: Vec<_> = all.tables().collect();
    tables.into_iter().filter_map(|table| Some((table, all.driver(table)?))).fold(Registry::default(), |named, (table, driver)| {
        let (scope, reads, shows_in) = (driver.scope(), driver.reads(), driver.shows_in());
        named.driven_by(table, Naming { table, scope, reads, shows_in, all: Arc::clone(&all), place: Arc::clone(&place) })
    })
}

impl Naming {
    fn driver(&self) -> Result<&dyn Driver, Error> {
        let missing = || Error::new("choosing a driver", Kind::Unsupported, format!("this engine does not know {}", self.table));
        self.all.driver(self.table).ok_or_else(missing)
    }

    fn named(&self, error: Error) -> Error {
        match error.kind {
            Kind::Expired | Kind::Renewed => Error { said: format!("{}; they are those of {}", error.said, self.place), ..error },
            _ => error,
        }
    }
}

impl Driver for Naming {
    fn scope(&self) -> Scope {
        self.scope
    }

    fn reads(&self) -> Reads {
        self.reads
    }

    fn shows_in(&self) -> &'static [&'static str] {
        self.shows_in
    }

    fn list<'a>(&'a self, region: &str, named: Vec<Value>) -> Answer<'a, Vec<Value>> {
        let region = region.to_owned();
        Box::pin(async move { self.driver()?.list(&region, named).await.map_err(|error| self.named(error)) })
    }

    fn apply<'a>(&'a self, region: &str, change: Change, owner: &'a Owner) -> Answer<'a, Option<Value>> {
        let region = region.to_owned();
        Box::pin(async move { self.driver()?.apply(&region, change, owner).await.map_err(|error| self.named(error)) })
    }
}
