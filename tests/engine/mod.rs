//! The loop, end to end: rows of a real Postgres, a real engine, and a local cloud.

mod adoption;
mod buckets;
mod buckets_at_rest;
mod container_images;
mod disks;
mod every_module;
mod found_again;
mod functions;
mod iam;
mod images;
mod imports;
mod limits;
mod machines;
mod network;
mod network_ways;
mod objects;
mod rds;
mod rds_groups;
mod regions;
mod secrets;
mod security_groups;
mod throttled;
mod transactions;
mod way;
mod web_services;
mod world;
mod written;

pub(crate) use world::World;
