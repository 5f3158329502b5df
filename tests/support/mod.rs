//! What every test stands on: one Postgres server and one local cloud for the whole run, an account of its own for each test.

pub(crate) mod calls;
mod cloud;
pub(crate) mod faults;
mod gates;
mod keys;
mod ports;
mod refusals;
mod rest;
mod servers;
mod way;

pub(crate) use calls::Calls;
pub(crate) use cloud::{Account, account, account_in};
pub(crate) use gates::{Moment, Which};
pub(crate) use keys::{key_file, key_text, keyed, keys, new_key};
pub(crate) use ports::free_port;
pub(crate) use servers::{binary, database_name, endpoint, installed, postgres, unprivileged, venv, whole_endpoint};
pub(crate) use way::{Way, run};
