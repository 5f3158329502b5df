//! What stands in for the world on this machine: a Postgres server of one's own, and a cloud that is an emulator.

mod emulator;
mod error;
mod helper;
mod home;
mod installed;
mod lock;
mod pidfile;
mod postgres;
mod tools;
mod wire;

use std::net::TcpListener;

pub use emulator::Emulator;
pub use error::Error;
pub use helper::help;
pub(crate) use home::server_user;
pub(crate) use installed::fitting as installation;
pub(crate) use lock::{LOCK, claim};
pub use postgres::{LocalPostgres, Options};
pub use tools::tools;

/// The first port from `preferred` on that nobody listens on, within the next hundred; any free one after that.
pub fn free_port(preferred: u16) -> u16 {
    (preferred..=preferred.saturating_add(100)).find(|port| bind(*port).is_some()).or_else(|| bind(0)).unwrap_or(preferred)
}

fn bind(port: u16) -> Option<u16> {
    TcpListener::bind(("127.0.0.1", port)).ok()?.local_addr().ok().map(|address| address.port())
}
