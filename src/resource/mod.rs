//! What a resource is: one row of one table, and how to make it true. Knows no cloud and no database.

mod error;
mod observed;
mod registry;
mod secret;

use std::future::Future;

use serde::{Serialize, de::DeserializeOwned};

pub(crate) use error::gone;
pub use error::{Error, Kind};
pub use observed::Observed;
pub use registry::{Answer, Change, Driver, Registry};
pub use secret::Secret;

/// One row of one resource table, and how to make it true in the cloud.
///
/// The fields are the columns of the table of the same name. In every value that passes through this trait a
/// reference holds the *cloud's id* of what it refers to (`subnet.vpc` is `vpc-0a1b…`, never the row's name), and a
/// table marked `@part` stands folded in its owner as one sorted list. The engine translates both ways.
pub trait Resource: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The table, qualified: `ec2.vpc`. Its first half is the service, by which calls are limited.
    const TABLE: &'static str;
    /// Whether the cloud keeps these by region.
    const SCOPE: Scope = Scope::Regional;
    /// Whether one listing tells all there are.
    const READS: Reads = Reads::All;
    /// In which other tables a change of it shows: they are read again, in the same run, before anything more is done.
    const SHOWS_IN: &'static [&'static str] = &[];
    /// What it takes to talk to the cloud about it, already at the right region.
    type Cloud: Cloud;

    /// Lists what the cloud has. `named` is empty unless [`READS`](Self::READS) is [`Reads::Named`].
    ///
    /// A secret's value is never read back: the field stays `None`.
    fn list(cloud: &Self::Cloud, named: &[Self]) -> impl Future<Output = Result<Vec<Observed<Self>>, Error>> + Send;

    /// Makes it, with the owner's tag in the same call, and answers how the cloud shows it.
    fn create(self, owner: &Owner, cloud: &Self::Cloud) -> impl Future<Output = Result<Observed<Self>, Error>> + Send;

    /// Turns `was` into `self` in place with as few calls as possible, and answers how the cloud shows it.
    ///
    /// A `None` in `self` asks for nothing. Where `was.owner` is not the owner's tag, the tag is set: so adopting is an
    /// update. Fields that cannot change in place are left alone, for a replacement was planned if they matter.
    fn update(self, was: Observed<Self>, owner: &Owner, cloud: &Self::Cloud) -> impl Future<Output = Result<Observed<Self>, Error>> + Send;

    /// Removes it; `self` is as it was observed. That it is gone already is no failure.
    ///
    /// Answers `None` when it is gone, and the row with [`Observed::pending`] set where the cloud takes its time.
    fn delete(self, cloud: &Self::Cloud) -> impl Future<Output = Result<Option<Observed<Self>>, Error>> + Send;
}

/// The way to a cloud's interface in one region.
pub trait Cloud: Clone + Send + Sync + 'static {
    /// The same account in another region. Cheap.
    #[must_use]
    fn at(&self, region: &str) -> Self;

    /// Fetches other credentials, where these are over; says whether there are any. [`at`](Self::at) answers with them from then on.
    fn renewed(&self) -> impl Future<Output = bool> + Send;
}

/// Where a service keeps its things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Listed once for every region in use.
    Regional,
    /// Listed once.
    Global,
}

/// How the cloud lets things be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// One listing, paged, tells all there are.
    All,
    /// Each must be asked for by its parent: only those that somebody manages are.
    Named,
}

/// Whose a thing in the cloud is, and which attempt at making it this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The value of the ownership tag: `<database>/<row_id>`.
    pub tag: String,
    /// Stays the same when the same attempt is repeated: a client token, where the cloud takes one. At most 36 characters.
    pub token: String,
}

impl Owner {
    /// The ownership tag's key, left out of every comparison of tags.
    pub const KEY: &'static str = "iasql:row";
}
