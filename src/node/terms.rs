//! On what terms a database is run: what happens when nobody uses it, and what becomes of its commits when this node is lost.

use uuid::Uuid;

use super::Idle;
pub use crate::{durability::Durability, postgres::Engine};

/// On what terms a database is run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// What happens after the last session.
    pub idle: Idle,
    /// How safe commits are. Another one than before counts from the next start of its server on.
    pub durability: Durability,
    /// By what it is run: what is made is made for it, and files of another one are not run.
    pub engine: Engine,
    /// Which other database's files it only reads. `None`: it has its own.
    pub replica_of: Option<Uuid>,
}

impl From<Idle> for Terms {
    fn from(idle: Idle) -> Self {
        Self { idle, ..Self::default() }
    }
}
