//! How a gateway stops: first nobody new, then those who have nothing begun, and in the end everybody.

use tokio_util::sync::CancellationToken;

/// What a session hears of the end.
#[derive(Clone, Debug)]
pub(super) struct Drain {
    /// Idle sessions end.
    pub(super) begun: CancellationToken,
    /// All end.
    pub(super) over: CancellationToken,
}

impl Drain {
    /// One of its own for a session, so that thousands don't wait in line for the same lock.
    pub(super) fn child(&self) -> Self {
        Self { begun: self.begun.child_token(), over: self.over.child_token() }
    }
}
