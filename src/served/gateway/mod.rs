//! The gateway's own tables.

pub(super) mod database;
