//! Secrets are sealed as they are written, opened for one call, and stand nowhere in between.

mod keys;
mod leaks;
mod parrot;
mod process;
mod sealing;
mod served;
