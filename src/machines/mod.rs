//! The Machines API of Fly on this machine: the same requests and refusals, over real processes or containers. For development; the fleet is Fly's.
//!
//! In reading order: `config` says what a machine is to be, `machine`, `app` and `volume` what is kept of each, `world` keeps them all;
//! `life` decides what happens to a machine next, `launch` has it run, and `backend` says what of that is done in two ways: in `native` a
//! machine is processes, and `init` the one that stands above them and outlives us; in `docker` it is a container. `door` lets requests in, `api` answers them.
//! `proxy` leads clients to the services that `service` reads, where it is wanted.

mod api;
mod app;
mod backend;
mod checks;
mod config;
mod docker;
mod door;
mod error;
mod file;
mod given;
mod guest;
mod home;
mod ids;
mod image;
mod init;
mod launch;
mod life;
mod log;
mod machine;
mod native;
mod pace;
mod places;
mod process;
mod proxy;
mod refusal;
mod said;
mod serve;
mod service;
mod tree;
mod volume;
mod world;

pub use error::Error;
pub use init::help;
pub use proxy::Services;
pub use serve::{Machines, Options};
