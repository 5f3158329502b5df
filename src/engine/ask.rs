//! What the engine can be asked for.

use serde::Serialize;
use uuid::Uuid;

use super::Progress;
use crate::plan::Fingerprint;

/// What the engine can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Read the cloud, and change nothing.
    Refresh,
    /// Read the cloud and say what would be done.
    Plan,
    /// Carry out the plan as it stands, without reading the cloud again first.
    Apply,
    /// Read, plan and apply, until nothing is left to do.
    Check,
    /// Read the cloud, and make rows of what is in none.
    Import,
    /// Read the cloud and carry out the plan if it is this one, and no other.
    Approved(Fingerprint),
}

impl Kind {
    /// The word for it in every table.
    pub fn word(self) -> &'static str {
        match self {
            Self::Refresh => "refresh",
            Self::Plan => "plan",
            Self::Apply => "apply",
            Self::Check => "check",
            Self::Import => "import",
            Self::Approved(_) => "approved",
        }
    }

    /// Whether it changes anything in the cloud.
    pub fn acts(self) -> bool {
        matches!(self, Self::Apply | Self::Check | Self::Approved(_))
    }
}

/// Somebody's wish for a run.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The run's id. One that waited for something slow is gone on with under the same id.
    pub run: Uuid,
    /// What for.
    pub kind: Kind,
    /// Who asked, for the record.
    pub asked_by: String,
}

/// Gets told how a run goes.
pub type Watch<'a> = dyn Fn(Progress) + Send + Sync + 'a;
