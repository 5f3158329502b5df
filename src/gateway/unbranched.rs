//! Why a database that is to begin as a branch does not, as its client is told.

/// Why a database that is to begin as a branch does not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unbranched {
    /// There is no bucket, where versions are.
    #[error("the database begins as a branch of {0}, and this gateway has no bucket to take that from")]
    NoBucket(String),
    /// The other one is not stored, or was not when it was looked at.
    #[error("the database begins as a branch of {0}, of which nothing is stored yet")]
    Unstored(String),
    /// The other one has not that version, or not any more.
    #[error("the database begins as a branch of version {number} of {of}, which is not there")]
    NoVersion {
        /// The name of the other one.
        of: String,
        /// The version's number.
        number: u64,
    },
    /// The other one was deleted before this was first called, and its files are gone.
    #[error("the database begins as a branch of {0}, whose files are gone")]
    Gone(String),
}

impl Unbranched {
    /// Its SQLSTATE, of the [error codes](https://www.postgresql.org/docs/current/errcodes-appendix.html): `cannot_connect_now` where it passes by itself,
    /// else `object_not_in_prerequisite_state`.
    pub(super) fn sqlstate(&self) -> &'static str {
        match self {
            Self::Unstored(_) => "57P03",
            Self::NoBucket(_) | Self::NoVersion { .. } | Self::Gone(_) => "55000",
        }
    }

    /// What would be right.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::NoBucket(_) => "Whoever runs the gateway names a bucket with --bucket.",
            Self::Unstored(_) => {
                "Use that one first. It is stored some time after its last session has ended, or now where it is on this gateway."
            }
            Self::NoVersion { .. } => {
                "Its versions are in observed.gateway_version: write the row anew with one of them, or without branch_version."
            }
            Self::Gone(_) => "Write the row anew: with another database that is there, or without branch_of for an empty one.",
        }
    }
}
