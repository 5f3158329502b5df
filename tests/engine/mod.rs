//! The loop, end to end: rows of a real Postgres, a real engine, and a local cloud.

mod adoption;
mod buckets;
mod buckets_at_rest;
mod found_again;
mod imports;
mod limits;
mod machines;
mod network;
mod rds;
mod rds_groups;
mod regions;
mod secrets;
mod security_groups;
mod way;
mod world;
mod written;

pub(crate) use world::World;
