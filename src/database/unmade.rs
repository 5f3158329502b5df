//! Why a user's database could not be made.

use super::{modules, server::Failed};

/// Why a database could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A module can't be had or installed.
    #[error(transparent)]
    Module(#[from] modules::Error),
    /// A step failed; the next setup goes on from there.
    #[error(transparent)]
    Step(#[from] Failed),
}
