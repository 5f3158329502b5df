//! What a run tells while it goes, and how it ends.

use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use super::Imported;
use crate::plan::{Action, Counts, Fingerprint, Step};

/// One thing that a run tells while it goes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are what their names say; the variants are documented")]
pub enum Progress {
    /// It begins to read the cloud.
    Refreshing { listings: usize },
    /// It has read the cloud.
    Refreshed { resources: usize, rows: u64, millis: u64 },
    /// It can't see one resource type in one region.
    Blind { resource: String, region: String, said: String },
    /// What was in no row has become rows, as far as that went.
    Imported { things: usize, left: usize },
    /// It has a plan.
    Planned { create: usize, adopt: usize, update: usize, replace: usize, delete: usize, wait: usize, unmanaged: usize, blocked: usize },
    /// It begins a call.
    Started { resource: String, region: Option<String>, name: String, action: &'static str },
    /// A call has ended.
    Finished { resource: String, region: Option<String>, name: String, action: &'static str, millis: u64, error: Option<String> },
    /// The cloud is still busy with something.
    Waiting { resource: String, name: String, status: String },
}

impl Progress {
    /// Tells of a plan.
    pub(super) fn planned(counts: &Counts) -> Self {
        Self::Planned {
            create: counts.get(Action::Create),
            adopt: counts.get(Action::Adopt),
            update: counts.get(Action::Update),
            replace: counts.get(Action::Replace),
            delete: counts.get(Action::Delete),
            wait: counts.get(Action::Wait),
            unmanaged: counts.get(Action::Unmanaged),
            blocked: counts.blocked,
        }
    }
}

/// How far a run came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing is left that it could do.
    Done,
    /// What is left has failed, and the errors say why.
    Failed,
    /// The cloud is slow with something; the run is to be gone on with.
    Waiting,
    /// A guard refused the plan before anything was changed.
    Refused,
}

impl State {
    /// The word for it in every table.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
            Self::Refused => "refused",
        }
    }
}

/// How a run ended.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// The run.
    pub run: Uuid,
    /// How far it came.
    pub state: State,
    /// How many changes were made.
    pub applied: usize,
    /// How many failed.
    pub failed: usize,
    /// What went wrong, a sentence each.
    pub errors: Vec<String>,
    /// What could not be seen, a sentence each.
    pub blind: Vec<String>,
    /// What became of the things that were in no row, where they were to become rows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub imported: Vec<Imported>,
    /// What the user's policies complain about, a sentence each: nothing is applied before they are content.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub complaints: Vec<String>,
    /// What the plan is known by, where one was asked for: whoever approves it says this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// What is left of the plan, or (for a plan) what would be done.
    pub plan: Vec<Step>,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// When to go on, where something is to be waited for.
    #[serde(skip)]
    pub retry_in: Option<Duration>,
}
