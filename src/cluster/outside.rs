//! A way to end a member's machine that does not need its agent.

use futures::future::BoxFuture;

use crate::failover::Member;

/// Whoever can end machines.
pub trait Outside: Send + Sync {
    /// Ends all that runs of a member. True says that nothing of it runs any more, and that nothing will but an agent that starts anew.
    fn end(&self, member: Member) -> BoxFuture<'_, bool>;
}

/// Where there is none.
#[derive(Debug, Default)]
pub struct Nothing;

impl Outside for Nothing {
    fn end(&self, _: Member) -> BoxFuture<'_, bool> {
        Box::pin(async { false })
    }
}
