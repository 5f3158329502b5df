//! What is to be done and in which order. No database, no cloud, no clock.

mod change;
mod graph;
mod guard;

#[cfg(test)]
pub(crate) use change::a_step;
pub use change::{Action, Counts, Step};
pub use graph::{Cycle, Graph, Node, Op};
pub use guard::{Limits, refusal};
