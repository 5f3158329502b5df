//! rds
