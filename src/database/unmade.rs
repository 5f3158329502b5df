//! Why a user's database could not be made.

use super::{modules, server::Failed};
use crate::schema;

/// Why a database could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A module can't be had.
    #[error(transparent)]
    Module(#[from] modules::Error),
    /// A schema can't be laid: then it left nothing.
    #[error(transparent)]
    Schema(#[from] schema::Error),
    /// A step failed; the next setup goes on from there.
    #[error(transparent)]
    Step(#[from] Failed),
}
