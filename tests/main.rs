//! All tests that need more than one function: one binary, so that one Postgres and one cloud serve them all.

mod attacks;
mod aws;
mod chaos;
mod cli;
mod comments;
mod compose;
mod control;
mod crash;
mod engine;
mod faults;
mod fuzz;
mod history;
mod house;
mod http;
mod local;
mod loops;
mod on_iasql;
mod plan;
mod psql;
mod readme;
mod rollout;
mod schema;
mod schema_procs;
mod secrets;
mod support;
