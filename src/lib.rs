//! Infrastructure as SQL.

pub mod aws;
pub mod resource;
