//! What can go wrong between a database's folder and its bucket, in sentences that say what was tried.

use std::path::PathBuf;

/// Why files were not stored, or not brought back.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a name that may be a part of a key.
    #[error("{0:?} is no name of a database or a pin: 1 to 63 of a to z, 0 to 9 and -")]
    Name(String),
    /// The address of a bucket that is none.
    #[error("{url} is no address of a store: s3://bucket/prefix, or file:///folder ({why})")]
    Address {
        /// As it was given.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// A bucket where two writers could both be first.
    #[error(
        "the store {0} lets an object be made twice (it ignores If-None-Match): two nodes could write one database there, so it is not used"
    )]
    NoConditions(String),
    /// The bucket said no, or nothing.
    #[error("could not {doing} {key} in the store")]
    Bucket {
        /// What was tried.
        doing: &'static str,
        /// With which object.
        key: String,
        /// What was said to it.
        #[source]
        source: Box<object_store::Error>,
    },
    /// The disk said no.
    #[error("could not {doing} {}", .path.display())]
    Disk {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// An object that is not what we wrote.
    #[error("{key} in the store is broken: {why}")]
    Broken {
        /// Which object.
        key: String,
        /// What is wrong with it.
        why: String,
    },
    /// An object of a later iasql.
    #[error("{key} is in a format that this iasql does not know ({found}): use a newer one")]
    Format {
        /// Which object.
        key: String,
        /// How it calls itself.
        found: String,
    },
    /// Something in a folder that a version can't hold.
    #[error("{path} is {what}, which can't be stored: only plain files and folders with names in UTF-8 can")]
    Kind {
        /// Which one, from the folder on.
        path: String,
        /// What it is.
        what: &'static str,
    },
    /// The folder is no cluster that has stopped.
    #[error("the files in {} can't be stored: {why}", .folder.display())]
    NotStopped {
        /// The data folder.
        folder: PathBuf,
        /// What shows it.
        why: String,
    },
    /// There is no template to tell the difference to.
    #[error("there is no template of PostgreSQL {major} here, as {} makes it", .engine.word())]
    NoTemplate {
        /// Who makes such folders.
        engine: Engine,
        /// The major version.
        major: u32,
    },
    /// The version was made by another engine than its template.
    #[error("the version is {}'s, and stands on a template of {}", .version.word(), .template.word())]
    OtherEngine {
        /// Who made the version.
        version: Engine,
        /// Who made the template.
        template: Engine,
    },
    /// The version was stored as the difference to another template.
    #[error("the version stands on the template {wanted}, which is not here")]
    OtherTemplate {
        /// Its fingerprint.
        wanted: String,
    },
    /// The folder to fetch into is in use.
    #[error("{} is there already: a database is fetched into a folder that does not exist yet", .0.display())]
    Exists(PathBuf),
    /// More than the database may have.
    #[error("database {database} has {size} bytes and may have {quota}: nothing was stored")]
    Quota {
        /// Which one.
        database: Id,
        /// What its files have in all, in bytes.
        size: u64,
        /// What they may have, in bytes.
        quota: u64,
    },
    /// Somebody else writes the database by now.
    #[error("the lease on database {0} is lost: another node has taken it over, and nothing more is stored from here")]
    Lost(Id),
    /// Somebody else holds it.
    #[error(
        "database {database} is held by {by}: the newest object below {database}/lease in the store says so, and is renewed for as long as that lasts"
    )]
    Held {
        /// Which one.
        database: Id,
        /// Who holds it.
        by: String,
        /// Where that one is reached, as it says itself.
        address: Option<String>,
    },
    /// Of what OrioleDB keeps in the bucket, nothing can be gone on with.
    #[error("of what OrioleDB has put into the store for database {database} no checkpoint is whole: checkpoint {number} lacks {lacks}")]
    Incomplete {
        /// Which one.
        database: Id,
        /// The newest checkpoint.
        number: u32,
        /// What of it is not there.
        lacks: String,
    },
    /// Another OrioleDB works, or has worked, on the same objects.
    #[error(
        "the objects of database {database} have the lock {lock} of an OrioleDB that no iasql has started: it is the object {key}, and its age says since when. Stop that one, or remove the object where it is gone"
    )]
    Locked {
        /// Which one.
        database: Id,
        /// What stands in the lock.
        lock: u64,
        /// Which object that is.
        key: String,
    },
    /// A version that is not there, or on its way out.
    #[error("database {database} has no version {number}")]
    NoVersion {
        /// Which one.
        database: Id,
        /// The version's number.
        number: u64,
    },
    /// A pin that is not there.
    #[error("database {database} has no pin {name}")]
    NoPin {
        /// Which one.
        database: Id,
        /// The pin's name.
        name: Id,
    },
    /// A name that is taken by something else.
    #[error("the name {0} is taken")]
    Taken(Id),
    /// The database was deleted.
    #[error("database {0} is deleted")]
    Deleted(Id),
    /// There is nothing in it yet.
    #[error("database {0} has no version yet")]
    Empty(Id),
    /// What stands in a log would be lost.
    #[error("what the log of database {0} has is in no version yet: it has to be fetched, recovered and stored first")]
    OpenLog(Id),
    /// A thread of ours ended without an answer.
    #[error("the work on {0} ended without an answer")]
    Thread(String),
}

use super::Id;
use crate::postgres::Engine;

/// What is tried when an object is to be made.
pub(super) const MAKE: &str = "make";

impl Error {
    /// Whether the bucket itself is not there: where nothing can be made, its name is that of none.
    pub fn lacks_bucket(&self) -> bool {
        matches!(self, Self::Bucket { doing: MAKE, source, .. } if matches!(**source, object_store::Error::NotFound { .. }))
    }

    pub(super) fn disk(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Disk { doing, path, source }
    }

    pub(super) fn bucket(doing: &'static str, key: &str) -> impl FnOnce(object_store::Error) -> Self {
        let key = key.to_owned();
        move |source| Self::Bucket { doing, key, source: Box::new(source) }
    }

    pub(super) fn broken(key: &str, why: impl ToString) -> Self {
        Self::Broken { key: key.to_owned(), why: why.to_string() }
    }
}
