//! Why a database that is a replica of another one can't be read, as its client is told.

/// Why a replica can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// There is no bucket, from where it is read.
    #[error("the database is a replica of {0}, and this gateway has no bucket to read that from")]
    NoBucket(String),
    /// The other one is not stored yet.
    #[error("the database is a replica of {0}, of which nothing is stored yet")]
    Unstored(String),
    /// The other one is deleted, or is another one by now.
    #[error("the database is a replica of {0}, which is not there")]
    Gone(String),
}

impl Unread {
    /// Its SQLSTATE, of the [error codes](https://www.postgresql.org/docs/current/errcodes-appendix.html): `cannot_connect_now` where it passes by itself,
    /// else `object_not_in_prerequisite_state`.
    pub(super) fn sqlstate(&self) -> &'static str {
        match self {
            Self::Unstored(_) => "57P03",
            Self::NoBucket(_) | Self::Gone(_) => "55000",
        }
    }

    /// What would be right.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::NoBucket(_) => "Whoever runs the gateway names a bucket with --bucket.",
            Self::Unstored(_) => {
                "Use that one first. It is stored some time after its last session has ended; with durability interval or sync as soon as it is made."
            }
            Self::Gone(_) => "Write the row anew, with another database that is there.",
        }
    }
}
