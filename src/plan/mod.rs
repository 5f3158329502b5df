//! What is to be done and in which order. No database, no cloud, no clock.

mod change;
mod graph;
mod guard;

pub use change::{Action, Counts, Step};
pub use graph::{Cycle, Graph, Node, Op};
pub use guard::{Limits, refusal};
