//! Infrastructure as SQL: tables say what the cloud should be, the plan is a view, an engine makes it so.
//!
//! In reading order:
//! [`plan`] (pure) says what waits for what, [`failover`] (pure) who leads a cluster; [`durability`] what a commit survives; [`postgres`] by which engine a database is run; [`resource`] what a resource is; [`seal`] has the engine's keys, [`password`] what is kept of
//! passwords, [`authority`] signs certificates of this machine; [`aws`] knows Amazon's services, [`served`] the gateway's book; [`database`] a user's database from inside; [`engine`] brings them
//! together; [`control`] knows which databases there are; [`worker`] when things happen; [`http`] is the door to it; [`node`] runs databases that
//! sleep, [`store`] keeps their files in a bucket, [`gateway`] is the door to them; [`cluster`] has several servers of which one leads, and [`keeper`] leads those that are rows; [`local`] runs Postgres and a cloud on this machine, [`machines`] what
//! would run on Fly.

pub mod authority;
pub mod aws;
pub mod causes;
pub mod cluster;
pub mod config;
pub mod control;
pub mod database;
mod der;
pub mod descriptors;
pub mod durability;
pub mod engine;
pub mod failover;
pub mod fly;
pub mod gateway;
pub mod http;
pub mod keeper;
pub mod local;
pub mod machines;
pub mod node;
pub mod password;
pub mod plan;
pub mod postgres;
mod public;
pub mod resource;
pub mod schema;
pub mod seal;
mod seats;
pub mod served;
pub mod shutdown;
pub mod store;
pub mod telemetry;
pub mod tigris;
pub mod worker;
