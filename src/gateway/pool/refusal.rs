//! What a client of a pooler is told when it is let down, with what helps.

/// Why a session or a statement ends without its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::gateway) enum LetDown {
    /// Nobody takes writes, and that has gone on for too long.
    #[error("no primary could be reached in time")]
    NoPrimary,
    /// All sessions with the server are taken, and that has gone on for too long.
    #[error("no session with the server became free in time")]
    Full,
    /// The server went away in the middle of it.
    #[error("the server was lost before its answer was complete")]
    Lost,
    /// The server has ended the session itself.
    #[error("terminating connection due to administrator command at the server")]
    Ended,
    /// Another one is the primary by now, or it took too long for one to become it.
    #[error("the session's server is not the primary any more")]
    Cut,
    /// A walsender has no place in a pool.
    #[error("replication does not go through a pooler")]
    Replication,
    /// A database that is not here.
    #[error("no such database is served here")]
    Database,
    /// A statement to be kept that is larger than any.
    #[error("a statement of more than 16 MB can't be prepared through a pooler")]
    Large,
}

impl LetDown {
    pub(in crate::gateway) fn sqlstate(self) -> &'static str {
        match self {
            Self::NoPrimary => "57P03",
            Self::Full => "53300",
            Self::Lost => "08006",
            Self::Cut | Self::Ended => "57P01",
            Self::Replication => "0A000",
            Self::Database => "3D000",
            Self::Large => "54000",
        }
    }

    pub(in crate::gateway) fn hint(self) -> &'static str {
        match self {
            Self::NoPrimary => "Try again in a moment: another member is made the primary.",
            Self::Full => "Keep transactions short, or have the pooler's --pool-size raised.",
            Self::Lost => "Connect again, and look whether what was not answered is there.",
            Self::Cut | Self::Ended => "Connect again: what was not committed is not there, and whoever is the primary takes it.",
            Self::Replication => "Connect to a member itself.",
            Self::Database => "Name the database that the pooler is before, as in dbname=main.",
            Self::Large => "Send it as a simple query, or in parts.",
        }
    }
}
