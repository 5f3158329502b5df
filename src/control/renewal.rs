//! Credentials that went bad are looked for again, in the same run: a secret has a new version, a profile other keys, a role was assumed too long ago.

use std::{
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
};

use serde_json::Value;
use tokio::sync::Mutex;

use super::NoCredentials;
use crate::resource::{Answer, Change, Driver, Error, Kind, Owner, Reads, Registry, Scope};

/// Drivers, with something that tells the credentials they have from others without showing them.
#[derive(Clone)]
pub(super) struct Bound {
    pub(super) registry: Arc<Registry>,
    pub(super) mark: [u8; 32],
}

/// Looks where the credentials are, and binds drivers to what it finds.
pub(super) type Look = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Bound, NoCredentials>> + Send>> + Send + Sync>;

/// The drivers as they are now, and how to come by others.
struct Source {
    bound: RwLock<Bound>,
    look: Look,
    /// Where the credentials are, in words.
    place: String,
    /// Many calls fail at once; one looks.
    turn: Mutex<()>,
}

/// One table's driver, whatever credentials there are by now.
struct Renewing {
    table: &'static str,
    scope: Scope,
    reads: Reads,
    source: Arc<Source>,
}

/// Drivers that look for credentials again where those that they have are no longer good.
pub(super) fn renewing(bound: Bound, place: String, look: Look) -> Registry {
    let tables: Vec<_> = bound.registry.tables().collect();
    let first = Arc::clone(&bound.registry);
    let source = Arc::new(Source { bound: RwLock::new(bound), look, place, turn: Mutex::new(()) });
    tables.into_iter().filter_map(|table| Some((table, first.driver(table)?))).fold(Registry::default(), |all, (table, driver)| {
        all.driven_by(table, Renewing { table, scope: driver.scope(), reads: driver.reads(), source: Arc::clone(&source) })
    })
}

impl Source {
    fn now(&self) -> Bound {
        self.bound.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says of an error whether there are other credentials now; where they were `used`, it looks for them.
    async fn renewed(&self, used: [u8; 32], error: Error) -> Error {
        if error.kind != Kind::Expired {
            return error;
        }
        let _turn = self.turn.lock().await;
        let mut other = self.now().mark != used;
        if !other
            && let Ok(found) = (self.look)().await
            && found.mark != used
        {
            *self.bound.write().unwrap_or_else(PoisonError::into_inner) = found;
            other = true;
        }
        let (kind, said) = match other {
            true => (Kind::Renewed, format!("{}; {} has others by now", error.said, self.place)),
            false => (Kind::Expired, format!("{}; they are those of {}", error.said, self.place)),
        };
        Error { kind, said, ..error }
    }
}

impl Renewing {
    fn driver<'a>(&self, bound: &'a Bound) -> Result<&'a dyn Driver, Error> {
        let missing = || Error::new("choosing a driver", Kind::Unsupported, format!("this engine does not know {}", self.table));
        bound.registry.driver(self.table).ok_or_else(missing)
    }
}

impl Driver for Renewing {
    fn scope(&self) -> Scope {
        self.scope
    }

    fn reads(&self) -> Reads {
        self.reads
    }

    /// Read again at once, for reading changes nothing.
    fn list<'a>(&'a self, region: &str, named: Vec<Value>) -> Answer<'a, Vec<Value>> {
        let region = region.to_owned();
        Box::pin(async move {
            let bound = self.source.now();
            let error = match self.driver(&bound)?.list(&region, named.clone()).await {
                Err(error) => self.source.renewed(bound.mark, error).await,
                seen => return seen,
            };
            if error.kind != Kind::Renewed {
                return Err(error);
            }
            let bound = self.source.now();
            self.driver(&bound)?.list(&region, named).await
        })
    }

    /// Not repeated here: of several calls the first may have been made. The next round of the run sees what is left.
    fn apply<'a>(&'a self, region: &str, change: Change, owner: &'a Owner) -> Answer<'a, Option<Value>> {
        let region = region.to_owned();
        Box::pin(async move {
            let bound = self.source.now();
            match self.driver(&bound)?.apply(&region, change, owner).await {
                Err(error) => Err(self.source.renewed(bound.mark, error).await),
                done => done,
            }
        })
    }
}
