//! What the gateway serves, as rows: whoever keeps the list of it stands behind a trait, as a cloud does elsewhere.

mod gateway;

use std::{pin::Pin, sync::Arc};

use uuid::Uuid;

use crate::resource::{Cloud, Error, Registry};

/// What an answer of a book comes as.
pub type Told<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// What is served for the rows of one user's database.
pub trait Book: Send + Sync {
    /// All of it.
    fn all(&self) -> Told<'_, Vec<Entry>>;
    /// Has one more be served; answers for its id, and for that of before where this owner has made it already.
    ///
    /// Fails with [`Kind::Invalid`](crate::resource::Kind::Invalid), and for good, where somebody else has that name.
    fn make<'a>(&'a self, entry: &'a Entry, verifier: &'a str) -> Told<'a, Uuid>;
    /// Changes whose it is, its times and sizes, and its password where there is a verifier of another one.
    fn change<'a>(&'a self, entry: &'a Entry, verifier: Option<&'a str>) -> Told<'a, ()>;
    /// Serves it no longer. That it is gone already is no failure.
    fn remove(&self, id: Uuid) -> Told<'_, ()>;
}

/// One database that is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What its files are kept under; nil where it is not made yet.
    pub id: Uuid,
    /// The gateway's domain.
    pub domain: String,
    /// Its name below that.
    pub label: String,
    /// The ownership tag: `<database>/<row_id>`.
    pub owner: String,
    /// The login that is made with it.
    pub role: String,
    /// Another one for each password.
    pub password_version: Uuid,
    /// How long after its last session it falls asleep.
    pub idle_seconds: i32,
    /// How large it may become.
    pub size_limit_bytes: i64,
}

/// The way to the book. A clone is the same one, in every region.
#[derive(Clone)]
pub struct Served(pub Arc<dyn Book>);

impl Cloud for Served {
    fn at(&self, _: &str) -> Self {
        self.clone()
    }

    async fn renewed(&self) -> bool {
        false
    }
}

/// What there is of it; one line each.
pub fn register(registry: Registry, served: &Served) -> Registry {
    registry.with::<gateway::database::Database>(served)
}
