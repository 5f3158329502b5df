//! A cluster: Postgres servers of which one leads and the others follow, each with an agent that obeys, and controllers that decide.
//!
//! In reading order: [`Sheet`] is the file that says who there is; `book` holds the record and the lease in a bucket; `agent` is a member with its
//! server (`server`, `home`, `tools`), `seen` what it sees of it and `resting` where a stopped one ends, `obey` what it does when it is told to, `lead` how
//! it comes to lead, `tenure` until when it may, `door` how clients get through to it, `http` how controllers do; [`Controller`] looks (`look`), has
//! [`failover::decide`](crate::failover::decide) say what is to be done, and has it done.

mod agent;
mod book;
mod control;
mod door;
mod error;
mod home;
mod http;
mod lead;
mod look;
mod obey;
mod resting;
mod run;
mod seen;
mod server;
mod sheet;
mod tenure;
mod tools;
mod wire;

pub use book::{Lease, State};
pub use control::{Controller, Nothing, Outside, Shown};
pub use error::Error;
pub use run::member;
pub use sheet::{Peer, Sheet};
