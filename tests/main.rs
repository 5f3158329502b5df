//! All tests that need more than one function: one binary, so that one Postgres and one cloud serve them all.

mod aws;
mod control;
mod house;
mod local;
mod support;
