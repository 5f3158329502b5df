//! Clusters of Postgres that engines lead.

pub(super) mod cluster;
pub(super) mod member;
