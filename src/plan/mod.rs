//! What is to be done and in which order. No database, no cloud, no clock.

mod approved;
mod change;
mod fingerprint;
mod graph;
mod guard;

pub use approved::{Approved, ApprovedStep};
#[cfg(test)]
pub(crate) use change::a_step;
pub use change::{Action, Counts, Step};
pub use fingerprint::{Fingerprint, NoFingerprint};
pub use graph::{Cycle, Graph, Node, Op};
pub use guard::{FEW, Limits, deletions, refusals};
