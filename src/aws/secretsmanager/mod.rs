//! secretsmanager
