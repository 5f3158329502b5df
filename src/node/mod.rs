//! Databases of this machine, each a folder and a Postgres of its own: asleep until somebody knocks, and asleep again after the last one left.
//!
//! In reading order: [`Node`] is the list of what one can ask for; `wake` and `rest` are the way up and the way down, one step at a time, of
//! which `database` keeps the state; `durable` is how one comes up whose commits outlive the node, `wal` the way of its log, `replica` how one runs that only reads another one's; `instance` is a
//! running server, `start` how it comes up, `engine` what it is, `pglite` the one in WebAssembly, `orioledb` the one whose tables lie in a bucket, `tree` its processes, `leftover` what a killed node left; `home` the folders, `template` what new ones
//! are copied from, `spare` the copy for the next one; [`Shelf`] is where files go in the end. [`Side`] is a cluster beside them, `apart` how it
//! has no network, `accept` how it becomes a database, `backup` how one that runs becomes such a cluster.

mod accept;
mod apart;
mod backup;
mod control;
mod copy;
mod cut;
mod database;
mod durable;
mod engine;
mod error;
mod home;
mod instance;
mod keeper;
mod leftover;
mod list;
mod make;
mod orioledb;
mod pglite;
mod replica;
mod rest;
mod roles;
mod shelf;
mod side;
mod size;
mod spare;
mod start;
mod template;
mod terms;
pub(crate) mod tree;
mod wake;
mod wal;
mod words;

pub use database::{Idle, Tier};
pub use error::Error;
pub use list::{Node, Options, Status};
pub use orioledb::Orioledb;
pub use roles::{First, Login, Verifier};
pub use shelf::{FolderShelf, Follow, Log, Piece, Shelf, ShelfError};
pub use side::Side;
pub use template::bring_along;
pub(crate) use template::{shown, taken};
pub use terms::{Durability, Engine, Terms};
pub use wake::Session;

/// The number in a socket's name, `.s.PGSQL.5432`. Nobody listens on a port.
pub const PORT: u16 = 5432;
