//! The Machines API of Fly on this machine: the same requests and refusals, over real processes. For development; the fleet is Fly's.
//!
//! In reading order: `config` says what a machine is to be, `machine`, `app` and `volume` what is kept of each, `world` keeps them all;
//! `life` decides what happens to a machine next, `launch` makes it a process, `init` is the process that stands above it and outlives
//! us; `door` lets requests in, `api` answers them.

mod api;
mod app;
mod checks;
mod config;
mod door;
mod error;
mod file;
mod guest;
mod home;
mod ids;
mod image;
mod init;
mod launch;
mod life;
mod log;
mod machine;
mod pace;
mod places;
mod process;
mod refusal;
mod said;
mod serve;
mod tree;
mod volume;
mod world;

pub use error::Error;
pub use init::help;
pub use serve::{Machines, Options};
