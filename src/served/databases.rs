//! Of the book, the databases.

use uuid::Uuid;

use super::{Durability, Engine, Told};

/// The databases that are served for the rows of one user's database.
pub trait Databases: Send + Sync {
    /// All of them.
    fn all(&self) -> Told<'_, Vec<Entry>>;
    /// Has one more be served; answers for its id, and for that of before where this owner has made it already.
    ///
    /// Fails with [`Kind::Invalid`](crate::resource::Kind::Invalid), and for good, where somebody else has that name, or this user has nothing that it
    /// could be the branch or the replica of.
    fn make<'a>(&'a self, entry: &'a Entry, verifier: &'a str) -> Told<'a, Uuid>;
    /// Changes whose it is, its times and sizes, and its password where there is a verifier of another one.
    fn change<'a>(&'a self, entry: &'a Entry, verifier: Option<&'a str>) -> Told<'a, ()>;
    /// Serves it no longer. That it is gone already is no failure.
    fn remove(&self, id: Uuid) -> Told<'_, ()>;
}

/// What a database begins with that is a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The name of the one that it is a branch of, below the same domain.
    pub of: String,
    /// Which version of that one; `None`: the newest when it is first called.
    pub number: Option<i64>,
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
    /// By what it is run.
    pub engine: Engine,
    /// The Fly machine that runs it, as `<app>/<machine>`; `None`: gateways and nodes.
    pub machine: Option<String>,
    /// What it begins with; `None`: with nothing.
    pub branch: Option<Branch>,
    /// The name of the one below the same domain whose files it only reads; `None`: it has its own.
    pub replica_of: Option<String>,
    /// Another one for each password.
    pub password_version: Uuid,
    /// How long after its last session it falls asleep.
    pub idle_seconds: i32,
    /// How large it may become.
    pub size_limit_bytes: i64,
    /// When what it commits is safe.
    pub durability: Durability,
    /// Which gateways run it; `None`: all.
    pub location: Option<String>,
    /// Whether it may sleep while clients hold on to sessions that do nothing.
    pub hold: bool,
    /// How large it was when a gateway last looked; `None`: none has. Nobody but a gateway says so.
    pub size_bytes: Option<i64>,
}
