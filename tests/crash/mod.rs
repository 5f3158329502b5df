//! Engines as real processes that are killed and frozen at instants of the tests' choosing.

mod engine;
mod freezes;
mod kills;
mod setups;
mod site;

pub(crate) use engine::Engine;
pub(crate) use site::{Site, until};
