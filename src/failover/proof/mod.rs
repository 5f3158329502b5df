//! The proof by exhaustion: a small world, everything that can happen in it, and what must never be.
//!
//! Three members, a store, any number of engines (they remember nothing, so one that is slow is an act that lands late), a few commits and a few
//! faults. Time is counted in ticks, and a tick may come at any moment.

mod deliver;
mod explore;
mod happen;
mod look;
mod needed;
mod node;
mod scenes;
mod story;
mod world;
