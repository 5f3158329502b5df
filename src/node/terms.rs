//! On what terms a database is run: what happens when nobody uses it, and what becomes of its commits when this node is lost.

use std::time::Duration;

use super::Idle;

/// How safe a commit is against the loss of the node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// What was committed since its files were put on the shelf is on this disk only.
    #[default]
    Pause,
    /// What was committed longer ago than this is on the shelf. Nobody waits for it.
    Interval(Duration),
    /// A commit returns when it is on the shelf.
    Sync,
}

/// On what terms a database is run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// What happens after the last session.
    pub idle: Idle,
    /// How safe commits are. Another one than before counts from the next start of its server on.
    pub durability: Durability,
}

impl From<Idle> for Terms {
    fn from(idle: Idle) -> Self {
        Self { idle, durability: Durability::Pause }
    }
}
