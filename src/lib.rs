//! Infrastructure as SQL: tables say what the cloud should be, the plan is a view, an engine makes it so.
//!
//! In reading order:
//! [`plan`] (pure) says what waits for what; [`resource`] what a resource is; [`seal`] has the engine's keys; [`aws`] knows Amazon's services;
//! [`database`] a user's database from inside; [`engine`] brings them together; [`control`] knows which databases there
//! are; [`worker`] when things happen; [`http`] is the door to it; [`local`] runs Postgres and a cloud on this machine;
//! [`node`] many small Postgres servers that sleep.

pub mod aws;
pub mod causes;
pub mod config;
pub mod control;
pub mod database;
pub mod engine;
pub mod http;
pub mod local;
pub mod node;
pub mod plan;
pub mod resource;
pub mod schema;
pub mod seal;
pub mod shutdown;
pub mod telemetry;
pub mod worker;
