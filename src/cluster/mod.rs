//! A cluster: Postgres servers of which one leads and the others follow, each with an agent that obeys, and controllers that decide.
//!
//! In reading order: [`Site`] is a cluster for whoever belongs to it, [`Wanted`] what it should be; `book` holds the record and the lease in a bucket, `registry`
//! where everybody is; `agent` is a member with its server (`server`, `home`, `tools`) and what it shows to others (`identity`), `seen` what it sees of its server,
//! `pulse` whether that answers and `resting` where a stopped one ends, `obey` what it does when it is told to, `salvage` how it gets the rest of another one's
//! log, `lead` how it comes to lead and `promise` how it goes on while the bucket is away, `furnish` what it has then, `backup` how it is kept elsewhere as well, `tenure` until when it may, `hand_over` how it ends,
//! `bootstrap` what a cluster that is new begins with, `door` how clients get through to it, `http` how controllers do; [`Controller`] looks (`look`), has
//! [`failover::decide`](crate::failover::decide) say what is to be done, and has it done, by members (`errands`), from outside where an agent is silent
//! ([`Outside`]), and by `poolers`; [`Shown`] is what it knows. [`Seat`] is a pooler's place in the cluster.

mod agent;
pub mod backup;
mod book;
mod bootstrap;
mod client;
mod control;
mod door;
mod errands;
mod error;
mod eyes;
mod furnish;
mod hand_over;
mod home;
mod http;
mod identity;
mod lead;
mod look;
mod obey;
mod outside;
mod poolers;
mod promise;
mod pulse;
mod registry;
mod resting;
mod run;
mod salvage;
mod seat;
mod seen;
mod server;
mod shown;
mod site;
mod tenure;
mod tools;
mod wanted;
mod wire;

pub use book::{Change, Lease, State};
pub use bootstrap::template;
pub use control::Controller;
pub use error::Error;
pub use identity::used_for;
pub use outside::{Nothing, Outside};
pub use registry::{Addresses, Peer, PoolerPlace};
pub use run::member;
pub use seat::{Seat, Served};
pub use shown::{Shown, ShownPooler};
pub use site::{MEMBER, POOLER, Site};
pub use wanted::Wanted;
