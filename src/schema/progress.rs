//! How an upgrade is made, and what is told of it meanwhile.

use std::time::Duration;

use super::Golden;

/// How an upgrade is made.
#[derive(Clone, Copy)]
pub struct How<'a> {
    /// Who runs the scripts and owns what they make; whoever is connected does the roles, ownership and grants. `None`: that one does all.
    pub owner: Option<&'a str>,
    /// Roles that look the same in every database though each has its own: `("shop_owner", ":owner")`.
    pub names: &'a [(&'a str, &'a str)],
    /// What the catalog must look like after each version; `None`: it is not compared.
    pub golden: Option<&'a Golden>,
    /// How long one try waits for a lock.
    pub lock_timeout: Duration,
    /// How long a version is tried again where somebody is in the way.
    pub patience: Duration,
    /// Hears how it goes.
    pub tell: &'a (dyn Fn(Progress) + Send + Sync),
}

impl Default for How<'_> {
    fn default() -> Self {
        let (lock_timeout, patience) = (Duration::from_secs(2), Duration::from_secs(60));
        Self { owner: None, names: &[], golden: None, lock_timeout, patience, tell: &drop }
    }
}

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The database is at this version now.
    Version {
        /// Which schema.
        schema: String,
        /// Its version.
        version: i32,
        /// Where it goes.
        to: i32,
    },
    /// Somebody was in the way, and it is tried again after a pause.
    Retry {
        /// Which schema.
        schema: String,
        /// How often it was tried.
        tries: u32,
        /// How long the pause is.
        pause: Duration,
    },
    /// A batch of an online migration is done.
    Online {
        /// Which schema.
        schema: String,
        /// The migration.
        migration: String,
        /// All rows so far.
        rows: i64,
        /// Whether nothing is left.
        done: bool,
    },
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// The version before.
    pub from: i32,
    /// The version now.
    pub to: i32,
    /// The versions that were made or taken back here, in this order; those that somebody else made meanwhile are not among them.
    pub versions: Vec<i32>,
    /// The rows of online migrations that were done here.
    pub rows: i64,
}
