//! A database's files in a bucket: against the local cloud's S3, against a folder, and against a store that fails whenever it likes.

mod branches;
mod chance;
mod cluster;
mod collect;
mod damage;
pub(crate) mod faulty;
mod folders;
mod follow;
mod log;
mod open;
mod partition;
mod place;
mod postgres;
mod race;
mod versions;
