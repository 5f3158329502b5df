//! Of the book, the versions in the bucket, and which of them are kept.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Told;

/// The versions of what is served for one user's database, and the pins on them.
pub trait Versions: Send + Sync {
    /// All versions, as gateways have told of them.
    fn versions(&self) -> Told<'_, Vec<Version>>;
    /// All pins.
    fn pins(&self) -> Told<'_, Vec<Pin>>;
    /// Has a gateway keep a version; answers for the pin's id, and for that of before where this owner has made it already.
    ///
    /// Fails with [`Kind::Invalid`](crate::resource::Kind::Invalid), and for good, where there is another pin of that name.
    fn make_pin<'a>(&'a self, pin: &'a Pin) -> Told<'a, Uuid>;
    /// Changes whose it is.
    fn change_pin<'a>(&'a self, id: Uuid, owner: &'a str) -> Told<'a, ()>;
    /// Has a gateway let go of it. That it is gone already is no failure.
    fn remove_pin(&self, id: Uuid) -> Told<'_, ()>;
}

/// A version of a database, as it lies in the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The database's domain.
    pub domain: String,
    /// The database's name below that.
    pub label: String,
    /// Later ones are higher.
    pub number: i64,
    /// What made it.
    pub kind: String,
    /// When.
    pub made_at: DateTime<Utc>,
    /// Which gateway, by its name in leases.
    pub made_by: String,
    /// All files together.
    pub size_bytes: i64,
    /// What of the bucket it stands on.
    pub stored_bytes: i64,
}

/// A pin on a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// What it is called in the bucket; nil where it is not made yet.
    pub pin: Uuid,
    /// The database's id.
    pub id: Uuid,
    /// The database's domain.
    pub domain: String,
    /// What its row calls it.
    pub name: String,
    /// The ownership tag.
    pub owner: String,
    /// The version; `None`: the newest there is when a gateway comes to it.
    pub number: Option<i64>,
    /// `wanted`, `pinned`, or why it is not.
    pub state: String,
}
